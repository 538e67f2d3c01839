// See random.h.
#include "reference/core/random.h"

#include <cmath>

namespace gdn2 {
namespace {

std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15ULL;
constexpr double half_width = 0.8577638849607068;  // sqrt(2 / e)

}  // namespace

Random::Random(std::uint64_t seed, std::uint64_t stream)
    : key_(mix(mix(seed + golden_ratio) + stream * golden_ratio)) {}

std::uint64_t Random::bits() { return mix(key_ + ++counter_ * golden_ratio); }

double Random::uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

double Random::uniform(double low, double high) { return low + (high - low) * uniform(); }

double Random::normal() {
    for (;;) {  // accepts 73% of the time
        const double u = 1.0 - uniform();
        const double x = uniform(-half_width, half_width) / u;
        if (x * x <= -4.0 * std::log(u)) return x;
    }
}

Index Random::integer(Index low, Index high) {
    require(low <= high, "a random integer needs low <= high");
    const auto span = static_cast<double>(high - low + 1);
    return low + static_cast<Index>(uniform() * span);
}

Tensor<double> random_normal(const Shape& shape, Random& random) {
    Tensor<double> tensor(shape);
    for (double& x : tensor.values()) x = random.normal();
    return tensor;
}

Tensor<double> random_uniform(const Shape& shape, Random& random, double low, double high) {
    Tensor<double> tensor(shape);
    for (double& x : tensor.values()) x = random.uniform(low, high);
    return tensor;
}

Tensor<double> unit_rows(Tensor<double> tensor) {
    const Index dim = tensor.shape().back();
    for (Index row = 0; row < tensor.size(); row += dim) {
        Eigen::Map<Vector<double>> x(tensor.data() + row, dim);
        const double norm = x.norm();
        if (norm > 0) x /= norm;
    }
    return tensor;
}

}  // namespace gdn2
