// Eigen on our scalars: products, solves and views of dual matrices.
#include "reference/core/matrix.h"

#include <doctest/doctest.h>

namespace gdn2 {
namespace {

using D = Dual<double>;

TEST_CASE("products of dual matrices differentiate the product") {
    const Matrix<double> A = Matrix<double>::Random(20, 17), dA = Matrix<double>::Random(20, 17);
    const Matrix<double> B = Matrix<double>::Random(17, 19), dB = Matrix<double>::Random(17, 19);
    Matrix<D> x(20, 17), y(17, 19);
    for (Index i = 0; i < A.size(); ++i) x.data()[i] = D(A.data()[i], dA.data()[i]);
    for (Index i = 0; i < B.size(); ++i) y.data()[i] = D(B.data()[i], dB.data()[i]);
    const Matrix<D> product = x * y;
    const Matrix<double> derivative = dA * B + A * dB;
    for (Index i = 0; i < product.rows(); ++i)
        for (Index j = 0; j < product.cols(); ++j)
            CHECK(product(i, j).derivative == doctest::Approx(derivative(i, j)).epsilon(1e-12));
}

TEST_CASE("rows_of views a matrix without copying it") {
    const Matrix<double> A = Matrix<double>::Random(3, 4);
    const Rows<double> view = rows_of(A);
    CHECK(view.data() == A.data());
    CHECK(view == A);
}

}  // namespace
}  // namespace gdn2
