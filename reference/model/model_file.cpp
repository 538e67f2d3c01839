// See model_file.h.
#include "reference/model/model_file.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "reference/io/text.h"

namespace gdn2 {
namespace {

/// A damaged configuration must not ask for memory that its file has no numbers for: neither a size nor the products
/// that weights are made of.
void require_no_larger(const ModelConfig& config, const io::Archive& archive) {
    Index numbers = 0;
    for (const auto& [name, array] : archive.entries()) numbers += element_count(array.shape);
    const MixerOptions& mixer = config.mixer;
    const auto require_at_most = [](const char* name, Index value, Index most) {
        require(value <= most, "`config`: `" + std::string(name) + "` = " + std::to_string(value) +
                                   " asks for more than the file holds");
    };
    const auto shared_by = [numbers](Index others) { return numbers / std::max<Index>(others, 1); };
    require_at_most("layers", config.layers, static_cast<Index>(archive.size()));
    require_at_most("d_model", mixer.d_model, numbers);
    const Index rows = shared_by(mixer.d_model);  // of all weights that read a token
    require_at_most("vocabulary", config.vocabulary, rows);
    require_at_most("mlp_hidden", config.mlp_hidden, rows);
    require_at_most("heads", mixer.heads, rows);
    require_at_most("key_dim", mixer.key_dim, rows / std::max<Index>(mixer.heads, 1));
    require_at_most("value_heads", mixer.groups_of_values(), rows);
    require_at_most("value_dim", mixer.value_dim, rows / std::max<Index>(mixer.groups_of_values(), 1));
    const Index widest = std::max(mixer.heads * mixer.key_dim, mixer.groups_of_values() * mixer.value_dim);
    require_at_most("conv_width", mixer.conv_width, std::max<Index>(shared_by(widest), MixerOptions{}.conv_width));
    require_at_most("rank", mixer.rank, shared_by(widest));
    require_at_most("output_gate_rank", mixer.output_gate_rank, shared_by(std::max(widest, mixer.d_model)));
    require_at_most("decay_rank", mixer.decay_rank, shared_by(std::max(widest, mixer.d_model)));
}

}  // namespace

template <class Scalar>
void add_parameters(const std::string& prefix, const Parameters<Scalar>& parameters, io::Archive& archive) {
    for (const Parameter<Scalar>& parameter : parameters) {
        const Tensor<Scalar> tensor(parameter.shape,
                                    std::vector<Scalar>(parameter.data, parameter.data + parameter.size()));
        archive.add(prefix + parameter.name, io::from_tensor(tensor));
    }
}

template <class Scalar>
void read_parameters(const std::string& prefix, const Parameters<Scalar>& parameters,
                     const io::Archive& archive) {
    for (const Parameter<Scalar>& parameter : parameters) {
        const std::string name = prefix + parameter.name;
        const io::Array& array = archive.at(name);
        require(array.shape == parameter.shape, io::quote(name) + " must be " + to_string(parameter.shape) +
                                                    ", got " + to_string(array.shape));
        const Tensor<Scalar> tensor = io::to_tensor<Scalar>(array, name);
        const auto bad = std::find_if_not(tensor.values().begin(), tensor.values().end(),
                                          [](Scalar value) { return std::isfinite(value); });
        require(bad == tensor.values().end(), io::quote(name) + " holds a number that is not finite");
        std::copy(tensor.values().begin(), tensor.values().end(), parameter.data);
    }
}

template <class Scalar>
void require_known(const std::vector<std::string>& prefixes, const Parameters<Scalar>& parameters,
                   const io::Archive& archive) {
    std::set<std::string> known;
    for (const std::string& prefix : prefixes)
        for (const Parameter<Scalar>& parameter : parameters) known.insert(prefix + parameter.name);
    for (const auto& [name, array] : archive.entries())
        require(known.contains(name), io::quote(name) + " is no parameter of this model");
}

std::string metadata_of(const io::Archive& archive, const std::string& key) {
    const auto found = archive.metadata.find(key);
    require(found != archive.metadata.end(), "the metadata has no " + io::quote(key));
    return found->second;
}

template <class Scalar>
io::Archive archive_of(LanguageModel<Scalar>& model) {
    io::Archive archive;
    archive.metadata = {{"format", model_format}, {"config", to_json(model.config())}};
    add_parameters("", model.parameters(), archive);
    return archive;
}

template <class Scalar>
LanguageModel<Scalar> empty_model_of(const io::Archive& archive, const std::string& format) {
    const std::string found = metadata_of(archive, "format");
    require(found == format, "is a " + io::quote(found) + ", not a " + io::quote(format));
    const ModelConfig config = config_from_json(metadata_of(archive, "config"));
    require_no_larger(config, archive);
    return LanguageModel<Scalar>(config, 0);
}

template <class Scalar>
LanguageModel<Scalar> model_of(const io::Archive& archive) {
    LanguageModel<Scalar> model = empty_model_of<Scalar>(archive, model_format);
    read_parameters("", model.parameters(), archive);
    require_known({""}, model.parameters(), archive);
    return model;
}

#define GDN2_DECLARE(Scalar)                                                                          \
    template void add_parameters(const std::string&, const Parameters<Scalar>&, io::Archive&);        \
    template void read_parameters(const std::string&, const Parameters<Scalar>&, const io::Archive&); \
    template void require_known(const std::vector<std::string>&, const Parameters<Scalar>&,           \
                                const io::Archive&);                                                  \
    template io::Archive archive_of(LanguageModel<Scalar>&);                                          \
    template LanguageModel<Scalar> empty_model_of(const io::Archive&, const std::string&);            \
    template LanguageModel<Scalar> model_of(const io::Archive&);
GDN2_DECLARE(float)
GDN2_DECLARE(double)

}  // namespace gdn2
