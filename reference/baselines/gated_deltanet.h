// Gated DeltaNet: the whole state fades by one number per token, then the delta rule edits it.
//   S_t = alpha_t (I - beta_t k_t k_t^T) S_{t-1} + beta_t k_t v_t^T       alpha = exp(g), g one number per token
//   o_t = scale S_t^T q_t
// alpha commutes with the bracket, so decaying first and reading S' = alpha S_{t-1} is the same rule.
// In chunks, with L_rs = alpha_{s+1} ... alpha_r and gamma_r = alpha_1 ... alpha_r:
//   (I + T) R = X,  T = Diag(beta) (tril(K K^T, -1) * L),  X = Diag(beta) (V - Diag(gamma) K S_0)
//   O = scale (Diag(gamma) Q S_0 + (Q K^T * L) R),  S_C = gamma_C S_0 + (Diag(to_end) K)^T R
//   paper  Yang, Kautz, Hatamizadeh 2024, arXiv 2412.06464
//   tests  tests/reference/baselines/rules_test.cpp, equalities_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct GatedDeltaNet {
    Rows<Scalar> q, k;  ///< [length, key_dim]
    Rows<Scalar> v;     ///< [length, value_dim]
    Rows<Scalar> g;     ///< [length, 1]  log-decay, <= 0
    Rows<Scalar> beta;  ///< [length, 1]  write strength, in [0, 1] or [0, 2]
    Scalar scale;

    Index length() const { return q.rows(); }
    GatedDeltaNet span(Index first, Index n) const {
        return {span_of(q, first, n), span_of(k, first, n),    span_of(v, first, n),
                span_of(g, first, n), span_of(beta, first, n), scale};
    }
};

/// Gradients of <o, d_o> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct GatedDeltaNetGradient {
    Matrix<Scalar> dq, dk, dv, dg, dbeta, d_initial_state;
};

/// Edits S by token t and returns o_t [value_dim].
template <class Scalar>
Vector<Scalar> gated_deltanet_step(const GatedDeltaNet<Scalar>& in, Index t, Matrix<Scalar>& S);

/// Runs the rule over a sequence. An empty one returns `initial_state` unchanged.
template <class Scalar>
Forward<Scalar> gated_deltanet(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> gated_deltanet_chunk(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state,
                                     Index chunk_length, ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of gated_deltanet; d_o is [length, value_dim].
template <class Scalar>
GatedDeltaNetGradient<Scalar> gated_deltanet_backward(const GatedDeltaNet<Scalar>& in,
                                                      const Matrix<Scalar>& initial_state, const Rows<Scalar>& d_o,
                                                      const Matrix<Scalar>& d_final_state);

/// Adjoint of gated_deltanet_chunk, which filled `starts`.
template <class Scalar>
GatedDeltaNetGradient<Scalar> gated_deltanet_chunk_backward(const GatedDeltaNet<Scalar>& in,
                                                            const ChunkStarts<Scalar>& starts,
                                                            const Rows<Scalar>& d_o,
                                                            const Matrix<Scalar>& d_final_state, Index chunk_length);

}  // namespace gdn2::baselines
