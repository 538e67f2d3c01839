// Gated Delta Rule-2, one token at a time: the definition every other path is held to.
//   paper  Section 3.1, Eqs. 8-10
//   tests  tests/reference/delta_rule/recurrent_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// Runs the rule over a sequence from `initial_state` [key_dim, value_dim].
template <class Scalar>
Forward<Scalar> recurrent(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state);

}  // namespace gdn2
