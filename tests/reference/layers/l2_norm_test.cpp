// Heads of length one, and what becomes of rows that are zero, tiny or huge.
#include "reference/layers/l2_norm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"

namespace gdn2 {
namespace {

TEST_CASE("l2_norm divides every head of a token by its own length") {
    Matrix<double> x(1, 4);
    x << 3, 4, 0, -2;
    const Matrix<double> y = l2_norm(x, 2);
    CHECK(y(0, 0) == doctest::Approx(3 / std::sqrt(25 + 1e-6)).epsilon(1e-15));
    CHECK(y(0, 1) == doctest::Approx(4 / std::sqrt(25 + 1e-6)).epsilon(1e-15));
    CHECK(y(0, 2) == 0);
    CHECK(y(0, 3) == doctest::Approx(-2 / std::sqrt(4 + 1e-6)).epsilon(1e-15));
}

TEST_CASE("l2_norm keeps zero rows and makes tiny ones a thousand times longer but no more") {
    const Matrix<float> zero = Matrix<float>::Zero(2, 6), dy = Matrix<float>::Ones(2, 6);
    CHECK(l2_norm(zero, 3) == zero);
    CHECK((l2_norm_backward(zero, 3, dy).array() - 1000).abs().maxCoeff() <= 1e-3f);
    const Matrix<float> tiny = Matrix<float>::Constant(1, 3, 1e-9f);
    CHECK(l2_norm(tiny, 3)(0, 0) == doctest::Approx(1e-6).scale(0).epsilon(1e-6));
}

TEST_CASE("l2_norm of huge rows is their direction and has no gradient along it") {
    const Matrix<float> x = Matrix<float>::Constant(1, 4, 1e18f);
    CHECK((l2_norm(x, 4).array() - 0.5f).abs().maxCoeff() <= 1e-6f);
    CHECK(l2_norm_backward(x, 4, x).cwiseAbs().maxCoeff() <= 1e-6f);
}

TEST_CASE("l2_norm's gradient is at right angles to its output") {
    Matrix<double> x(1, 3), dy(1, 3);
    x << 100, -200, 50;
    dy << 0.3, 0.7, -0.1;
    CHECK(std::abs(l2_norm_backward(x, 3, dy).row(0).dot(x.row(0))) <= 1e-9);
}

TEST_CASE("l2_norm takes an empty batch and refuses wrong shapes by name") {
    const Matrix<double> none(0, 6), x = Matrix<double>::Ones(2, 6);
    CHECK(l2_norm(none, 3).rows() == 0);
    CHECK_THROWS_WITH_AS(l2_norm(x, 4), "`x` must have whole heads of 4 columns, got [2, 6]", Error);
    CHECK_THROWS_WITH_AS(l2_norm(x, 0), "`x` must have whole heads of 0 columns, got [2, 6]", Error);
    CHECK_THROWS_WITH_AS(l2_norm_backward(x, 3, none), "`dy` must be [2, 6], got [0, 6]", Error);
}

}  // namespace
}  // namespace gdn2
