// What a token of Mamba-3 says of time, by hand.
#include "reference/layers/mamba3_steps.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Batch batch{2, 4};
constexpr Index heads = 2, count = 1;

Matrix<double> logits() {
    Random random(1);
    return normal_matrix<double>(batch.tokens(), 3 * heads + count, 1, random);
}

TEST_CASE("Mamba-3's steps are their formulas") {
    const Matrix<double> x = logits();
    const Vector<double> dt_bias{{0.5, -1}};
    const Mamba3Steps<double> steps = mamba3_steps(x, dt_bias, batch);
    for (Index t = 0; t < batch.tokens(); ++t)
        for (Index h = 0; h < heads; ++h) {
            const double Delta = std::log1p(std::exp(x(t, h) + dt_bias(h)));
            const double lambda = 1 / (1 + std::exp(-x(t, 2 * heads + h)));
            const double A = -std::log1p(std::exp(x(t, heads + h)));
            CHECK(steps.Delta(t, h) == doctest::Approx(Delta).epsilon(1e-14));
            CHECK(steps.g(t, h) == doctest::Approx(Delta * A).epsilon(1e-14));
            CHECK(steps.now(t, h) == doctest::Approx(lambda * Delta).epsilon(1e-14));
            CHECK(steps.share(t, h) == doctest::Approx((1 - lambda) * Delta).epsilon(1e-13));
        }
}

TEST_CASE("Mamba-3's heads always forget a little and their rate then stops learning") {
    Matrix<double> x = logits();
    x.col(heads).setConstant(-40);  // a of head 0
    const Vector<double> dt_bias{{0.5, -1}};
    const Mamba3Steps<double> steps = mamba3_steps(x, dt_bias, batch);
    CHECK((steps.A.col(0).array() == -1e-4).all());
    CHECK((steps.A.col(1).array() < -1e-4).all());
    const Matrix<double> ones = Matrix<double>::Ones(batch.tokens(), heads);
    const Mamba3Steps<double> d{{}, {}, {}, ones, ones, ones, Matrix<double>::Ones(batch.tokens(), heads * count)};
    Vector<double> d_dt_bias = Vector<double>::Zero(heads);
    const Matrix<double> d_logits = mamba3_steps_backward(x, dt_bias, batch, steps, d, d_dt_bias);
    CHECK(d_logits.col(heads).isZero(0));
    CHECK((d_logits.col(heads + 1).array() != 0).all());
}

TEST_CASE("Mamba-3's steps refuse too few columns") {
    CHECK_THROWS_WITH_AS(mamba3_steps<double>(Matrix<double>(4, 5), Vector<double>::Zero(2), {1, 4}),
                         "`logits` must have 3 columns a head and one an angle, got 5 for 2 heads", Error);
}

}  // namespace
}  // namespace gdn2
