// Every figure of compare() against hand-made numbers, and every way to fail.
#include "reference/check/compare.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/random.h"
#include "tests/support/allow_fp_exceptions.h"

using namespace gdn2;
using namespace gdn2::check;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double inf = std::numeric_limits<double>::infinity();

Tensor<double> row(std::vector<double> values) {
    const Shape shape{1, static_cast<Index>(values.size())};
    return Tensor<double>(shape, std::move(values));
}

Tensor<double> noise(const Shape& shape, std::uint64_t seed = 3) {
    Random random(seed);
    return random_normal(shape, random);
}

}  // namespace

TEST_CASE("equal tensors pass with tolerance 0") {
    const Tensor<double> x = noise({2, 3, 4, 5});
    const Comparison same = compare(x, x, {});
    CHECK(same.passed);
    CHECK(same.why.empty());
    CHECK(same.relative == 0);
    CHECK(same.max_abs == 0);
    CHECK(same.cosine == doctest::Approx(1).epsilon(1e-15));
    CHECK(same.best_scale == 1);
    CHECK(same.ulp.max == 0);
    CHECK(same.where.bad == 0);
}

TEST_CASE("the figures are what their definitions say") {
    const Comparison c = compare(row({3, 4, 0, 0}), row({3, 4, 0, 1}), {.tolerance = 0.3});
    CHECK(c.relative == doctest::Approx(0.2));  // 1 / 5
    CHECK(c.nmse == doctest::Approx(0.04));     // 1 / 25
    CHECK(c.ratio == doctest::Approx(0.5 / (2.5 + 1e-8)));
    CHECK(c.cosine == doctest::Approx(25 / (5 * std::sqrt(26))));
    CHECK(c.best_scale == doctest::Approx(1));
    CHECK(c.max_abs == 1);
    CHECK(c.worst.index == std::vector<Index>{0, 3});
    CHECK(c.worst.reference == 0);
    CHECK(c.worst.claim == 1);
    CHECK(c.worst_row_ratio == doctest::Approx(0.2));
    CHECK(c.worst_row == std::vector<Index>{0});
    CHECK(c.passed);
    CHECK_FALSE(compare(row({3, 4, 0, 0}), row({3, 4, 0, 1}), {.tolerance = 0.199}).passed);
}

TEST_CASE("a claim twice the truth has best scale 2 and cosine 1") {
    const Comparison c = compare(row({1, -2, 3}), row({2, -4, 6}), {.tolerance = 1e-3});
    CHECK_FALSE(c.passed);
    CHECK(c.best_scale == doctest::Approx(2));
    CHECK(c.cosine == doctest::Approx(1));
    CHECK(c.relative == doctest::Approx(1));
    CHECK(c.why == "relative 1 > 0.001");
}

TEST_CASE("a number that is not finite fails before anything else") {
    const test::AllowFpExceptions allow;
    Tensor<double> x = noise({2, 3});
    for (const double bad : {not_a_number, inf, -inf}) {
        Tensor<double> y = x;
        y[4] = bad;
        const Comparison in_claim = compare(x, y, {.tolerance = inf});
        CHECK_FALSE(in_claim.passed);
        CHECK(in_claim.non_finite->index == std::vector<Index>{1, 1});
        CHECK(in_claim.why.find("the claim is") == 0);
        CHECK(in_claim.why.find("at [1, 1]") != std::string::npos);
        CHECK(std::isnan(in_claim.relative));
        CHECK(in_claim.where.first_bad.has_value());
        const Comparison in_reference = compare(y, x, {.tolerance = inf});
        CHECK_FALSE(in_reference.passed);
        CHECK(in_reference.why.find("the reference is") == 0);
        CHECK_FALSE(compare(y, y, {.tolerance = inf}).passed);  // the same NaN twice is still not an answer
    }
}

TEST_CASE("a NaN tolerance passes nothing") {
    const test::AllowFpExceptions allow;
    CHECK_FALSE(compare(row({1, 2}), row({1, 2}), {.tolerance = not_a_number}).passed);
}

