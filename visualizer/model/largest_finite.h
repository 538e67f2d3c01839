// The number that a scale of colours or bars must reach.
//   tests  tests/visualizer/model/largest_finite_test.cpp
#pragma once

#include <span>

#include "reference/core/matrix.h"

namespace gdn2::viewer {

/// max |x| over finite numbers; 0 where there are none.
double largest_finite(std::span<const double> x);
inline double largest_finite(const Matrix<double>& x) {
    return largest_finite(std::span(x.data(), static_cast<std::size_t>(x.size())));
}
inline double largest_finite(const Vector<double>& x) {
    return largest_finite(std::span(x.data(), static_cast<std::size_t>(x.size())));
}

}  // namespace gdn2::viewer
