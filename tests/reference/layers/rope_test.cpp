// Rotary positions: by hand, as a rotation, and by what they are for.
#include "reference/layers/rope.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

Matrix<double> random_rows(Index rows, Index cols, std::uint64_t seed) {
    Random random(seed);
    return normal_matrix<double>(rows, cols, 1, random);
}

TEST_CASE("rope turns channel i and channel i plus half the head by hand") {
    const Matrix<double> x{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 2, 3, 4}};
    const Matrix<double> y = rope(x, {1, 3}, {.dim = 4});
    CHECK(y.row(0) == x.row(0));
    const double slow = 2 * std::pow(10000.0, -0.5);                     // position 2, the second pair
    CHECK(y(2, 0) == doctest::Approx(std::cos(2.0) - 3 * std::sin(2.0)).epsilon(1e-15));
    CHECK(y(2, 2) == doctest::Approx(3 * std::cos(2.0) + std::sin(2.0)).epsilon(1e-15));
    CHECK(y(2, 1) == doctest::Approx(2 * std::cos(slow) - 4 * std::sin(slow)).epsilon(1e-15));
    CHECK(y(2, 3) == doctest::Approx(4 * std::cos(slow) + 2 * std::sin(slow)).epsilon(1e-15));
}

TEST_CASE("rope makes a query and a key meet at an angle of their distance alone") {
    const Matrix<double> q = random_rows(1, 8, 1), k = random_rows(1, 8, 2);
    const auto meet = [&](Index at, Index distance) {
        const Matrix<double> query = rope(q, {1, 1}, {.dim = 8, .first = at});
        return query.row(0).dot(rope(k, {1, 1}, {.dim = 8, .first = at - distance}).row(0));
    };
    for (const Index distance : {0, 1, 7})
        CHECK(meet(1000, distance) == doctest::Approx(meet(9, distance)).epsilon(1e-11));
    CHECK(std::abs(meet(9, 1) - meet(9, 2)) > 1e-3);
}

TEST_CASE("rope's adjoint turns back, and lengths are kept") {
    const Matrix<double> x = random_rows(12, 12, 3);
    const RopeOptions options{.dim = 6, .first = 5};
    const Matrix<double> y = rope(x, {3, 4}, options);
    CHECK((rope_backward(y, {3, 4}, options) - x).cwiseAbs().maxCoeff() <= 1e-15);
    for (Index row = 0; row < 12; ++row) CHECK(y.row(row).norm() == doctest::Approx(x.row(row).norm()).epsilon(1e-14));
}

TEST_CASE("rope decodes the bits of the whole sequence, and every sequence starts anew") {
    const Matrix<float> x = random_rows(10, 16, 4).cast<float>(), whole = rope(x, {2, 5}, {.dim = 8});
    for (Index row = 0; row < 10; ++row)
        CHECK(rope<float>(x.row(row), {1, 1}, {.dim = 8, .first = row % 5}) == whole.row(row));
}

TEST_CASE("rope takes empty batches and refuses wrong shapes by name") {
    CHECK(rope(Matrix<double>(0, 8), {0, 3}, {.dim = 4}).rows() == 0);
    CHECK(rope(Matrix<double>(0, 8), {3, 0}, {.dim = 4}).rows() == 0);
    CHECK_THROWS_WITH_AS(rope(Matrix<double>(1, 6), {1, 1}, {.dim = 3}),
                         "rope turns pairs: `dim` must be even, got 3", Error);
    CHECK_THROWS_WITH_AS(rope(Matrix<double>(1, 6), {1, 1}, {.dim = 4}),
                         "`x` must have whole heads of 4 columns, got [1, 6]", Error);
    CHECK_THROWS_WITH_AS(rope_backward(Matrix<double>(1, 8), {1, 2}, {.dim = 4}),
                         "`dy` must have batch * length = 1 * 2 rows, got [1, 8]", Error);
}

}  // namespace
}  // namespace gdn2