TEST_CASE("one wrong row in a right norm fails") {
    const Tensor<double> x = noise({1, 5000, 2, 4});
    Tensor<double> y = x;
    for (Index c = 0; c < 4; ++c) y[(1234 * 2 + 1) * 4 + c] += 1;
    const Comparison c = compare(x, y, {.tolerance = 0.02, .layout = {.axes = Axes::tokens}});
    CHECK(c.relative < 0.02);
    CHECK_FALSE(c.passed);
    CHECK(c.worst_row == std::vector<Index>{0, 1234, 1});
    CHECK(c.why.find("worst row ") == 0);
    CHECK(c.where.bad == 4);
    CHECK(*c.where.first_bad == std::vector<Index>{0, 1234, 1, 0});
}

TEST_CASE("a row of small numbers is held to the size of a typical row") {
    const Tensor<double> x({2, 2}, std::vector<double>{1, 1, 1e-9, 1e-9});
    const Tensor<double> y({2, 2}, std::vector<double>{1, 1, 2e-9, 1e-9});
    const Comparison c = compare(x, y, {.tolerance = 1e-8});
    CHECK(c.passed);
    CHECK(c.worst_row_ratio == doctest::Approx(1e-9));
}

TEST_CASE("a reference of zeros is held to the tolerance absolutely") {
    const Tensor<double> zeros({2, 2});
    CHECK(compare(zeros, zeros, {}).passed);
    CHECK(compare(zeros, Tensor<double>({2, 2}, 1e-12), {.tolerance = 1e-11}).passed);
    const Comparison c = compare(zeros, Tensor<double>({2, 2}, 1e-3), {.tolerance = 1e-11});
    CHECK_FALSE(c.passed);
    CHECK(c.relative == doctest::Approx(1e-3));
    CHECK(c.where.bad == 4);
    const Tensor<double> one_bad({2, 2}, std::vector<double>{1e-12, 1e-12, 1e-3, 0});
    CHECK(compare(zeros, one_bad, {.tolerance = 1e-11}).where.bad == 1);
    CHECK_FALSE(compare(Tensor<double>({2, 2}, 1.0), zeros, {.tolerance = 1e-11}).passed);
}

TEST_CASE("a claim need not hold numbers too small for its format") {
    const Tensor<double> small = row({1e-130, -2e-130}), zeros({1, 2});
    CHECK(compare(small, zeros, {.tolerance = 1e-6, .precision = Precision::f32}).passed);
    CHECK_FALSE(compare(small, zeros, {.tolerance = 1e-6, .precision = Precision::f64}).passed);
    const Tensor<double> smallest = row({1e-37, -2e-37});  // still a normal f32
    CHECK_FALSE(compare(smallest, zeros, {.tolerance = 1e-6, .precision = Precision::f32}).passed);
    CHECK_FALSE(compare(small, row({1e-40, 0}), {.tolerance = 1e-6, .precision = Precision::f32}).passed);
}

TEST_CASE("a reference that is rounding itself counts as large as least_rms") {
    const Tensor<double> rounding = row({1e-17, -1e-17}), other = row({-1e-17, 1e-17});
    CHECK_FALSE(compare(rounding, other, {.tolerance = 1e-3}).passed);
    const Comparison c = compare(rounding, other, {.tolerance = 1e-3, .least_rms = 1e-13});
    CHECK(c.passed);
    CHECK(c.relative == doctest::Approx(2e-4));
    CHECK(c.worst_row_ratio == doctest::Approx(2e-4));
    CHECK_FALSE(compare(rounding, other, {.tolerance = 1e-4, .least_rms = 1e-13}).passed);
}

TEST_CASE("errors are counted in units of the claim's own format") {
    const auto ulp = [](double reference, double claim, Precision precision) {
        return compare(row({reference}), row({claim}), {.tolerance = 1, .precision = precision}).ulp.max;
    };
    CHECK(ulp(1.0, std::nextafter(1.0, 2.0), Precision::f64) == 1);
    CHECK(ulp(1.0, std::nextafter(1.0f, 2.0f), Precision::f32) == 1);
    CHECK(ulp(1.0, 1 + 1.0 / 1024, Precision::f16) == 1);
    CHECK(ulp(1.0, 1 + 1.0 / 128, Precision::bf16) == 1);
    CHECK(ulp(1.5, 1.5 + 3.0 / 128, Precision::bf16) == 3);
    CHECK(ulp(0.0, std::ldexp(1.0, -24), Precision::f16) == 1);      // the smallest f16
    CHECK(ulp(0.0, 1.0, Precision::f64) == doctest::Approx(1e300));  // capped
    CHECK(ulp(0.0, std::numeric_limits<double>::denorm_min(), Precision::f64) == 1);
}

