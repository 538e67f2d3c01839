// Random numbers: the same everywhere (fixed values), and distributed as they say.
#include "reference/core/random.h"

#include <doctest/doctest.h>

#include <cmath>

namespace gdn2 {
namespace {

TEST_CASE("streams are fixed for ever") {
    Random random(1);
    const std::uint64_t first = random.bits(), second = random.bits();
    Random again(1);
    CHECK(again.bits() == first);
    CHECK(again.bits() == second);
    CHECK(first == 7982734928498899980ULL);
    Random other(1, 1);
    CHECK(other.bits() != first);
}

TEST_CASE("uniform numbers fill their interval evenly") {
    Random random(2);
    double sum = 0, low = 1, high = 0;
    for (int i = 0; i < 100000; ++i) {
        const double x = random.uniform();
        sum += x;
        low = std::min(low, x);
        high = std::max(high, x);
    }
    CHECK(low >= 0);
    CHECK(high < 1);
    CHECK(sum / 100000 == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("normal numbers have the moments of a normal distribution") {
    Random random(3);
    constexpr int count = 200000;
    double m1 = 0, m2 = 0, m4 = 0;
    int beyond_two = 0;
    for (int i = 0; i < count; ++i) {
        const double x = random.normal();
        m1 += x / count;
        m2 += x * x / count;
        m4 += x * x * x * x / count;
        beyond_two += std::abs(x) > 2;
    }
    CHECK(std::abs(m1) < 0.01);
    CHECK(m2 == doctest::Approx(1).epsilon(0.02));
    CHECK(m4 == doctest::Approx(3).epsilon(0.05));
    CHECK(double(beyond_two) / count == doctest::Approx(0.0455).epsilon(0.05));
}

TEST_CASE("integers reach both ends and nothing else") {
    Random random(4);
    int counts[4] = {};
    for (int i = 0; i < 4000; ++i) ++counts[random.integer(-1, 2) + 1];
    for (const int count : counts) CHECK(count > 800);
    CHECK(random.integer(5, 5) == 5);
    CHECK_THROWS_AS(random.integer(2, 1), Error);
}

TEST_CASE("unit_rows normalises rows and leaves zero rows alone") {
    const Tensor<double> t = unit_rows(Tensor<double>(Shape{2, 2}, std::vector<double>{3, 4, 0, 0}));
    CHECK(t.values() == std::vector<double>{0.6, 0.8, 0, 0});
}

}  // namespace
}  // namespace gdn2
