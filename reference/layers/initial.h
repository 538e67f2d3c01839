// First values of weights: drawn in float64 in row-major order, then rounded, so that every precision starts alike.
//   tests  tests/reference/layers/linear_test.cpp
#pragma once

#include "reference/core/matrix.h"
#include "reference/core/random.h"

namespace gdn2 {

/// Each number uniform in [-bound, bound).
template <class Scalar>
Matrix<Scalar> uniform_matrix(Index rows, Index cols, double bound, Random& random) {
    Matrix<Scalar> matrix(rows, cols);
    for (Index i = 0; i < matrix.size(); ++i)
        matrix.data()[i] = static_cast<Scalar>(random.uniform(-bound, bound));
    return matrix;
}

/// Each number normal with mean 0.
template <class Scalar>
Matrix<Scalar> normal_matrix(Index rows, Index cols, double deviation, Random& random) {
    Matrix<Scalar> matrix(rows, cols);
    for (Index i = 0; i < matrix.size(); ++i)
        matrix.data()[i] = static_cast<Scalar>(deviation * random.normal());
    return matrix;
}

}  // namespace gdn2
