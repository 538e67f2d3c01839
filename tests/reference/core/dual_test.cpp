// Dual numbers against derivatives known in closed form.
#include "reference/core/dual.h"

#include <doctest/doctest.h>

namespace gdn2 {
namespace {

using D = Dual<double>;

void expect(const D& x, double value, double derivative) {
    CHECK(x.value == doctest::Approx(value).epsilon(1e-15));
    CHECK(x.derivative == doctest::Approx(derivative).epsilon(1e-15));
}

TEST_CASE("arithmetic on dual numbers follows the rules of derivatives") {
    const D x(3, 2), y(5, -1);
    expect(x + y, 8, 1);
    expect(x - y, -2, 3);
    expect(x * y, 15, 7);
    expect(x / y, 0.6, 0.52);
    expect(-x, -3, -2);
    D z = x;
    z *= y;
    z -= 1.0;
    z /= 2.0;
    z += x;
    expect(z, 10, 5.5);
}

TEST_CASE("functions of dual numbers carry the chain rule") {
    const D x(2, 3);
    expect(exp(x), std::exp(2.0), 3 * std::exp(2.0));
    expect(log(x), std::log(2.0), 1.5);
    expect(sqrt(x), std::sqrt(2.0), 1.5 / std::sqrt(2.0));
    expect(abs(D(-2, 3)), 2, -3);
    expect(exp(D(-std::numeric_limits<double>::infinity(), 1)), 0, 0);
}

TEST_CASE("dual numbers are ordered by value and finite when both parts are") {
    CHECK(D(1, 9) < D(2, 0));
    CHECK(D(1, 9) == D(1, 0));
    CHECK(isfinite(D(1, 2)));
    CHECK_FALSE(isfinite(D(1, std::numeric_limits<double>::infinity())));
    CHECK(value_of(D(4, 1)) == 4);
}

}  // namespace
}  // namespace gdn2
