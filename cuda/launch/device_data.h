// Numbers on a device that are made, searched and compared where they lie, with Thrust: nothing is brought back.
// The same Thrust code runs on a card where there is nvcc, and on the host, over the emulator's memory, everywhere.
//   tests  tests/cuda/launch/device_data_test.cpp
#pragma once

#include <cstdint>

#include "cuda/api/options.h"

namespace gdn2::cuda {

/// Writes `count` numbers in [low, high], evenly spread and rounded to `precision`. Number i depends on `seed` and i
/// alone, so every device makes the same ones.
void fill_uniform(Device device, void* numbers, std::int64_t count, Precision precision, float low, float high,
                  std::uint64_t seed);

/// How many of `count` numbers are NaN.
std::int64_t count_nan(Device device, const void* numbers, std::int64_t count, Precision precision);

/// How far `count` numbers are from others. A NaN in either makes both figures NaN, and `at` the first such place.
struct Difference {
    double largest = 0;     ///< |a - b|
    std::int64_t at = -1;   ///< the first place where it is that large; -1 where all are equal
    double relative = 0;    ///< sqrt(sum (a - b)^2) / sqrt(sum b^2); where b is all zeros, the numerator
};
Difference difference(Device device, const void* a, const void* b, std::int64_t count, Precision precision);

}  // namespace gdn2::cuda
