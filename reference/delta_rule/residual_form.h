// The chunkwise form without Y and U, and its adjoint without the gradient of A: the second chunkwise witness.
//
// R = A (Z - E S_0) is one triangular solve, so its adjoint is one too. The log-decay's gradient is assembled from
// the others: g enters only through gamma, and every gamma multiplies a q, an e or a k, so that
//   dG_r = q_r * dq_r + e_r * de_r - k_r * dk_r     (dk without its part through e = b * k)
// plus, on the last row, what K_tail and gamma_C send to G_C. Cheaper than Appendix B's order, and what the kernels
// compute; but the three terms cancel, so in float32 dg keeps fewer digits than chunk_backward's under strong decay.
//   paper  Eqs. 23-25, 35; the adjoint is ours     cost  about 0.9 of chunk.h's
//   tests  tests/reference/delta_rule/residual_form_test.cpp
#pragma once

#include "reference/delta_rule/chunk.h"

namespace gdn2 {

/// As chunk() in chunk.h.
template <class Scalar>
Forward<Scalar> residual_form(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state, Index chunk_length,
                              ChunkStarts<Scalar>* starts = nullptr);

/// As chunk_backward() in chunk_backward.h, derived from a different statement.
template <class Scalar>
Gradient<Scalar> residual_form_backward(const Sequence<Scalar>& x, const ChunkStarts<Scalar>& starts,
                                        const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                        Index chunk_length);

}  // namespace gdn2
