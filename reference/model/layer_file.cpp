// See layer_file.h.
#include "reference/model/layer_file.h"

#include <algorithm>

#include "reference/core/error.h"
#include "reference/io/text.h"
#include "reference/layers/delta_family.h"
#include "reference/layers/delta_mixer.h"
#include "reference/model/config.h"
#include "reference/model/model_file.h"

namespace gdn2 {
namespace {

constexpr std::string_view first_name = "q_proj.weight";

/// The shapes of one layer's tensors, by their names without the prefix.
class Shapes {
public:
    Shapes(const io::Archive& archive, const std::string& prefix) : archive_(archive), prefix_(prefix) {}

    bool has(const std::string& name) const { return archive_.find(prefix_ + name) != nullptr; }

    /// Size `axis` of a tensor of `rank` axes. Throws Error when it is missing or has another rank.
    Index size(const std::string& name, std::size_t rank, std::size_t axis) const {
        const Shape& shape = archive_.at(prefix_ + name).shape;
        require(shape.size() == rank, io::quote(prefix_ + name) + " must have " + std::to_string(rank) +
                                          " axes, got shape " + to_string(shape));
        require(shape[axis] > 0, io::quote(prefix_ + name) + " is empty");
        return shape[axis];
    }
    Index rows(const std::string& name) const { return size(name, 2, 0); }

    /// Old files have [1, 1, heads, 1].
    Index numbers(const std::string& name) const { return element_count(archive_.at(prefix_ + name).shape); }

    /// How many numbers of `name` there are to each of `head`.
    Index numbers_each(const std::string& name, const std::string& head) const {
        const Index all = numbers(name), heads = numbers(head);
        require(heads > 0 && all > 0 && all % heads == 0,
                io::quote(prefix_ + name) + " must have as many numbers to each of the " + std::to_string(heads) +
                    " of " + io::quote(prefix_ + head) + ", got " + std::to_string(all));
        return all / heads;
    }

