// Every differentiable operator of this room, at a point where all of its code runs, for gradcheck.
//   tests  tests/reference/delta_rule/operators_test.cpp
#pragma once

#include <vector>

#include "reference/check/gradcheck.h"

namespace gdn2 {

/// recurrent, chunk and residual_form (grouped value heads, packed with an empty sequence, initial state, a chunk
/// length that leaves a short last chunk), the tied gates, and the pieces the chunkwise adjoints are made of.
std::vector<check::Operator> operators();

}  // namespace gdn2
