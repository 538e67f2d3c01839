// See mixer_parameters.h.
#include "cuda/launch/mixer_parameters.h"

namespace gdn2::cuda {
namespace {

/// Hands out parameters by name and knows in the end which nobody asked for.
class Reader {
public:
    Reader(Uploads& uploads, const MixerParameters& parameters) : uploads_(uploads), parameters_(parameters) {}

    bool has(const std::string& name) const { return parameters_.contains(name); }

    const Tensor<float>& find(const std::string& name) {
        const auto found = parameters_.find(name);
        require(found != parameters_.end(), "the parameter `" + name + "` is missing");
        taken_.insert(name);
        return found->second;
    }
    /// Throws Error unless the parameter has this shape; a negative size may be any above 0.
    const Tensor<float>& find(const std::string& name, const Shape& shape) {
        const Tensor<float>& tensor = find(name);
        bool fits = tensor.shape().size() == shape.size();
        for (std::size_t i = 0; fits && i < shape.size(); ++i)
            fits = shape[i] < 0 ? tensor.shape()[i] > 0 : tensor.shape()[i] == shape[i];
        require(fits, "the parameter `" + name + "` must be " + words(shape) + ", got " + to_string(tensor.shape()));
        return tensor;
    }

    const float* floats(const std::string& name, const Shape& shape) {
        const Tensor<float>& tensor = find(name, shape);
        return uploads_.floats(tensor.data(), static_cast<std::size_t>(tensor.size()), name.c_str());
    }

    /// A map to `out` dimensions, any where negative. `name` ends in a dot.
    DeviceLinear linear(const std::string& name, int in, int out) {
        const Tensor<float>& weight = find(name + "weight", {out, in});
        DeviceLinear map{name, uploads_.elements(weight, (name + "weight").c_str()), nullptr, in,
                         static_cast<int>(weight.shape()[0])};
        if (has(name + "bias")) map.bias = floats(name + "bias", {map.out});
        return map;
    }

    DeviceProjection projection(const std::string& name, int in, int out) {
        if (!has(name + "0.weight")) return {linear(name, in, out)};
        const DeviceLinear first = linear(name + "0.", in, -1);
        return {first, linear(name + "1.", first.out, out)};
    }

    DeviceBranch branch(const std::string& name, int in, int out) {
        DeviceBranch branch{linear(name + "_proj.", in, out), name + "_conv1d.", nullptr, nullptr, 1};
        const std::string weight = branch.conv_name + "weight", bias = branch.conv_name + "bias";
        if (!has("q_conv1d.weight")) return branch;
        branch.width = static_cast<int>(find(weight, {out, 1, -1}).shape()[2]);
        branch.conv_weight = floats(weight, {out, 1, branch.width});
        if (has(bias)) branch.conv_bias = floats(bias, {out});
        return branch;
    }

    void require_all_taken() const {
        for (const auto& [name, tensor] : parameters_)
            require(taken_.contains(name), "the parameter `" + name + "` belongs to no part of this layer");
    }

private:
    static std::string words(const Shape& shape) {
        std::string text;
        for (const Index size : shape)
            text += (text.empty() ? "[" : ", ") + (size < 0 ? std::string("any") : std::to_string(size));
        return text + "]";
    }

    Uploads& uploads_;
    const MixerParameters& parameters_;
    std::set<std::string> taken_;
};

/// How often `part` goes into a parameter's rows.
int divide(const char* name, Index rows, Index part) {
    require(rows % part == 0, "`" + std::string(name) + "` must have a multiple of " + std::to_string(part) +
                                  " rows, got " + std::to_string(rows));
    return static_cast<int>(rows / part);
}

/// From the shapes of A_log, q_proj, v_proj and the norm.
DeviceMixer sizes_of(Reader& reader) {
    DeviceMixer m{};
    const Shape q = reader.find("q_proj.weight", {-1, -1}).shape();
    const Shape v = reader.find("v_proj.weight", {-1, q[1]}).shape();
    m.d_model = static_cast<int>(q[1]);
    m.key_heads = static_cast<int>(reader.find("A_log", {-1}).size());
    m.key_dim = divide("q_proj.weight", q[0], m.key_heads);
    m.value_dim = static_cast<int>(reader.find("o_norm.weight", {-1}).size());
    m.value_heads = divide("v_proj.weight", v[0], m.value_dim);
    return m;
}

}  // namespace

DeviceMixer upload_mixer(Uploads& uploads, const MixerParameters& parameters, const MixerOptions& options) {
    Reader reader(uploads, parameters);
    DeviceMixer m = sizes_of(reader);
    m.q = reader.branch("q", m.d_model, m.keys());
    m.k = reader.branch("k", m.d_model, m.keys());
    m.v = reader.branch("v", m.d_model, m.values());
    m.decay = reader.projection("f_proj.", m.d_model, m.keys());
    m.A_log = reader.floats("A_log", {m.key_heads});
    m.dt_bias = reader.floats("dt_bias", {m.keys()});
    m.b = reader.linear("b_proj.", m.d_model, m.keys());
    m.w = reader.linear("w_proj.", m.d_model, m.values());
    if (options.output_gate != Activation::none) m.gate = reader.projection("g_proj.", m.d_model, m.values());
    m.norm_weight = reader.floats("o_norm.weight", {m.value_dim});
    m.o_proj = reader.linear("o_proj.", m.values(), m.d_model);
    reader.require_all_taken();
    return m;
}

}  // namespace gdn2::cuda
