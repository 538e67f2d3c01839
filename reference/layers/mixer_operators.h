// Every mixer as a function of its input and of its parameters, for gradcheck.
//   tests  tests/reference/layers/operators_test.cpp
#pragma once

#include <vector>

#include "reference/check/gradcheck.h"

namespace gdn2 {

/// One operator for each of mixer_rules(), and for options that change what is computed: grouped value heads, no
/// convolution, low-rank and bounded gates, b in [0, 2], windows.
std::vector<check::Operator> mixer_operators();

}  // namespace gdn2
