// Rows and heads of root mean square one, and what becomes of rows that are zero or huge.
#include "reference/layers/rms_norm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

TEST_CASE("rms_norm worked by hand, over the row and per head with a shared weight") {
    RmsNorm<double> row = make_rms_norm<double>(4), head = make_rms_norm<double>(2);
    row.weight << 1, 2, 3, 4;
    head.weight << 10, 1;
    Matrix<double> x(1, 4);
    x << 1, 7, -5, 5;                                                    // mean squares: 25, then 25 and 25
    const double r = 1 / std::sqrt(25 + 1e-5);
    CHECK((forward(row, x) - r * Matrix<double>{{1, 14, -15, 20}}).cwiseAbs().maxCoeff() <= 1e-14);
    CHECK((forward(head, x) - r * Matrix<double>{{10, 7, -50, 5}}).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("rms_norm's output does not grow with its input, so that the gradient along it vanishes") {
    Random random(1);
    const RmsNorm<double> norm = make_rms_norm<double>(8, 0);
    RmsNorm<double> d = zeros_like(norm);
    const Matrix<double> x = normal_matrix<double>(3, 16, 5, random), dy = normal_matrix<double>(3, 16, 1, random);
    CHECK((forward<double>(norm, 7 * x) - forward(norm, x)).cwiseAbs().maxCoeff() <= 1e-14);
    const Matrix<double> dx = backward(norm, x, dy, d);
    for (Index row = 0; row < 3; ++row) {
        CHECK(std::abs(dx.row(row).head(8).dot(x.row(row).head(8))) <= 1e-13);
        CHECK(std::abs(dx.row(row).tail(8).dot(x.row(row).tail(8))) <= 1e-13);
    }
}

TEST_CASE("rms_norm's adjoint adds the weight's gradient over tokens and heads") {
    const RmsNorm<double> norm = make_rms_norm<double>(2, 0);
    RmsNorm<double> d = make_rms_norm<double>(2);
    Matrix<double> x(2, 4), dy(2, 4);
    x << 1, 1, 2, -2, 3, 3, 1, 1;                                        // normed: all 1 but for one -1
    dy << 1, 10, 100, 1000, 1, 10, 100, 1000;
    backward(norm, x, dy, d);
    CHECK(d.weight(0) == doctest::Approx(1 + 202).epsilon(1e-14));
    CHECK(d.weight(1) == doctest::Approx(1 + 20).epsilon(1e-14));
}

TEST_CASE("rms_norm keeps zero rows and takes huge ones") {
    const RmsNorm<float> norm = make_rms_norm<float>(4);
    RmsNorm<float> d = zeros_like(norm);
    const Matrix<float> zero = Matrix<float>::Zero(1, 8), huge = Matrix<float>::Constant(1, 8, -1e18f);
    CHECK(forward(norm, zero) == zero);
    CHECK(backward(norm, zero, zero, d) == zero);
    CHECK((forward(norm, huge).array() + 1).abs().maxCoeff() <= 1e-6f);
    CHECK(backward(norm, huge, huge, d).cwiseAbs().maxCoeff() <= 1e-6f);
}

TEST_CASE("rms_norm takes an empty batch, refuses wrong shapes by name and does not decay") {
    RmsNorm<double> norm = make_rms_norm<double>(3), d = zeros_like(norm);
    const Matrix<double> none(0, 6), x = Matrix<double>::Ones(2, 6);
    CHECK(forward(norm, none).cols() == 6);
    CHECK_THROWS_WITH_AS(forward(norm, Matrix<double>(2, 4)),
                         "`x` must have whole heads of 3 columns, got [2, 4]", Error);
    CHECK_THROWS_WITH_AS(backward(norm, x, none, d), "`dy` must be [2, 6], got [0, 6]", Error);
    CHECK(parameters_of(norm)[0].name == "weight");
    CHECK_FALSE(parameters_of(norm)[0].weight_decay);
}

}  // namespace
}  // namespace gdn2
