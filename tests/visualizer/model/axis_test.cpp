// The axes of plots: round ends around the numbers, and numbers to say along them.
#include "visualizer/model/axis.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

void check_axis(const Axis& axis, double low, double high) {
    CHECK(axis.low == doctest::Approx(low).epsilon(1e-12));
    CHECK(axis.high == doctest::Approx(high).epsilon(1e-12));
    CHECK(axis.low < axis.high);
}

TEST_CASE("a logarithmic axis spans whole decades, one at least and so many at most") {
    check_axis(logarithmic_axis(0.03, 7, 6), 0.01, 10);
    check_axis(logarithmic_axis(1, 1000, 6), 1, 1000);
    check_axis(logarithmic_axis(4, 5, 6), 1, 10);
    check_axis(logarithmic_axis(10, 10, 6), 1, 10);
    check_axis(logarithmic_axis(1e-30, 5, 6), 1e-5, 10);
    check_axis(logarithmic_axis(0, 5, 3), 0.01, 10);
    check_axis(logarithmic_axis(0, 0, 3), 0.1, 1);
    check_axis(logarithmic_axis(1, std::numeric_limits<double>::infinity(), 3), 0.1, 1);
    check_axis(logarithmic_axis(2e300, 3e300, 3), 1e300, 1e301);
}

TEST_CASE("a linear axis ends at round numbers around what it shows") {
    check_axis(linear_axis(0.03, 1.14), 0, 1.5);
    check_axis(linear_axis(0, 1), 0, 1);
    check_axis(linear_axis(-0.9, 2.2), -1, 3);
    check_axis(linear_axis(3, 3), 3, 4);
    check_axis(linear_axis(std::numeric_limits<double>::quiet_NaN(), 8), 0, 8);
}

TEST_CASE("numbers stand in order, the ends at 0 and 1, and a decade is as long as any other") {
    const Axis linear{-1, 3}, logarithmic{0.01, 100, true};
    CHECK(linear.place(-1) == 0);
    CHECK(linear.place(1) == 0.5);
    CHECK(linear.place(9) == 1);
    CHECK(logarithmic.place(0.01) == 0);
    CHECK(logarithmic.place(1) == doctest::Approx(0.5));
    CHECK(logarithmic.place(10) == doctest::Approx(0.75));
    CHECK_FALSE(logarithmic.has_place(0));
    CHECK_FALSE(logarithmic.has_place(-1));
    CHECK(linear.has_place(-1));
    CHECK_FALSE(linear.has_place(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("ticks are the ends and round numbers between them") {
    CHECK(Axis{0, 1.5}.ticks(4) == std::vector<double>{0, 0.5, 1, 1.5});
    CHECK(Axis{-1, 1}.ticks(3) == std::vector<double>{-1, 0, 1});
    CHECK(Axis{0, 1}.ticks(2) == std::vector<double>{0, 1});
    const std::vector<double> powers = Axis{0.01, 100, true}.ticks(3);
    REQUIRE(powers.size() == 3);
    CHECK(powers[1] == doctest::Approx(1));
    const std::vector<double> odd = Axis{0.001, 100, true}.ticks(3);
    REQUIRE(odd.size() == 3);
    CHECK(odd[1] == doctest::Approx(0.1));
    for (const Axis& axis : {Axis{0.3, 7.1}, Axis{1e-8, 10, true}, Axis{0, 3e300}})
        for (const int count : {2, 3, 5, 9}) {
            const std::vector<double> ticks = axis.ticks(count);
            CHECK(ticks.front() == axis.low);
            CHECK(ticks.back() == doctest::Approx(axis.high));
            CHECK(static_cast<int>(ticks.size()) <= count + 1);
            for (std::size_t i = 1; i < ticks.size(); ++i) CHECK(ticks[i - 1] < ticks[i]);
        }
}

}  // namespace
}  // namespace gdn2::test
