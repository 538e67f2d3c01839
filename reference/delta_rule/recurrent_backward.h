// The adjoint of recurrent.h, token by token in reverse.
//   maths  section 1 of docs/equations.md: each line of the step, differentiated
//   tests  tests/reference/delta_rule/recurrent_backward_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"
#include "reference/trace/recorder.h"

namespace gdn2 {

/// Gradients of <o, d_o> + <final_state, d_final_state>.
/// d_o is [length, value_dim]; initial_state and d_final_state are [key_dim, value_dim].
/// Keeps about 2 sqrt(length) states: one where each span of sqrt(length) tokens starts, and those of one span.
template <class Scalar>
Gradient<Scalar> recurrent_backward(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                                    const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                    trace::Recorder* recorder = nullptr);

}  // namespace gdn2
