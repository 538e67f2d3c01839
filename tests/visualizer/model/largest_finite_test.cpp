// The largest number that a scale must reach.
#include "visualizer/model/largest_finite.h"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "tests/support/allow_fp_exceptions.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("the largest is by size, whatever its sign and wherever it stands") {
    CHECK(largest_finite(std::vector{1.0, -3.0, 2.0}) == 3);
    CHECK(largest_finite(std::vector{-4.0, -3.0}) == 4);
    Matrix<double> x = Matrix<double>::Zero(3, 5);
    x(2, 4) = -7;
    CHECK(largest_finite(x) == 7);
    CHECK(largest_finite(Vector<double>(x.row(2).transpose())) == 7);
}

TEST_CASE("what is not finite does not count, and of nothing the largest is 0") {
    const AllowFpExceptions one_is_not_a_number;
    constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(largest_finite(std::vector{nan, -2.0, inf, 1.0, -inf}) == 2);
    CHECK(largest_finite(std::vector{nan, inf}) == 0);
    CHECK(largest_finite(std::vector<double>{}) == 0);
    CHECK(largest_finite(Matrix<double>(0, 3)) == 0);
}

}  // namespace
}  // namespace gdn2::test
