// See softmax_attention.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/softmax_attention.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

constexpr Index queries_per_block = 64;

/// A block of queries, and the keys that any of them sees.
template <class Scalar>
struct Block {
    Index first, n, first_key, keys;
    Matrix<Scalar> P;  ///< [n, keys]  probabilities, 0 where a query does not see a key

    auto of_queries(const Rows<Scalar>& rows) const { return rows.middleRows(first, n); }
    auto of_keys(const Rows<Scalar>& rows) const { return rows.middleRows(first_key, keys); }
};

template <class Scalar>
Block<Scalar> block_of(const SoftmaxAttention<Scalar>& in, Index first) {
    const Index n = std::min(queries_per_block, in.length() - first), first_key = in.first_seen(first);
    Block<Scalar> block{first, n, first_key, first + n - first_key, {}};
    const Matrix<Scalar> logits = in.scale * (block.of_queries(in.q) * block.of_keys(in.k).transpose());
    block.P = Matrix<Scalar>::Zero(n, block.keys);
    for (Index i = 0; i < n; ++i) {
        const Index from = in.first_seen(first + i) - first_key, count = first + i - first_key - from + 1;
        const auto seen = logits.row(i).segment(from, count).array();
        auto p = block.P.row(i).segment(from, count);
        p = (seen - seen.maxCoeff()).exp();                              // p_ts = exp(logit) / sum exp(logit)
        p /= p.sum();
    }
    return block;
}

}  // namespace

template <class Scalar>
Vector<Scalar> softmax_attention_step(const SoftmaxAttention<Scalar>& in, Index t,
                                      SoftmaxAttentionState<Scalar>& state) {
    Index rows = state.keys.rows();
    if (in.window > 0) rows = in.window;
    else if (state.seen == rows) rows = std::max<Index>(16, 2 * rows);
    state.keys.conservativeResize(rows, in.k.cols());
    state.values.conservativeResize(rows, in.v.cols());
    state.keys.row(state.seen % rows) = in.k.row(t);
    state.values.row(state.seen % rows) = in.v.row(t);

    const Index count = std::min(++state.seen, rows);
    const Vector<Scalar> logits = in.scale * (state.keys.topRows(count) * in.q.row(t).transpose());
    const Vector<Scalar> p = (logits.array() - logits.maxCoeff()).exp();
    return state.values.topRows(count).transpose() * p / p.sum();
}

template <class Scalar>
Matrix<Scalar> softmax_attention(const SoftmaxAttention<Scalar>& in) {
    require(in.window >= 0, "softmax_attention: window must be at least 0, got " + std::to_string(in.window));
    Matrix<Scalar> o(in.length(), in.v.cols());
    for (Index first = 0; first < in.length(); first += queries_per_block) {
        const Block<Scalar> block = block_of(in, first);
        o.middleRows(first, block.n).noalias() = block.P * block.of_keys(in.v);      // o_t = sum_s p_ts v_s
    }
    return o;
}

template <class Scalar>
SoftmaxAttentionGradient<Scalar> softmax_attention_backward(const SoftmaxAttention<Scalar>& in,
                                                            const Rows<Scalar>& d_o) {
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(in.length(), in.k.cols());
    SoftmaxAttentionGradient<Scalar> d{zero, zero, Matrix<Scalar>::Zero(in.length(), in.v.cols())};
    for (Index first = 0; first < in.length(); first += queries_per_block) {
        const Block<Scalar> block = block_of(in, first);
        const auto& P = block.P;
        // forward: o_t = sum_s p_ts v_s
        d.dv.middleRows(block.first_key, block.keys).noalias() += P.transpose() * block.of_queries(d_o);
        const Matrix<Scalar> dP = block.of_queries(d_o) * block.of_keys(in.v).transpose();
        // forward: p_ts = exp(logit) / sum exp(logit); where p is 0, so is the gradient
        const Vector<Scalar> mean = P.cwiseProduct(dP).rowwise().sum();
        const Matrix<Scalar> d_logits = in.scale * P.cwiseProduct(dP.colwise() - mean);
        // forward: logits = scale Q K^T   (the scale is in d_logits)
        d.dq.middleRows(first, block.n).noalias() = d_logits * block.of_keys(in.k);
        d.dk.middleRows(block.first_key, block.keys).noalias() += d_logits.transpose() * block.of_queries(in.q);
    }
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                  \
    template Vector<Scalar> softmax_attention_step(const SoftmaxAttention<Scalar>&, Index,                    \
                                                   SoftmaxAttentionState<Scalar>&);                           \
    template Matrix<Scalar> softmax_attention(const SoftmaxAttention<Scalar>&);                               \
    template SoftmaxAttentionGradient<Scalar> softmax_attention_backward(const SoftmaxAttention<Scalar>&,     \
                                                                         const Rows<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
