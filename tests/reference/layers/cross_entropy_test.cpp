// Cross entropy by hand, where nothing counts, and where a plain exponential would overflow.
#include "reference/layers/cross_entropy.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"
#include "tests/support/allow_fp_exceptions.h"

namespace gdn2 {
namespace {

using Targets = std::vector<std::int32_t>;

TEST_CASE("cross_entropy worked by hand: probabilities 1/6 2/6 3/6, the mean over two tokens of three") {
    Matrix<double> logits(3, 3);
    for (Index t = 0; t < 3; ++t) logits.row(t) << 7, 7 + std::log(2.0), 7 + std::log(3.0);
    const CrossEntropy<double> found = cross_entropy(logits, Targets{0, ignored_target, 2});
    CHECK(found.loss == doctest::Approx((std::log(6.0) + std::log(2.0)) / 2).epsilon(1e-15));
    CHECK(found.count == 2);
    CHECK(found.correct == 1);
    const Matrix<double> expected{{-5 / 12.0, 2 / 12.0, 3 / 12.0}, {0, 0, 0}, {1 / 12.0, 2 / 12.0, -3 / 12.0}};
    CHECK((found.d_logits - expected).cwiseAbs().maxCoeff() <= 1e-15);
    CHECK(found.d_logits.row(1).isZero(0));
}

TEST_CASE("cross_entropy of nothing that counts is 0 with a zero gradient") {
    const Matrix<float> logits = Matrix<float>::Ones(2, 3);
    const CrossEntropy<float> found = cross_entropy(logits, Targets{ignored_target, ignored_target});
    CHECK(found.loss == 0);
    CHECK(found.count == 0);
    CHECK(found.correct == 0);
    CHECK(found.d_logits.rows() == 2);
    CHECK(found.d_logits.isZero(0));
    CHECK(cross_entropy(Matrix<float>(0, 3), {}).loss == 0);
}

TEST_CASE("cross_entropy is exact where one logit is huge") {
    const Matrix<float> logits{{1e30f, 0, -1e30f}};
    const CrossEntropy<float> right = cross_entropy(logits, Targets{0}), wrong = cross_entropy(logits, Targets{1});
    CHECK(right.loss == 0);
    CHECK(right.correct == 1);
    CHECK(right.d_logits.cwiseAbs().maxCoeff() <= 1e-30f);
    CHECK(wrong.loss == 1e30f);
    CHECK(wrong.correct == 0);
    CHECK(wrong.d_logits(0, 0) == 1);
    CHECK(wrong.d_logits(0, 1) == -1);
}

TEST_CASE("cross_entropy of equal logits is the log of their number, and a loss of many tokens keeps its digits") {
    const Matrix<float> logits = Matrix<float>::Zero(20000, 5);
    const CrossEntropy<float> found = cross_entropy(logits, Targets(20000, 3));
    CHECK(found.loss == doctest::Approx(std::log(5.0)).epsilon(1e-7));
    CHECK(found.correct == 0);  // of equal logits the first counts as largest
    CHECK(cross_entropy(logits, Targets(20000, 0)).correct == 20000);
}

TEST_CASE("cross_entropy of NaN is NaN") {
    const test::AllowFpExceptions allowed;
    for (const Index at : {0, 1, 2}) {
        Matrix<double> logits = Matrix<double>::Zero(1, 3);
        logits(0, at) = std::nan("");
        CHECK(std::isnan(cross_entropy(logits, Targets{1}).loss));
    }
}

TEST_CASE("cross_entropy names the position and value of a target that cannot be") {
    const Matrix<double> logits = Matrix<double>::Zero(2, 3);
    CHECK_THROWS_WITH_AS(cross_entropy(logits, Targets{0, 3}), "target 1 must be in [0, 3) or -100, got 3", Error);
    CHECK_THROWS_WITH_AS(cross_entropy(logits, Targets{-1, 0}), "target 0 must be in [0, 3) or -100, got -1", Error);
    CHECK_THROWS_WITH_AS(cross_entropy(logits, Targets{0}), "`targets` must be 2, one per row of logits, got 1", Error);
}

TEST_CASE("largest_columns gives the first largest number of every row") {
    const Matrix<float> logits{{1, 3, 2}, {4, 4, 4}, {-3, -2, -1}};
    CHECK(largest_columns(logits) == Targets{1, 0, 2});
    CHECK(largest_columns(Matrix<float>(0, 2)).empty());
    CHECK_THROWS_WITH_AS(largest_columns(Matrix<float>(2, 0)), "`logits` must have a column", Error);
}

}  // namespace
}  // namespace gdn2
