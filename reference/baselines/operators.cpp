// See operators.h.
#include "reference/baselines/operators.h"

#include "reference/baselines/deltanet.h"
#include "reference/baselines/gated_deltanet.h"
#include "reference/baselines/kda.h"
#include "reference/baselines/linear_attention.h"
#include "reference/baselines/mamba2.h"
#include "reference/baselines/operator_tensors.h"
#include "reference/baselines/softmax_attention.h"
#include "reference/core/random.h"

namespace gdn2::baselines {
namespace {

using check::Input;
using check::make_operator;
using check::Operator;
using check::Tensors;

constexpr Index key_dim = 5, value_dim = 3;
constexpr double scale = 0.7;

/// q k v of a sequence. The keys are short enough for beta in [0, 1] to keep the state small.
std::vector<Input> pairs(Index length, Random& random) {
    return {{"q", random_normal({length, key_dim}, random)},
            {"k", unit_rows(random_normal({length, key_dim}, random))},
            {"v", random_normal({length, value_dim}, random)}};
}

Input decays(Index length, Index channels, Random& random) {
    return {"g", random_uniform({length, channels}, random, -0.5, -0.001)};
}

Input strengths(Index length, Random& random) { return {"beta", random_uniform({length, 1}, random, 0, 1)}; }

// A rule: how its inputs are drawn, seen, and run, and in which order its gradients come.

struct LinearAttentionRule {
    static std::vector<Input> draw(Index length, Random& random) { return pairs(length, random); }
    template <class Scalar>
    static LinearAttention<Scalar> view(const Tensors<Scalar>& x) {
        return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), Scalar(scale)};
    }
    static auto run(const auto& in, const auto& S) { return linear_attention(in, S); }
    static auto chunk(const auto& in, const auto& S, Index n, auto* starts) {
        return linear_attention_chunk(in, S, n, starts);
    }
    static auto backward(const auto&... x) { return linear_attention_backward<double>(x...); }
    static auto chunk_backward(const auto&... x) { return linear_attention_chunk_backward<double>(x...); }
    static Tensors<double> tensors(const LinearAttentionGradient<double>& d) {
        return tensors_of(d.dq, d.dk, d.dv, d.d_initial_state);
    }
};

struct DeltaNetRule {
    static std::vector<Input> draw(Index length, Random& random) {
        std::vector<Input> inputs = pairs(length, random);
        inputs.push_back(strengths(length, random));
        return inputs;
    }
    template <class Scalar>
    static DeltaNet<Scalar> view(const Tensors<Scalar>& x) {
        return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), rows_of(x[3]), Scalar(scale)};
    }
    static auto run(const auto& in, const auto& S) { return deltanet(in, S); }
    static auto chunk(const auto& in, const auto& S, Index n, auto* starts) { return deltanet_chunk(in, S, n, starts); }
    static auto backward(const auto&... x) { return deltanet_backward<double>(x...); }
    static auto chunk_backward(const auto&... x) { return deltanet_chunk_backward<double>(x...); }
    static Tensors<double> tensors(const DeltaNetGradient<double>& d) {
        return tensors_of(d.dq, d.dk, d.dv, d.dbeta, d.d_initial_state);
    }
};

struct GatedDeltaNetRule {
    static std::vector<Input> draw(Index length, Random& random) {
        std::vector<Input> inputs = pairs(length, random);
        inputs.push_back(decays(length, 1, random));
        inputs.push_back(strengths(length, random));
        return inputs;
    }
    template <class Scalar>
    static GatedDeltaNet<Scalar> view(const Tensors<Scalar>& x) {
        return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), rows_of(x[3]), rows_of(x[4]), Scalar(scale)};
    }
    static auto run(const auto& in, const auto& S) { return gated_deltanet(in, S); }
    static auto chunk(const auto& in, const auto& S, Index n, auto* starts) {
        return gated_deltanet_chunk(in, S, n, starts);
    }
    static auto backward(const auto&... x) { return gated_deltanet_backward<double>(x...); }
    static auto chunk_backward(const auto&... x) { return gated_deltanet_chunk_backward<double>(x...); }
    static Tensors<double> tensors(const GatedDeltaNetGradient<double>& d) {
        return tensors_of(d.dq, d.dk, d.dv, d.dg, d.dbeta, d.d_initial_state);
    }
};

struct KdaRule {
    static std::vector<Input> draw(Index length, Random& random) {
        std::vector<Input> inputs = pairs(length, random);
        inputs.push_back(decays(length, key_dim, random));
        inputs.push_back(strengths(length, random));
        return inputs;
    }
    template <class Scalar>
    static Kda<Scalar> view(const Tensors<Scalar>& x) {
        return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), rows_of(x[3]), rows_of(x[4]), Scalar(scale)};
    }
    static auto run(const auto& in, const auto& S) { return kda(in, S); }
    static auto chunk(const auto& in, const auto& S, Index n, auto* starts) { return kda_chunk(in, S, n, starts); }
    static auto backward(const auto&... x) { return kda_backward<double>(x...); }
    static auto chunk_backward(const auto&... x) { return kda_chunk_backward<double>(x...); }
    static Tensors<double> tensors(const KdaGradient<double>& d) {
        return tensors_of(d.dq, d.dk, d.dv, d.dg, d.dbeta, d.d_initial_state);
    }
};

