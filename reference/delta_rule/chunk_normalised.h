// The chunkwise form as the paper's Eq. 19 writes it: keys divided by the decay so far. Kept to be seen failing.
//   K_bar_s = k_s / gamma_s        T = tril(E K_bar^T, -1)     A_qk = tril(Qg K_bar^T)     K_tail = gamma_C * K_bar
// The same numbers as chunk.h as long as 1 / gamma fits. In float32 it does not once the log-decays of a chunk add
// up to -88.7: one chunk of 64 tokens at g = -1.4 is enough, and in float64 at g = -11.1.
//   paper  Eqs. 19, 33
//   tests  tests/reference/delta_rule/chunk_normalised_test.cpp (where it agrees, and where it breaks)
#pragma once

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// As chunk() in chunk.h, but inf or NaN under strong decay. Not for use: for comparison.
template <class Scalar>
Forward<Scalar> chunk_normalised(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                                 Index chunk_length);

}  // namespace gdn2
