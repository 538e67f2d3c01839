// Random numbers that are the same on every machine: each one is a hash of (seed, counter), never a state that
// depends on the order of calls. The mixer is SplitMix64 (Steele, Lea, Flood 2014).
//   tests  tests/reference/core/random_test.cpp (fixed values)
#pragma once

#include <cstdint>

#include "reference/core/tensor.h"

namespace gdn2 {

/// A stream of numbers. Streams with different (seed, stream) are independent.
class Random {
public:
    explicit Random(std::uint64_t seed, std::uint64_t stream = 0);

    std::uint64_t bits();                        ///< 64 random bits
    double uniform();                            ///< in [0, 1), 53 bits
    double uniform(double low, double high);     ///< in [low, high)
    double normal();                             ///< mean 0, deviation 1 (by the ratio of uniforms)
    Index integer(Index low, Index high);        ///< in [low, high], both reachable; needs low <= high

private:
    std::uint64_t key_;
    std::uint64_t counter_ = 0;
};

/// A tensor of independent normal draws.
Tensor<double> random_normal(const Shape& shape, Random& random);
/// A tensor of independent draws, uniform in [low, high).
Tensor<double> random_uniform(const Shape& shape, Random& random, double low, double high);

/// Each last-axis row divided by its Euclidean norm; rows of norm 0 stay 0.
Tensor<double> unit_rows(Tensor<double> tensor);

}  // namespace gdn2