TEST_CASE("the distance in units of a format is that of its spacing, and NaN where there is none") {
    CHECK(ulp_distance(1, 1 + std::ldexp(1.0, -52), Precision::f64) == 1);
    CHECK(ulp_distance(1, 1 + std::ldexp(1.0, -22), Precision::f32) == 2);
    CHECK(ulp_distance(3, 3 - std::ldexp(1.0, -6), Precision::bf16) == 1);
    CHECK(ulp_distance(0, 0, Precision::f16) == 0);
    CHECK(std::isnan(ulp_distance(1, std::numeric_limits<double>::infinity(), Precision::f32)));
}

TEST_CASE("a file's format is a claim's format, and has its row of tolerances") {
    CHECK(precision_of(io::DType::bf16) == Precision::bf16);
    CHECK(precision_of(io::DType::i32) == Precision::f64);
    CHECK(claim_pair(Precision::f16) == Pair::f16_claim);
    CHECK(claim_pair(precision_of(io::DType::f32)) == Pair::f32_claim);
}

TEST_CASE("the percentiles of the unit errors are ordered") {
    std::vector<double> reference(1000, 1.0), claim(1000, 1.0);
    for (std::size_t i = 0; i < 100; ++i) claim[i] += static_cast<double>(i + 1) / (1 << 23);
    const UlpSpread ulp =
        compare(row(reference), row(claim), {.tolerance = 1, .precision = Precision::f32}).ulp;
    CHECK(ulp.p50 == 0);
    CHECK(ulp.p99 == 90);
    CHECK(ulp.max == 100);
}

TEST_CASE("the error is set against a plain low-precision result when there is one") {
    const Tensor<double> truth = row({1, 1}), plain = row({1, 1.5}), claim = row({2, 1});
    CompareOptions options{.tolerance = 1};
    CHECK_FALSE(compare(truth, claim, options).over_low_precision.has_value());
    options.low_precision = &plain;
    CHECK(*compare(truth, claim, options).over_low_precision == 2);
}

TEST_CASE("huge and tiny numbers do not overflow the figures") {
    const Comparison huge = compare(row({1e300, -1e300}), row({1e300, 1e300}), {.tolerance = 1e-3});
    CHECK_FALSE(huge.passed);
    CHECK(huge.relative == doctest::Approx(std::sqrt(2.0)));
    const Comparison tiny = compare(row({1e-300, 2e-300}), row({1e-300, 3e-300}), {.tolerance = 1e-3});
    CHECK_FALSE(tiny.passed);
    CHECK(tiny.relative == doctest::Approx(1 / std::sqrt(5.0)));
}

TEST_CASE("tensors that cannot be compared are refused") {
    CHECK_THROWS_WITH_AS(compare(row({1, 2}), row({1, 2, 3}), {}),
                         "the claim must be [1, 2] like the reference, got [1, 3]", Error);
    CHECK_THROWS_AS(compare(Tensor<double>(), Tensor<double>(), {}), Error);
    const Tensor<double> wrong = row({1});
    CompareOptions options;
    options.low_precision = &wrong;
    CHECK_THROWS_AS(compare(row({1, 2}), row({1, 2}), options), Error);
}

TEST_CASE("a reference that is only rounding is held to the size it was told") {
    const Tensor<double> noise = row({1e-15, -2e-15});
    CHECK_FALSE(compare(noise, row({3e-15, 1e-15}), {.tolerance = 1e-10}).passed);
    CHECK(compare(noise, row({3e-15, 1e-15}), {.tolerance = 1e-10, .least_rms = 0.01}).passed);
    CHECK_FALSE(compare(noise, row({1e-15, 1e-11}), {.tolerance = 1e-10, .least_rms = 0.01}).passed);
    CHECK_FALSE(compare(noise, row({1e-15, std::nan("")}), {.tolerance = 1e-10, .least_rms = 0.01}).passed);
}
