// Between the tensors of an Operator and the views and matrices of this room; only operators.cpp and
// mamba3_operators.cpp need it.
//   tests  tests/reference/baselines/operators_test.cpp
#pragma once

#include "reference/baselines/baseline.h"
#include "reference/check/gradcheck.h"

namespace gdn2::baselines {

/// A tensor [rows, cols], which must outlive the view.
template <class Scalar>
Rows<Scalar> rows_of(const Tensor<Scalar>& tensor) {
    const Index dim = tensor.shape()[1];
    return {tensor.data(), tensor.shape()[0], dim, Eigen::OuterStride<>(dim)};
}

/// A copy of a matrix.
template <class Scalar>
Tensor<Scalar> tensor_of(const Matrix<Scalar>& matrix) {
    return {{matrix.rows(), matrix.cols()}, {matrix.data(), matrix.data() + matrix.size()}};
}

/// One number, of shape [1].
inline Tensor<double> tensor_of(double number) { return {{1}, std::vector{number}}; }

/// Copies, in their order.
template <class... Members>
check::Tensors<double> tensors_of(const Members&... members) {
    return {tensor_of(members)...};
}

}  // namespace gdn2::baselines
