// Each head of each token divided by its length: what makes a key a direction.
//   y = x / sqrt(sum x^2 + 1e-6)       dx = (dy - y (y . dy)) / sqrt(sum x^2 + 1e-6)
// A zero row stays zero. Squares must not overflow: |x| up to 1e18 in float32.
//   tests  tests/reference/layers/l2_norm_test.cpp
#pragma once

#include "reference/core/matrix.h"

namespace gdn2 {

/// Keeps rows near zero from growing without bound.
inline constexpr double l2_norm_epsilon = 1e-6;

/// y of x, both [tokens, heads * dim]. Throws Error when the columns are not whole heads of `dim`.
template <class Scalar>
Matrix<Scalar> l2_norm(const Matrix<Scalar>& x, Index dim);

/// dx. Throws Error as l2_norm does, and when dy has not the shape of x.
template <class Scalar>
Matrix<Scalar> l2_norm_backward(const Matrix<Scalar>& x, Index dim, const Matrix<Scalar>& dy);

}  // namespace gdn2
