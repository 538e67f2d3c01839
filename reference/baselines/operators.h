// Every rule of this room with its adjoints, at a random point, for gradcheck and for tests.
//   tests  tests/reference/baselines/operators_test.cpp, rules_test.cpp
#pragma once

#include <vector>

#include "reference/check/gradcheck.h"

namespace gdn2::baselines {

/// Each rule token by token ("kda") and in chunks ("kda_chunk"), and softmax attention with and without a window.
/// Inputs of shape [length, dim] come first, then numbers of the whole sequence ([1]), then the initial state, which
/// is as many tensors as the outputs after the first. The functions take any length.
std::vector<check::Operator> operators(Index length = 21, Index chunk_length = 8);

/// Those of Mamba-3, with one pair per token ("mamba3_siso") and three ("mamba3_mimo").
std::vector<check::Operator> mamba3_operators(Index length, Index chunk_length);

}  // namespace gdn2::baselines
