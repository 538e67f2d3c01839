// Shapes of dense row-major tensors: sizes in words, checked products, and how they print.
//   tests  tests/reference/core/shape_test.cpp
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace gdn2 {

/// Sizes and positions; signed, so that differences and reverse loops are safe.
using Index = std::ptrdiff_t;

/// Sizes of a tensor, outermost first. Empty for a scalar.
using Shape = std::vector<Index>;

/// Number of elements. Throws Error when a size is negative or the product does not fit in Index.
Index element_count(const Shape& shape);

/// "[1, 8, 2, 16]", or "[]" for a scalar.
std::string to_string(const Shape& shape);

/// Position of the flat row-major `offset`: for [2, 3], offset 4 is {1, 1}.
/// Throws Error when offset is outside [0, element_count(shape)).
std::vector<Index> unravel(Index offset, const Shape& shape);

}  // namespace gdn2
