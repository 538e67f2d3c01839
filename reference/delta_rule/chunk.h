// Gated Delta Rule-2 a chunk at a time: the same numbers as recurrent.h, in matrix products.
//
// Where the chunkwise form comes from. Inside a chunk let S_0 be the state at its start and u_r what token r
// writes (its residual), so that after token r, with every exponent a sum of the g's in between,
//     S_r = Diag(gamma_r) S_0 + sum_{s<=r} Diag(exp(g_{s+1} + ... + g_r)) k_s u_s^T                (1)
// Token r reads S' = Diag(alpha_r) S_{r-1} with e_r and writes the difference to z_r:
//     u_r = z_r - S'^T e_r = z_r - S_0^T E_r - sum_{s<r} T_rs u_s                                  (2)
// Stacked over r, (I + T) R = Z - E S_0, so R = A (Z - E S_0) = U - Y S_0: what every token writes, at once.
// Reading (1) with q_r gives the outputs, and its last row the state for the next chunk:
//     O   = scale (Qg S_0 + A_qk R)                                                                Eq. 24
//     S_C = Diag(gamma_C) S_0 + K_tail^T R                                                         Eq. 23
//   paper  Eqs. 20-25, 35     cost  about 2 length (5 C dim + 3 dim^2) for key_dim = value_dim = dim
//   tests  tests/reference/delta_rule/chunk_test.cpp
#pragma once

#include <vector>

#include "reference/delta_rule/problem.h"
#include "reference/trace/recorder.h"

namespace gdn2 {

/// The state at the start of every chunk: all that the adjoint needs from the forward pass.
template <class Scalar>
using ChunkStarts = std::vector<Matrix<Scalar>>;

/// Runs the rule over a sequence from `initial_state` [key_dim, value_dim] in chunks of `chunk_length` tokens, the
/// last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> chunk(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state, Index chunk_length,
                      ChunkStarts<Scalar>* starts = nullptr, trace::Recorder* recorder = nullptr);

}  // namespace gdn2
