// See power_law.h.
#include "reference/tasks/power_law.h"

#include <cmath>

namespace gdn2 {
namespace {

/// x^exponent for 0 <= exponent < 1: the product of x^(1/2), x^(1/4), ... over the binary digits of the exponent.
double power_by_roots(double x, double exponent) {
    double root = x, product = 1;
    while (exponent > 0) {
        root = std::sqrt(root);
        exponent *= 2;
        if (exponent < 1) continue;
        product *= root;
        exponent -= 1;
    }
    return product;
}

}  // namespace

std::vector<std::int64_t> power_law_weights(Index count) {
    std::vector<std::int64_t> weights;
    for (Index i = 1; i <= count; ++i) {
        const auto x = static_cast<double>(i);
        weights.push_back(static_cast<std::int64_t>(power_by_roots(x, 0.01) / x * 0x1p32));
    }
    return weights;
}

}  // namespace gdn2
