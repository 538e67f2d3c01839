// Every layer of this room, at a point where all of its code runs, for gradcheck.
//   tests  tests/reference/layers/operators_test.cpp
#pragma once

#include <vector>

#include "reference/check/gradcheck.h"

namespace gdn2 {

/// One operator per layer and option: its activations first, then its parameters under their names in a file.
std::vector<check::Operator> layer_operators();

}  // namespace gdn2
