// Counting and printing shapes.
#include "reference/core/shape.h"

#include <doctest/doctest.h>

#include <limits>

#include "reference/core/error.h"

namespace gdn2 {
namespace {

TEST_CASE("element_count multiplies and a scalar has one element") {
    CHECK(element_count({}) == 1);
    CHECK(element_count({2, 3, 4}) == 24);
    CHECK(element_count({2, 0, 4}) == 0);
}

TEST_CASE("element_count refuses what cannot be counted") {
    constexpr Index huge = std::numeric_limits<Index>::max() / 2;
    CHECK_THROWS_AS(element_count({huge, 3}), Error);
    CHECK_THROWS_AS(element_count({huge, 3, 0}), Error);
    CHECK_THROWS_AS(element_count({2, -1}), Error);
}

TEST_CASE("shapes print as lists") {
    CHECK(to_string(Shape{}) == "[]");
    CHECK(to_string(Shape{1, 8, 2}) == "[1, 8, 2]");
}

TEST_CASE("unravel inverts row-major order") {
    CHECK(unravel(0, {2, 3}) == std::vector<Index>{0, 0});
    CHECK(unravel(4, {2, 3}) == std::vector<Index>{1, 1});
    CHECK(unravel(5, {2, 3}) == std::vector<Index>{1, 2});
    CHECK_THROWS_AS(unravel(6, {2, 3}), Error);
    CHECK_THROWS_AS(unravel(-1, {2, 3}), Error);
}

}  // namespace
}  // namespace gdn2
