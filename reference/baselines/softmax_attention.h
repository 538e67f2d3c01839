// Causal softmax attention, over all earlier tokens or the last `window` of them. It keeps every key it may still need:
// nothing is ever mixed up, and the memory grows with the window.
//   p_ts = exp(scale q_t . k_s) / sum_j exp(scale q_t . k_j)        s, j in (t - window, t]
//   o_t  = sum_s p_ts v_s
// The largest logit of a row is taken off before exp: no logit is too large.
// Rotary positions are the layer's; what arrives here has been turned.
//   paper  Vaswani et al. 2017, arXiv 1706.03762
//   tests  tests/reference/baselines/softmax_attention_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct SoftmaxAttention {
    Rows<Scalar> q, k;  ///< [length, key_dim]
    Rows<Scalar> v;     ///< [length, value_dim]
    Scalar scale;
    Index window;       ///< how many tokens a query sees, its own included; 0: all

    Index length() const { return q.rows(); }
    /// The first token that token t sees.
    Index first_seen(Index t) const { return window > 0 ? std::max<Index>(0, t - window + 1) : 0; }
};

/// Gradients of <o, d_o>, in the shapes of the inputs.
template <class Scalar>
struct SoftmaxAttentionGradient {
    Matrix<Scalar> dq, dk, dv;
};

/// The tokens that a query may still see: with a window, the last ones in a ring of `window` rows; else all, in memory
/// that doubles when it is full. Empty before the first token.
template <class Scalar>
struct SoftmaxAttentionState {
    Matrix<Scalar> keys, values;
    Index seen = 0;  ///< tokens so far
};

/// Puts token t into the state, which has seen the tokens before it, and returns o_t [value_dim].
template <class Scalar>
Vector<Scalar> softmax_attention_step(const SoftmaxAttention<Scalar>& in, Index t,
                                      SoftmaxAttentionState<Scalar>& state);

/// o [length, value_dim] of a sequence that starts with nothing before it. Works on blocks of queries, so memory grows
/// with the length, not with its square. Throws Error when the window is negative.
template <class Scalar>
Matrix<Scalar> softmax_attention(const SoftmaxAttention<Scalar>& in);

/// Its adjoint; d_o is [length, value_dim]. Computes the probabilities again.
template <class Scalar>
SoftmaxAttentionGradient<Scalar> softmax_attention_backward(const SoftmaxAttention<Scalar>& in,
                                                            const Rows<Scalar>& d_o);

}  // namespace gdn2::baselines
