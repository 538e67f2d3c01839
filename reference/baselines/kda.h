// KDA, Kimi Delta Attention: every key channel fades at its own rate, then the delta rule edits the state.
//   S_t = (I - beta_t k_t k_t^T) Diag(alpha_t) S_{t-1} + beta_t k_t v_t^T        alpha = exp(g), per key channel
//   o_t = scale S_t^T q_t
// In chunks, with gamma_r = alpha_1 ... alpha_r (vectors) and D_rs = k_s * alpha_{s+1} ... alpha_r, key s as it has
// faded when token r comes:
//   (I + T) R = X,  T_rs = beta_r k_r . D_rs for s < r,  X = Diag(beta) (V - (gamma * K) S_0)
//   O = scale ((gamma * Q) S_0 + A_qk R),  A_qk_rs = q_r . D_rs for s <= r,  S_C = Diag(gamma_C) S_0 + D_C^T R
//   paper  Kimi Linear, Kimi Team 2025, arXiv 2510.26692
//   tests  tests/reference/baselines/rules_test.cpp, equalities_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct Kda {
    Rows<Scalar> q, k;  ///< [length, key_dim]
    Rows<Scalar> v;     ///< [length, value_dim]
    Rows<Scalar> g;     ///< [length, key_dim]  log-decay, <= 0
    Rows<Scalar> beta;  ///< [length, 1]  write strength, in [0, 1] or [0, 2]
    Scalar scale;

    Index length() const { return q.rows(); }
    Kda span(Index first, Index n) const {
        return {span_of(q, first, n), span_of(k, first, n),    span_of(v, first, n),
                span_of(g, first, n), span_of(beta, first, n), scale};
    }
};

/// Gradients of <o, d_o> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct KdaGradient {
    Matrix<Scalar> dq, dk, dv, dg, dbeta, d_initial_state;
};

/// Edits S by token t and returns o_t [value_dim].
template <class Scalar>
Vector<Scalar> kda_step(const Kda<Scalar>& in, Index t, Matrix<Scalar>& S);

/// Runs the rule over a sequence. An empty one returns `initial_state` unchanged.
template <class Scalar>
Forward<Scalar> kda(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> kda_chunk(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                          ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of kda; d_o is [length, value_dim].
template <class Scalar>
KdaGradient<Scalar> kda_backward(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state, const Rows<Scalar>& d_o,
                                 const Matrix<Scalar>& d_final_state);

/// Adjoint of kda_chunk, which filled `starts`. dg is what readers of a key get less what its writer gets: the two
/// cancel, so in float32 it keeps fewer digits than kda_backward's under strong decay.
template <class Scalar>
KdaGradient<Scalar> kda_chunk_backward(const Kda<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                       const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                       Index chunk_length);

}  // namespace gdn2::baselines