struct Mamba2Rule {
    static std::vector<Input> draw(Index length, Random& random) {
        return {{"C", random_normal({length, key_dim}, random)},
                {"B", random_normal({length, key_dim}, random)},
                {"x", random_normal({length, value_dim}, random)},
                {"dt", random_uniform({length, 1}, random, 0.05, 1)},
                {"A", Tensor<double>({1}, -0.6)},
                {"D", Tensor<double>({1}, 0.8)}};
    }
    template <class Scalar>
    static Mamba2<Scalar> view(const Tensors<Scalar>& x) {
        return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), rows_of(x[3]), x[4][0], x[5][0]};
    }
    static auto run(const auto& in, const auto& S) { return mamba2(in, S); }
    static auto chunk(const auto& in, const auto& S, Index n, auto* starts) { return mamba2_chunk(in, S, n, starts); }
    static auto backward(const auto&... x) { return mamba2_backward<double>(x...); }
    static auto chunk_backward(const auto&... x) { return mamba2_chunk_backward<double>(x...); }
    static Tensors<double> tensors(const Mamba2Gradient<double>& d) {
        return tensors_of(d.dC, d.dB, d.dx, d.ddt, d.dA, d.dD, d.d_initial_state);
    }
};

/// The state a rule starts from: the last of its inputs.
template <class Scalar>
Matrix<Scalar> state_of(const Tensors<Scalar>& x) { return rows_of(x.back()); }

template <class Rule>
std::vector<Input> point(Index length) {
    Random random(20260522);
    std::vector<Input> inputs = Rule::draw(length, random);
    inputs.push_back({"initial_state", random_normal({key_dim, value_dim}, random)});
    return inputs;
}

template <class Rule>
void append(std::vector<Operator>& all, const std::string& name, const std::string& says, Index length,
            Index chunk_length) {
    all.push_back(make_operator(
        name, says + ", token by token", point<Rule>(length), {"o", "final_state"},
        [](const auto& x) {
            const auto run = Rule::run(Rule::view(x), state_of(x));
            return std::vector{tensor_of(run.o), tensor_of(run.final_state)};
        },
        [](const Tensors<double>& x, const Tensors<double>& dy) {
            return Rule::tensors(Rule::backward(Rule::view(x), state_of(x), rows_of(dy[0]), state_of(dy)));
        }));
    all.push_back(make_operator(
        name + "_chunk", says + ", in chunks", point<Rule>(length), {"o", "final_state"},
        [chunk_length]<class Scalar>(const Tensors<Scalar>& x) {
            ChunkStarts<Scalar>* const none = nullptr;
            const auto run = Rule::chunk(Rule::view(x), state_of(x), chunk_length, none);
            return std::vector{tensor_of(run.o), tensor_of(run.final_state)};
        },
        [chunk_length](const Tensors<double>& x, const Tensors<double>& dy) {
            ChunkStarts<double> starts;
            Rule::chunk(Rule::view(x), state_of(x), chunk_length, &starts);
            return Rule::tensors(
                Rule::chunk_backward(Rule::view(x), starts, rows_of(dy[0]), state_of(dy), chunk_length));
        }));
}

template <class Scalar>
SoftmaxAttention<Scalar> softmax_view(const Tensors<Scalar>& x, Index window) {
    return {rows_of(x[0]), rows_of(x[1]), rows_of(x[2]), Scalar(scale), window};
}

Operator softmax_operator(const std::string& name, const std::string& says, Index length, Index window) {
    Random random(20260522);
    return make_operator(
        name, says, pairs(length, random), {"o"},
        [window](const auto& x) { return std::vector{tensor_of(softmax_attention(softmax_view(x, window)))}; },
        [window](const Tensors<double>& x, const Tensors<double>& dy) {
            const auto d = softmax_attention_backward(softmax_view(x, window), rows_of(dy[0]));
            return tensors_of(d.dq, d.dk, d.dv);
        });
}

}  // namespace

std::vector<Operator> operators(Index length, Index chunk_length) {
    std::vector<Operator> all;
    append<LinearAttentionRule>(all, "linear_attention", "sums of pairs", length, chunk_length);
    append<DeltaNetRule>(all, "deltanet", "the delta rule", length, chunk_length);
    append<GatedDeltaNetRule>(all, "gated_deltanet", "the delta rule with one decay", length, chunk_length);
    append<KdaRule>(all, "kda", "the delta rule with a decay per channel", length, chunk_length);
    append<Mamba2Rule>(all, "mamba2", "sums of pairs with one decay", length, chunk_length);
    for (Operator& op : mamba3_operators(length, chunk_length)) all.push_back(std::move(op));
    all.push_back(softmax_operator("softmax_attention", "all tokens before, 80 of them", length + 59, 0));
    all.push_back(softmax_operator("window_attention", "the last 7 tokens", length + 59, 7));
    return all;
}

}  // namespace gdn2::baselines
