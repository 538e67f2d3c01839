// Linear attention: every pair is added, nothing is ever erased.
//   S_t = S_{t-1} + k_t v_t^T
//   o_t = scale S_t^T q_t
//   paper  Katharopoulos et al. 2020, arXiv 2006.16236, without feature map and normaliser
//   tests  tests/reference/baselines/rules_test.cpp, equalities_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct LinearAttention {
    Rows<Scalar> q, k;  ///< [length, key_dim]
    Rows<Scalar> v;     ///< [length, value_dim]
    Scalar scale;

    Index length() const { return q.rows(); }
    LinearAttention span(Index first, Index n) const {
        return {span_of(q, first, n), span_of(k, first, n), span_of(v, first, n), scale};
    }
};

/// Gradients of <o, d_o> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct LinearAttentionGradient {
    Matrix<Scalar> dq, dk, dv, d_initial_state;
};

/// Edits S by token t and returns o_t [value_dim].
template <class Scalar>
Vector<Scalar> linear_attention_step(const LinearAttention<Scalar>& in, Index t, Matrix<Scalar>& S);

/// Runs the rule over a sequence. An empty one returns `initial_state` unchanged.
template <class Scalar>
Forward<Scalar> linear_attention(const LinearAttention<Scalar>& in, const Matrix<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> linear_attention_chunk(const LinearAttention<Scalar>& in, const Matrix<Scalar>& initial_state,
                                       Index chunk_length, ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of linear_attention; d_o is [length, value_dim].
template <class Scalar>
LinearAttentionGradient<Scalar> linear_attention_backward(const LinearAttention<Scalar>& in,
                                                          const Matrix<Scalar>& initial_state,
                                                          const Rows<Scalar>& d_o,
                                                          const Matrix<Scalar>& d_final_state);

/// Adjoint of linear_attention_chunk, which filled `starts`.
template <class Scalar>
LinearAttentionGradient<Scalar> linear_attention_chunk_backward(const LinearAttention<Scalar>& in,
                                                                const ChunkStarts<Scalar>& starts,
                                                                const Rows<Scalar>& d_o,
                                                                const Matrix<Scalar>& d_final_state,
                                                                Index chunk_length);

}  // namespace gdn2::baselines
