// The gate-aware adjoint of chunk.h, in the order of the paper's Appendix B.
//
// Gate-aware: with one scalar beta per token the gradient by A may be formed as dU V^T and multiplied by beta_s
// afterwards. With w_s a different diagonal for every row no factor applied later recovers dU_r (w_s * v_s)^T, nor
// dY_r (b_s * gamma_s * k_s)^T: the gates sit inside these products (Eqs. 26-27). The shortcut agrees exactly when
// the gates are tied, and only then (Appendix B.5).
//   paper  Eqs. 26-28, 49-82
//   tests  tests/reference/delta_rule/chunk_backward_test.cpp
#pragma once

#include "reference/delta_rule/chunk.h"

namespace gdn2 {

/// Gradients of <o, d_o> + <final_state, d_final_state>, given the chunk starts that chunk() recorded with the same
/// chunk_length. d_o is [length, value_dim], d_final_state [key_dim, value_dim].
/// Rebuilds one chunk at a time: memory beyond `starts` does not grow with the length.
template <class Scalar>
Gradient<Scalar> chunk_backward(const Sequence<Scalar>& x, const ChunkStarts<Scalar>& starts,
                                const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                Index chunk_length);

}  // namespace gdn2
