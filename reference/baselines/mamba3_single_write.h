// Mamba-3 with one write per token instead of two: exactly the recurrence of mamba3.h, in a form that chunks.
//
// A pair is written twice: by its own token with lambda_t Delta_t, and by the next one with carry_t alpha_{t+1}, where
// carry_t = (1 - lambda_{t+1}) Delta_{t+1}. Written once, with both, it is early by carry_t, and only its own token can
// tell; so with H_t = S_t + carry_t sum_r k_t,r x_t,r^T
//   H_t   = alpha_t H_{t-1} + c_t sum_r k_t,r x_t,r^T        c_t = lambda_t Delta_t + carry_t
//   y_t,r = H_t^T q_t,r - carry_t sum_s (q_t,r . k_t,s) x_t,s + D x_t,r
// After the last token nothing is carried: there H = S. Before the first, the pair of the state before is carried.
// In chunks, rows (t, r) of K, Q, X, with L and gamma as in mamba2.h: a token weighs itself with c_t - carry_t, so
//   Y = Diag(gamma) Q H_0 + (Q K^T * W) X + D X        W_ts = L_ts c_s for s < t, W_tt = lambda_t Delta_t
//   H_C = gamma_C H_0 + (Diag(to_end * c) K)^T X
//   tests  tests/reference/baselines/mamba3_test.cpp, rules_test.cpp
#pragma once

#include "reference/baselines/mamba3.h"

namespace gdn2::baselines {

/// The recurrence of H, token by token; otherwise as mamba3() in mamba3.h.
template <class Scalar>
Mamba3Forward<Scalar> mamba3_single_write(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` with H at the chunks' starts unless null. Throws
/// Error when chunk_length < 1.
template <class Scalar>
Mamba3Forward<Scalar> mamba3_chunk(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                   Index chunk_length, ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of mamba3_chunk, which filled `starts`.
template <class Scalar>
Mamba3Gradient<Scalar> mamba3_chunk_backward(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                             const ChunkStarts<Scalar>& starts, const Rows<Scalar>& d_y,
                                             const Mamba3State<Scalar>& d_final_state, Index chunk_length);

}  // namespace gdn2::baselines
