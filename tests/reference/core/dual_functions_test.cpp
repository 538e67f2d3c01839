// Dual numbers against derivatives known in closed form.
#include "reference/core/dual_functions.h"

#include <doctest/doctest.h>

namespace gdn2 {
namespace {

void expect(const Dual<double>& x, double value, double derivative) {
    CHECK(x.value == doctest::Approx(value).epsilon(1e-15));
    CHECK(x.derivative == doctest::Approx(derivative).epsilon(1e-15));
}

TEST_CASE("tanh and sin and cos of dual numbers carry the chain rule") {
    const Dual<double> x(2, 3);
    expect(tanh(x), std::tanh(2.0), 3 / (std::cosh(2.0) * std::cosh(2.0)));
    expect(sin(x), std::sin(2.0), 3 * std::cos(2.0));
    expect(cos(x), std::cos(2.0), -3 * std::sin(2.0));
}

}  // namespace
}  // namespace gdn2
