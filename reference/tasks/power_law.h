// The power law by which MQAR spreads its questions, in whole numbers.
//   tests  tests/reference/tasks/mqar_zoology_test.cpp
#pragma once

#include <cstdint>
#include <vector>

#include "reference/core/shape.h"

namespace gdn2 {

/// Weights of i = 1 .. count proportional to i^(a-1) with a = 0.01: [count], the first 2^32. The same on every
/// machine: made of square roots, products and a quotient, which IEEE 754 rounds in one way; pow has no such rule.
std::vector<std::int64_t> power_law_weights(Index count);

}  // namespace gdn2
