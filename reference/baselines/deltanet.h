// DeltaNet: what is stored under k moves towards v by the fraction beta.
//   S_t = (I - beta_t k_t k_t^T) S_{t-1} + beta_t k_t v_t^T
//   o_t = scale S_t^T q_t
// In chunks, with S_0 the state at the chunk's start and u_t = beta_t (v_t - S_{t-1}^T k_t) what token t writes:
//   (I + T) R = X,  T = Diag(beta) tril(K K^T, -1),  X = Diag(beta) (V - K S_0)       row t of R is u_t
//   O = scale (Q S_0 + tril(Q K^T) R),  S_C = S_0 + K^T R
//   paper  Yang et al. 2024, arXiv 2406.06484
//   tests  tests/reference/baselines/rules_test.cpp, equalities_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct DeltaNet {
    Rows<Scalar> q, k;  ///< [length, key_dim]
    Rows<Scalar> v;     ///< [length, value_dim]
    Rows<Scalar> beta;  ///< [length, 1]  write strength, in [0, 1] or [0, 2]
    Scalar scale;

    Index length() const { return q.rows(); }
    DeltaNet span(Index first, Index n) const {
        return {span_of(q, first, n), span_of(k, first, n), span_of(v, first, n), span_of(beta, first, n), scale};
    }
};

/// Gradients of <o, d_o> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct DeltaNetGradient {
    Matrix<Scalar> dq, dk, dv, dbeta, d_initial_state;
};

/// Edits S by token t and returns o_t [value_dim].
template <class Scalar>
Vector<Scalar> deltanet_step(const DeltaNet<Scalar>& in, Index t, Matrix<Scalar>& S);

/// Runs the rule over a sequence. An empty one returns `initial_state` unchanged.
template <class Scalar>
Forward<Scalar> deltanet(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> deltanet_chunk(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                               ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of deltanet; d_o is [length, value_dim].
template <class Scalar>
DeltaNetGradient<Scalar> deltanet_backward(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state,
                                           const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state);

/// Adjoint of deltanet_chunk, which filled `starts`.
template <class Scalar>
DeltaNetGradient<Scalar> deltanet_chunk_backward(const DeltaNet<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                                 const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                                 Index chunk_length);

}  // namespace gdn2::baselines
