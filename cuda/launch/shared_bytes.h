// How much shared memory a kernel needs. The kernels' own headers say it (prepare.cuh, scan.cuh); this repeats it for
// code that must not include them, and emulated_scan.cpp and emulated_other.cpp, which every build compiles, hold the
// two together.
#pragma once

#include <cstddef>

#include "cuda/api/options.h"

namespace gdn2::cuda {

constexpr std::size_t prepare_shared(Precision precision) { return precision == Precision::f32 ? 93696 : 53760; }
constexpr std::size_t scan_shared(Precision precision) { return precision == Precision::f32 ? 87040 : 79872; }

}  // namespace gdn2::cuda
