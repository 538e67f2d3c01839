// Decays and decayed products against their definitions, summed pair by pair in long double, at every length around
// the block size; and what happens where a difference of sums would have lost everything.
#include "reference/delta_rule/decay.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/random.h"
#include "tests/support/allow_fp_exceptions.h"

namespace gdn2 {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <class Scalar>
Matrix<Scalar> random_matrix(Index rows, Index cols, double low, double high, std::uint64_t seed) {
    Random random(seed);
    return Matrix<Scalar>(rows, cols).unaryExpr([&](Scalar) { return Scalar(random.uniform(low, high)); });
}

template <class Scalar>
struct Point {
    Matrix<Scalar> q, k, e, g;

    Point(Index length, Index dim, double g_low, double g_high)
        : q(random_matrix<Scalar>(length, dim, -1, 1, 1)), k(random_matrix<Scalar>(length, dim, -1, 1, 2)),
          e(random_matrix<Scalar>(length, dim, -1, 1, 3)), g(random_matrix<Scalar>(length, dim, g_low, g_high, 4)) {}

    Sequence<Scalar> view() const {
        return {rows_of(q), rows_of(k), rows_of(g), rows_of(k), rows_of(k), rows_of(k), Scalar(1)};
    }
};

/// sum_c left_rc k_sc exp(sum of g between), by the definition.
template <class Scalar>
long double product_at(const Point<Scalar>& x, const Matrix<Scalar>& left, Index r, Index s) {
    long double total = 0;
    for (Index c = 0; c < x.k.cols(); ++c) {
        long double exponent = 0;
        for (Index i = s + 1; i <= r; ++i) exponent += x.g(i, c);
        total += static_cast<long double>(left(r, c)) * x.k(s, c) * std::exp(exponent);
    }
    return total;
}

/// Worst |difference| of both products from the definition, the upper triangles included.
template <class Scalar>
double worst_error(const Point<Scalar>& x) {
    const DecayedProducts<Scalar> found = decayed_products(x.view(), x.e);
    long double worst = 0;
    const auto meet = [&](long double difference) {
        if (!(std::abs(difference) <= worst)) worst = std::abs(difference);
    };
    for (Index r = 0; r < x.k.rows(); ++r)
        for (Index s = 0; s < x.k.rows(); ++s) {
            meet(found.T(r, s) - (s < r ? product_at(x, x.e, r, s) : 0));
            meet(found.A_qk(r, s) - (s <= r ? product_at(x, x.q, r, s) : 0));
        }
    return static_cast<double>(worst);
}

TEST_CASE("decayed_products equals its definition at every length around the block size") {
    for (const Index length : {1, 2, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 100}) {
        INFO("length " << length);
        CHECK(worst_error(Point<double>(length, 5, -0.4, 0)) <= 1e-14);
        CHECK(worst_error(Point<float>(length, 5, -0.4, 0)) <= 2e-6);
    }
}

TEST_CASE("decayed_products keeps float32's digits under strong and mixed decay") {
    for (Index length : {40, 64}) {
        Point<float> x(length, 3, -50, -50);
        CHECK(worst_error(x) <= 1e-6);
        x.g = random_matrix<float>(length, 3, -0.01, 0, 9);
        for (Index i = 0; i < length; i += 7) x.g.row(i).setConstant(-1e4f);  // then slow again: no cancellation
        CHECK(worst_error(x) <= 1e-6);
    }
}

TEST_CASE("decays equal their definition and end at 1") {
    const Matrix<double> g = random_matrix<double>(9, 2, -2, 0, 5);
    const Matrix<double> from_start = decay_from_start(rows_of(g)), to_end = decay_to_end(rows_of(g));
    const Vector<double> whole = g.colwise().sum().array().exp();
    for (Index r = 0; r < 9; ++r)
        for (Index c = 0; c < 2; ++c)
            CHECK(from_start(r, c) * to_end(r, c) == doctest::Approx(whole(c)).epsilon(1e-14));
    CHECK((to_end.row(8).array() == 1).all());
    CHECK(from_start(0, 0) == doctest::Approx(std::exp(g(0, 0))).epsilon(1e-15));
}

TEST_CASE("a decay of -inf is an exact zero in every position of a vector register") {
    for (const Index cols : {1, 3, 8, 16, 33}) {
        CHECK((decay_of<double>(Matrix<double>::Constant(2, cols, -infinity)).array() == 0).all());
        CHECK((decay_of<float>(Matrix<float>::Constant(2, cols, -1e30f)).array() == 0).all());
        CHECK((decay_of<double>(Matrix<double>::Zero(2, cols)).array() == 1).all());
    }
    Point<double> x(20, 3, -0.1, 0);
    x.g.row(5).setConstant(-infinity);
    const DecayedProducts<double> found = decayed_products(x.view(), x.e);
    CHECK(found.T.allFinite());
    CHECK((found.T.block(5, 0, 15, 5).array() == 0).all());
}

TEST_CASE("a decay of NaN stays NaN") {
    const test::AllowFpExceptions allowed;
    const Matrix<double> nan = Matrix<double>::Constant(1, 19, std::nan(""));
    CHECK(decay_of<double>(nan).array().isNaN().all());
    CHECK(decay_of<float>(nan.cast<float>()).array().isNaN().all());
}

TEST_CASE("decayed_products_backward gives dg its digits where it is tiny") {
    // At g = -50 dg is about exp(-50); assembled from terms that cancel it would be rounding noise of size 1e-16.
    Point<double> x(64, 2, -50, -50);
    const Matrix<double> ones = Matrix<double>::Ones(64, 64);
    const auto d = decayed_products_backward<double>(x.view(), x.e, ones, ones);
    const double expected = (x.q(1, 0) + x.e(1, 0)) * x.k(0, 0) * std::exp(-50.0);  // only neighbours meet
    CHECK(d.dg(1, 0) == doctest::Approx(expected).epsilon(1e-12));
}

}  // namespace
}  // namespace gdn2
