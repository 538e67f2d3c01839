// See mixer_operators.h.
#include "reference/layers/mixer_operators.h"

#include <algorithm>

#include "reference/layers/mixer_options.h"

namespace gdn2 {
namespace {

constexpr std::uint64_t seed = 20260522;
constexpr Batch batch{2, 19};  // longer than a span of the scan

template <class Scalar>
Tensor<Scalar> tensor_of(const Matrix<Scalar>& matrix) {
    return {{matrix.rows(), matrix.cols()}, {matrix.data(), matrix.data() + matrix.size()}};
}

template <class Scalar>
Matrix<Scalar> matrix_of(const Tensor<Scalar>& tensor) {
    return Eigen::Map<const Matrix<Scalar>>(tensor.data(), tensor.shape()[0], tensor.shape()[1]);
}

/// The mixer with the tensors after the first as its parameters.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> with_parameters(const MixerOptions& options, const check::Tensors<Scalar>& x) {
    Random random(seed);
    auto mixer = make_mixer<Scalar>(options, random);
    Parameters<Scalar> parameters;
    mixer->collect("", parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i)
        std::copy_n(x[i + 1].data(), parameters[i].size(), parameters[i].data);
    return mixer;
}

std::vector<check::Input> point_of(const MixerOptions& options) {
    Random random(seed), around(seed, 1);
    const auto mixer = make_mixer<double>(options, random);
    Parameters<double> parameters;
    mixer->collect("", parameters);
    std::vector<check::Input> inputs{{"x", random_normal({batch.tokens(), options.d_model}, around)}};
    for (const Parameter<double>& p : parameters)
        inputs.push_back({p.name, {p.shape, {p.data, p.data + p.size()}}});
    return inputs;
}

check::Tensors<double> adjoint(const MixerOptions& options, const check::Tensors<double>& x, const Tensor<double>& dy) {
    const auto mixer = with_parameters(options, x);
    const auto d = mixer->zeros();
    std::unique_ptr<Mixer<double>::Kept> kept;
    mixer->forward(matrix_of(x[0]), batch, &kept);
    check::Tensors<double> gradients{tensor_of(mixer->backward(*kept, matrix_of(dy), *d))};
    Parameters<double> parameters;
    d->collect("", parameters);
    for (const Parameter<double>& p : parameters)
        gradients.emplace_back(p.shape, std::vector(p.data, p.data + p.size()));
    return gradients;
}

check::Operator mixer_operator(const std::string& name, const std::string& says, const MixerOptions& options) {
    return check::make_operator(
        name, says, point_of(options), {"y"},
        [options]<class Scalar>(const check::Tensors<Scalar>& x) {
            const auto mixer = with_parameters(options, x);
            return check::Tensors<Scalar>{tensor_of(mixer->forward(matrix_of(x[0]), batch, nullptr))};
        },
        [options](const check::Tensors<double>& x, const check::Tensors<double>& dy) {
            return adjoint(options, x, dy[0]);
        });
}

MixerOptions small(const std::string& rule) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = 6;
    options.heads = 2;
    options.key_dim = 8;
    options.value_dim = 3;
    options.A_high = 4;
    options.rank = 3;
    options.gain = 2;  // keys well away from 0, where the L2 norm bends too sharply for central differences
    return options;
}

}  // namespace

std::vector<check::Operator> mixer_operators() {
    std::vector<check::Operator> operators;
    for (const MixerRule& rule : mixer_rules())
        operators.push_back(mixer_operator("mixer_" + rule.name, rule.says, small(rule.name)));
    for (const std::string rule : {"gdn2", "gated_deltanet", "kda"}) {
        MixerOptions grouped = small(rule);
        grouped.value_heads = 4;
        grouped.conv_width = 0;
        grouped.negative_eigenvalues = true;
        grouped.output_gate = "none";
        operators.push_back(mixer_operator("mixer_" + rule + "_grouped",
                                           "grouped value heads, b in [0, 2], neither convolution nor output gate",
                                           grouped));
    }
    MixerOptions large = small("gdn2");
    large.heads = 1;
    large.key_dim = 36;
    large.value_dim = 46;
    operators.push_back(mixer_operator("mixer_gdn2_in_chunks", "a head large enough to go chunk by chunk", large));
    MixerOptions official = small("gdn2");
    official.output_gate = "sigmoid";
    official.output_gate_rank = 3;
    official.decay_rank = 3;
    official.decay_lower_bound = -5;
    official.conv_bias = true;
    operators.push_back(mixer_operator("mixer_gdn2_official",
                                       "low-rank decay and output gate, sigmoid, bounded decay, biased convolution",
                                       official));
    MixerOptions window = small("attention");
    window.window = 5;
    window.conv_width = 0;
    operators.push_back(mixer_operator("mixer_attention_window", "the last five tokens, no convolutions", window));
    return operators;
}

}  // namespace gdn2
