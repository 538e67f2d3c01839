// The matrices of the reference. The only file that includes Eigen.
// Row-major throughout, so that a row is a token and one head of a [length, heads, dim] tensor is a strided view.
//   tests  tests/reference/core/matrix_test.cpp
#pragma once

#define EIGEN_DONT_PARALLELIZE  // threads are over heads, in heads.cpp
#include <Eigen/Core>
#include <Eigen/LU>
#include <Eigen/SVD>

#include "reference/core/dual.h"
#include "reference/core/shape.h"

#ifdef GDN2_ALIGNMENT  // set by the build and by the installed package: cmake/flags.cmake says why
static_assert(EIGEN_MAX_ALIGN_BYTES == GDN2_ALIGNMENT, "compile with the flags that gdn2 was built with");
#endif

namespace Eigen {

/// Lets Eigen compute with dual numbers.
template <class Scalar>
struct NumTraits<gdn2::Dual<Scalar>> : NumTraits<Scalar> {
    using Real = gdn2::Dual<Scalar>;
    using NonInteger = gdn2::Dual<Scalar>;
    using Nested = gdn2::Dual<Scalar>;
    enum { RequireInitialization = 1, ReadCost = 2, AddCost = 2, MulCost = 4 };
};

}  // namespace Eigen

namespace gdn2 {

/// Rows are tokens, or key channels of a state.
template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A column.
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

/// A read-only view of rows that lie `outer stride` apart, as one head's tokens do in [length, heads, dim].
template <class Scalar>
using Rows = Eigen::Map<const Matrix<Scalar>, Eigen::Unaligned, Eigen::OuterStride<>>;

/// The same, writable.
template <class Scalar>
using MutableRows = Eigen::Map<Matrix<Scalar>, Eigen::Unaligned, Eigen::OuterStride<>>;

/// A view of all of `matrix`, which must outlive it.
template <class Scalar>
Rows<Scalar> rows_of(const Matrix<Scalar>& matrix) {
    return {matrix.data(), matrix.rows(), matrix.cols(), Eigen::OuterStride<>(matrix.cols())};
}
template <class Scalar>
Rows<Scalar> rows_of(Matrix<Scalar>&& temporary) = delete;

}  // namespace gdn2