    /// The rows of `name` as whole heads of `dim`.
    Index heads_of(const std::string& name, Index dim) const {
        require(rows(name) % dim == 0, io::quote(prefix_ + name) + " must have a multiple of " + std::to_string(dim) +
                                           " rows, got " + std::to_string(rows(name)));
        return rows(name) / dim;
    }

private:
    const io::Archive& archive_;
    std::string prefix_;
};

std::string rule_of(const Shapes& shapes) {
    if (shapes.has("w_proj.weight")) return "gdn2";
    if (shapes.has("a_proj.weight")) return "gated_deltanet";
    if (shapes.has("A_log")) return "kda";
    return shapes.has("b_proj.weight") ? "deltanet" : "linear_attention";
}

/// How many heads q and k have. KDA's decays belong to value heads, but say a head's channels; Gated DeltaNet's do not.
Index key_heads_of(const MixerOptions& options, const Shapes& shapes) {
    if (options.rule == "gated_deltanet" || options.rule == "linear_attention") return options.value_heads;
    if (options.rule == "deltanet") return shapes.rows("b_proj.weight");
    if (options.rule != "kda") return shapes.numbers("A_log");
    const Index key_dim = shapes.numbers_each("dt_bias", "A_log"), heads = shapes.numbers("A_log");
    require(heads == options.value_heads, "`A_log` must have a number for each of the " +
                                              std::to_string(options.value_heads) + " value heads, got " +
                                              std::to_string(heads));
    return shapes.heads_of("q_proj.weight", key_dim);
}

void read_gates(const Shapes& shapes, MixerOptions& options) {
    options.decay_rank = shapes.has("f_proj.0.weight") ? shapes.rows("f_proj.0.weight") : 0;
    options.output_gate_rank = shapes.has("g_proj.0.weight") ? shapes.rows("g_proj.0.weight") : 0;
    options.output_gate = "none";
    if (shapes.has("g_proj.weight")) options.output_gate = "silu";
    if (options.output_gate_rank > 0) options.output_gate = "sigmoid";
}

/// All that shapes say.
MixerOptions options_of_shapes(const Shapes& shapes, const LayerReading& reading) {
    MixerOptions options;
    options.rule = reading.rule.value_or(rule_of(shapes));
    require(is_delta_rule(options.rule), "`rule` must be one of the delta family, got " + options.rule);
    options.d_model = shapes.size("q_proj.weight", 2, 1);
    options.value_dim = shapes.numbers("o_norm.weight");
    options.value_heads = shapes.heads_of("v_proj.weight", options.value_dim);
    options.heads = reading.heads.value_or(key_heads_of(options, shapes));
    require(options.heads > 0 && shapes.rows("q_proj.weight") % options.heads == 0,
            "`q_proj.weight` must have a multiple of " + std::to_string(options.heads) + " rows, as many to each head, "
                "got " + std::to_string(shapes.rows("q_proj.weight")));
    require(options.value_heads % options.heads == 0,
            "`v_proj.weight` has " + std::to_string(options.value_heads) + " heads of " +
                std::to_string(options.value_dim) + " values, no multiple of the " + std::to_string(options.heads) +
                " heads of `q_proj.weight`");
    options.key_dim = shapes.rows("q_proj.weight") / options.heads;
    options.conv_width = shapes.has("q_conv1d.weight") ? shapes.size("q_conv1d.weight", 3, 2) : 0;
    options.conv_bias = shapes.has("q_conv1d.bias");
    read_gates(shapes, options);
    return options;
}

MixerOptions options_of(const io::Archive& archive, const std::string& prefix, const LayerReading& reading) {
    const auto config = archive.metadata.find("config");
    MixerOptions options = config != archive.metadata.end() ? config_from_json(config->second).mixer
                                                            : options_of_shapes({archive, prefix}, reading);
    if (reading.rule) options.rule = *reading.rule;
    if (reading.heads) options.heads = *reading.heads;
    if (reading.negative_eigenvalues) options.negative_eigenvalues = *reading.negative_eigenvalues;
    if (reading.decay_lower_bound) options.decay_lower_bound = *reading.decay_lower_bound;
    if (reading.output_gate) options.output_gate = *reading.output_gate;
    if (reading.norm_epsilon) options.norm_epsilon = *reading.norm_epsilon;
    return options;
}

std::string quoted(const std::vector<std::string>& prefixes) {
    std::string names;
    for (const std::string& prefix : prefixes) names += (names.empty() ? "" : ", ") + io::quote(prefix);
    return names;
}

/// The prefix that was said, or else the only one there is.
std::string prefix_of(const io::Archive& archive, const std::optional<std::string>& said) {
    const std::vector<std::string> all = layer_prefixes(archive);
    require(!all.empty(), "has no layer: there is no tensor whose name ends in q_proj.weight");
    if (!said) {
        require(all.size() == 1,
                "has " + std::to_string(all.size()) + " layers; say the prefix of one: " + quoted(all));
        return all.front();
    }
    require(std::find(all.begin(), all.end(), *said) != all.end(),
            "has no layer under " + io::quote(*said) + "; its prefixes: " + quoted(all));
    return *said;
}

/// What stands under the prefix, with A_log as one axis.
io::Archive part_of(const io::Archive& archive, const std::string& prefix) {
    io::Archive part;
    for (const auto& [name, array] : archive.entries()) {
        if (name.rfind(prefix, 0) != 0) continue;
        const std::string inner = name.substr(prefix.size());
        io::Array copy = array;
        if (inner == "A_log") copy.shape = {element_count(array.shape)};
        part.add(inner, std::move(copy));
    }
    return part;
}

/// Before anything is allocated: the weights of these sizes must be no more than the file has numbers.
void require_held(const MixerOptions& o, const io::Archive& part) {
    Index numbers = 0;
    for (const auto& [name, array] : part.entries()) numbers += element_count(array.shape);
    const auto weight = [&](const char* name, Index rows, Index cols) {
        require(rows <= numbers / std::max<Index>(cols, 1), io::quote(name) + " would be " + to_string({rows, cols}) +
                                                                ", more than the file holds");
    };
    const Index keys = o.heads * o.key_dim, values = o.groups_of_values() * o.value_dim;
    weight("q_proj.weight", keys, o.d_model);
    weight("v_proj.weight", values, o.d_model);
    weight("q_conv1d.weight", keys, o.conv_width);
    weight("v_conv1d.weight", values, o.conv_width);
    if (find_delta_rule(o.rule)->decay == DeltaDecay::channel) {
        const Index rank = o.decay_rank, heads = o.rule == "kda" ? o.groups_of_values() : o.heads;
        weight("f_proj.0.weight", rank, o.d_model);
        weight(rank > 0 ? "f_proj.1.weight" : "f_proj.weight", heads * o.key_dim, rank > 0 ? rank : o.d_model);
    }
    if (o.output_gate == "none") return;
    weight("g_proj.0.weight", o.output_gate_rank, o.d_model);
    weight("g_proj.1.weight", values, o.output_gate_rank);
}

}  // namespace

std::vector<std::string> layer_prefixes(const io::Archive& archive) {
    std::vector<std::string> prefixes;
    for (const auto& [name, array] : archive.entries()) {
        if (!name.ends_with(first_name)) continue;
        const std::string prefix = name.substr(0, name.size() - first_name.size());
        if (prefix.empty() || prefix.back() == '.') prefixes.push_back(prefix);
    }
    return prefixes;
}

template <class Scalar>
LayerOfFile<Scalar> layer_of(const io::Archive& archive, const LayerReading& reading) {
    LayerOfFile<Scalar> layer;
    layer.prefix = prefix_of(archive, reading.prefix);
    layer.options = options_of(archive, layer.prefix, reading);
    const io::Archive part = part_of(archive, layer.prefix);
    require(is_delta_rule(layer.options.rule),
            "`rule` must be one of the delta family, got " + layer.options.rule);
    require_held(layer.options, part);
    Random random(0);
    layer.mixer = make_mixer<Scalar>(layer.options, random);
    Parameters<Scalar> parameters;
    layer.mixer->collect("", parameters);
    read_parameters("", parameters, part);
    require_known({""}, parameters, part);
    return layer;
}

template <class Scalar>
io::Archive archive_of(const MixerOptions& options, Mixer<Scalar>& mixer) {
    ModelConfig config;
    config.vocabulary = 1;
    config.mixer = options;
    io::Archive archive;
    archive.metadata = {{"format", layer_format}, {"config", to_json(config)}};
    Parameters<Scalar> parameters;
    mixer.collect("", parameters);
    add_parameters("", parameters, archive);
    return archive;
}

#define GDN2_DECLARE(Scalar)                                                                 \
    template LayerOfFile<Scalar> layer_of(const io::Archive&, const LayerReading&);          \
    template io::Archive archive_of(const MixerOptions&, Mixer<Scalar>&);
GDN2_DECLARE(float)
GDN2_DECLARE(double)

}  // namespace gdn2
