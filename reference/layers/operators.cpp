// See operators.h. A layer becomes a function of its activations and its parameters, which gradcheck then varies.
#include "reference/layers/operators.h"

#include "reference/core/random.h"
#include "reference/layers/activation.h"
#include "reference/layers/cross_entropy.h"
#include "reference/layers/embedding.h"
#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/gates.h"
#include "reference/layers/l2_norm.h"
#include "reference/layers/linear.h"
#include "reference/layers/mlp.h"
#include "reference/layers/projection.h"
#include "reference/layers/rope.h"
#include "reference/layers/short_conv.h"

namespace gdn2 {
namespace {

using check::Input;
using check::make_operator;
using check::Operator;
using check::Tensors;

template <class Scalar>
using Matrices = std::vector<Matrix<Scalar>>;
using Gradients = Matrices<double>;

template <class Scalar>
Tensor<Scalar> tensor_of(const Matrix<Scalar>& matrix) {
    return {{matrix.rows(), matrix.cols()}, {matrix.data(), matrix.data() + matrix.size()}};
}

/// The first `count` tensors.
template <class Scalar>
Matrices<Scalar> activations(const Tensors<Scalar>& x, std::size_t count) {
    Matrices<Scalar> result;
    for (std::size_t i = 0; i < count; ++i)
        result.push_back(Eigen::Map<const Matrix<Scalar>>(x[i].data(), x[i].shape()[0], x[i].shape()[1]));
    return result;
}

/// The layer with the tensors from `first` on as its parameters.
template <class Scalar, template <class> class Layer>
Layer<Scalar> with_parameters(Layer<Scalar> layer, const Tensors<Scalar>& x, std::size_t first) {
    for (const Parameter<Scalar>& parameter : parameters_of(layer)) {
        std::copy_n(x[first].data(), parameter.size(), parameter.data);
        ++first;
    }
    return layer;
}

/// Stands for a layer where there are no parameters.
template <class Scalar>
struct Nothing {};
template <class Scalar>
void collect(const std::string&, Nothing<Scalar>&, Parameters<Scalar>&) {}

constexpr auto nothing = []<class Scalar>(Scalar) { return Nothing<Scalar>{}; };

/// The parameters of `layer`, each moved from where it starts, so that no gradient vanishes by symmetry.
template <template <class> class Layer>
std::vector<Input> parameter_inputs(Layer<double> layer) {
    std::vector<Input> inputs;
    Random random(5);
    for (const Parameter<double>& parameter : parameters_of(layer)) {
        Tensor<double> at = random_normal(parameter.shape, random);
        for (Index i = 0; i < at.size(); ++i) at[i] = parameter.data[i] + 0.3 * at[i];
        inputs.push_back({parameter.name, at});
    }
    return inputs;
}

/// make(Scalar()) gives the layer, forward(layer, x) its output, adjoint(layer, x, dy, d) the gradients by x.
template <class Make, class Forward, class Adjoint>
Operator layer_operator(std::string name, std::string says, std::vector<Input> inputs, Make make, Forward forward_of,
                        Adjoint adjoint_of) {
    const std::size_t count = inputs.size();
    for (Input& input : parameter_inputs(make(double()))) inputs.push_back(std::move(input));
    return make_operator(
        std::move(name), std::move(says), std::move(inputs), {"y"},
        [=]<class Scalar>(const Tensors<Scalar>& x) {
            const auto layer = with_parameters(make(Scalar()), x, count);
            return Tensors<Scalar>{tensor_of<Scalar>(forward_of(layer, activations(x, count)))};
        },
        [=](const Tensors<double>& x, const Tensors<double>& dy) {
            const auto layer = with_parameters(make(double()), x, count);
            auto d = zeros_like(layer);
            Tensors<double> gradients;
            for (const Matrix<double>& dx : adjoint_of(layer, activations(x, count), activations(dy, 1)[0], d))
                gradients.push_back(tensor_of(dx));
            for (const Parameter<double>& p : parameters_of(d))
                gradients.push_back({p.shape, {p.data, p.data + p.size()}});
            return gradients;
        });
}

Input random_input(std::string name, Index rows, Index cols, std::uint64_t seed) {
    Random random(seed);
    return {std::move(name), random_normal({rows, cols}, random)};
}

constexpr Index tokens = 12, dim = 6;
constexpr LinearOptions biased{.bias = true};

/// A layer that maps one matrix to another and needs nothing else; make(Scalar(), random) gives it.
template <class Make>
Operator map_operator(std::string name, std::string says, Make make) {
    return layer_operator(
        std::move(name), std::move(says), {random_input("x", tokens, dim, 1)},
        [=]<class Scalar>(Scalar scalar) {
            Random random(2);
            return make(scalar, random);
        },
        [](const auto& layer, const auto& x) { return forward(layer, x[0]); },
        [](const auto& layer, const auto& x, const auto& dy, auto& d) {
            return Gradients{backward(layer, x[0], dy, d)};
        });
}

std::vector<Operator> map_operators() {
    return {map_operator("linear", "y = x W^T + bias",
                         []<class S>(S, Random& random) { return make_linear<S>(dim, 5, biased, random); }),
            map_operator("low_rank", "two maps through a narrow middle",
                         []<class S>(S, Random& random) { return make_low_rank<S>(dim, 2, 5, biased, random); }),
            map_operator("projection", "of either rank; here full",
                         []<class S>(S, Random& random) { return make_projection<S>(dim, 0, 5, biased, random); }),
            map_operator("rms_norm", "two heads of three that share a weight",
                         []<class S>(S, Random&) { return make_rms_norm<S>(3); }),
            map_operator("decay_gate", "-exp(A_log) softplus(f + dt_bias), two heads of three",
                         []<class S>(S, Random& random) { return make_decay_gate<S>(2, dim, {}, random); }),
            map_operator("bounded_decay", "the decay gate between a bound and 0", []<class S>(S, Random& random) {
                return make_decay_gate<S>(2, dim, {.lower_bound = -5}, random);
            })};
}

Operator edit_gate_operator() {
    return layer_operator(
        "edit_gate", "most sigmoid(x W^T), here up to 2", {random_input("x", tokens, dim, 1)},
        []<class Scalar>(Scalar) {
            Random random(2);
            return EditGate<Scalar>{make_linear<Scalar>(dim, 5, {}, random), 2};
        },
        [](const auto& gate, const auto& x) { return forward(gate, x[0]); },
        [](const auto& gate, const auto& x, const auto& dy, auto& d) {
            return Gradients{backward(gate, x[0], forward(gate, x[0]), dy, d)};
        });
}

Operator mlp_operator() {
    return layer_operator(
        "mlp", "SwiGLU", {random_input("x", tokens, dim, 1)},
        []<class Scalar>(Scalar) {
            Random random(2);
            return make_mlp<Scalar>(dim, 7, {}, random);
        },
        [](const auto& mlp, const auto& x) { return forward(mlp, x[0]); },
        [](const auto& mlp, const auto& x, const auto& dy, auto& d) {
            MlpKept<double> kept;
            forward(mlp, x[0], &kept);
            return Gradients{backward(mlp, x[0], kept, dy, d)};
        });
}

Operator gated_norm_operator(std::string name, std::string says, Index norm_dim, Activation act, bool norm_first) {
    return layer_operator(
        std::move(name), std::move(says), {random_input("x", tokens, dim, 1), random_input("gate", tokens, dim, 2)},
        [=]<class Scalar>(Scalar) { return GatedRmsNorm<Scalar>{make_rms_norm<Scalar>(norm_dim), act, norm_first}; },
        [](const auto& layer, const auto& x) { return forward(layer, x[0], x[1]); },
        [](const auto& layer, const auto& x, const auto& dy, auto& d) {
            const GatedGradient<double> gradient = backward(layer, x[0], x[1], dy, d);
            return Gradients{gradient.dx, gradient.d_gate};
        });
}

/// Tokens are no numbers to take derivatives by: the weight is all there is.
Operator embedding_operator() {
    const std::vector<std::int32_t> repeated{3, 0, 3, 2, 3};
    return layer_operator(
        "embedding", "a row of the weight per token, one of them three times", {},
        []<class Scalar>(Scalar) {
            Random random(3);
            return make_embedding<Scalar>(4, dim, 1, random);
        },
        [=](const auto& layer, const auto&) { return forward(layer, repeated); },
        [=](const auto& layer, const auto&, const auto& dy, auto& d) {
            backward(layer, repeated, dy, d);
            return Gradients{};
        });
}

Operator short_conv_operator() {
    const Batch batch{2, tokens / 2};
    return layer_operator(
        "short_conv", "causal, depthwise, width 4, two sequences", {random_input("x", tokens, dim, 1)},
        []<class Scalar>(Scalar) {
            Random random(4);
            return make_short_conv<Scalar>(dim, 4, true, random);
        },
        [=](const auto& layer, const auto& x) { return forward(layer, x[0], batch); },
        [=](const auto& layer, const auto& x, const auto& dy, auto& d) {
            return Gradients{backward(layer, x[0], batch, dy, d)};
        });
}

/// A function of one matrix without parameters.
template <class Forward, class Adjoint>
Operator matrix_operator(std::string name, std::string says, Forward forward_of, Adjoint adjoint_of) {
    return layer_operator(
        std::move(name), std::move(says), {random_input("x", tokens, dim, 1)}, nothing,
        [=](const auto&, const auto& x) { return forward_of(x[0]); },
        [=](const auto&, const auto& x, const auto& dy, auto&) { return Gradients{adjoint_of(x[0], dy)}; });
}

std::vector<Operator> elementwise_operators() {
    using M = Matrix<double>;
    return {matrix_operator(
                "sigmoid", "1 / (1 + exp(-x))", [](const auto& x) { return sigmoid(x); },
                [](const M& x, const M& dy) { return sigmoid_backward(sigmoid(x), dy); }),
            matrix_operator(
                "silu", "x sigmoid(x)", [](const auto& x) { return silu(x); },
                [](const M& x, const M& dy) { return silu_backward(x, dy); }),
            matrix_operator(
                "softplus", "log(1 + exp(x))", [](const auto& x) { return softplus(x); },
                [](const M& x, const M& dy) { return softplus_backward(x, dy); }),
            matrix_operator(
                "l2_norm", "two heads of three", [](const auto& x) { return l2_norm(x, 3); },
                [](const M& x, const M& dy) { return l2_norm_backward(x, 3, dy); })};
}

Operator rope_operator() {
    const Batch batch{2, tokens / 2};
    const RopeOptions options{.dim = dim, .first = 3};
    return matrix_operator(
        "rope", "two sequences from position 3 on", [=](const auto& x) { return rope(x, batch, options); },
        [=](const Matrix<double>&, const Matrix<double>& dy) { return rope_backward(dy, batch, options); });
}

Operator cross_entropy_operator() {
    const std::vector<std::int32_t> targets{0, 5, ignored_target, 2, 2, ignored_target, 4, 3, 1, 0, 5, 5};
    return matrix_operator(
        "cross_entropy", "mean over the tokens that count",
        [=]<class Scalar>(const Matrix<Scalar>& logits) {
            return Matrix<Scalar>(Matrix<Scalar>::Constant(1, 1, cross_entropy(logits, targets).loss));
        },
        [=](const Matrix<double>& logits, const Matrix<double>& d_loss) {
            return Matrix<double>(d_loss(0, 0) * cross_entropy(logits, targets).d_logits);
        });
}

}  // namespace

std::vector<Operator> layer_operators() {
    std::vector<Operator> all{
        embedding_operator(),
        short_conv_operator(),
        edit_gate_operator(),
        mlp_operator(),
        rope_operator(),
        cross_entropy_operator(),
        gated_norm_operator("gated_rms_norm", "norm, then SiLU gate, two heads", 3, Activation::silu, true),
        gated_norm_operator("sigmoid_rms_norm", "norm, then sigmoid gate", dim, Activation::sigmoid, true),
        gated_norm_operator("mamba2_norm", "SiLU gate, then norm over the row", dim, Activation::silu, false)};
    for (Operator& op : map_operators()) all.push_back(std::move(op));
    for (Operator& op : elementwise_operators()) all.push_back(std::move(op));
    return all;
}

}  // namespace gdn2
