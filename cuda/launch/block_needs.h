// How many threads and how much shared memory a block of the larger kernels needs. The kernels' own headers say it
// (prepare.cuh, scan.cuh, layers/linear.cuh); this repeats it for code that must not include them, and
// emulated_scan.cpp, emulated_other.cpp and emulated_layers.cpp, which every build compiles, hold the two together.
#pragma once

#include <cstddef>

#include "cuda/api/options.h"

namespace gdn2::cuda {

struct BlockNeeds {
    unsigned threads;
    std::size_t shared_bytes;
    bool operator==(const BlockNeeds&) const = default;
};

constexpr BlockNeeds prepare_needs(Precision precision) {
    return {256, precision == Precision::f32 ? std::size_t{93696} : 53760};
}

/// slabs of 64 key channels: 1, 2 or 4
constexpr BlockNeeds scan_needs(Precision precision, int slabs) {
    if (precision == Precision::f32) return {slabs > 1 ? 256u : 128u, 87040};
    return slabs == 4 ? BlockNeeds{256, 83968} : BlockNeeds{128, 79872};
}

/// Value channels of a block of carry_segments, and what it needs.
constexpr int carry_rows_of_block = 8;
constexpr BlockNeeds carry_needs(int slabs) {
    return {64u * static_cast<unsigned>(slabs), std::size_t{2048} * static_cast<unsigned>(slabs)};
}

/// Of the three products of a linear layer.
constexpr BlockNeeds linear_needs(Precision precision) {
    return {128, precision == Precision::f32 ? std::size_t{65536} : 49152};
}

constexpr BlockNeeds reverse_scan_needs(Precision precision, int slabs) {
    const bool team = scan_needs(precision, slabs).threads > 128;
    const std::size_t own = precision == Precision::f32 ? 82944 : 75776, exchange = team ? 16384 : 0;
    return {scan_needs(precision, slabs).threads, own + exchange};
}

constexpr BlockNeeds chunk_grad_needs(Precision precision) {
    return {256, precision == Precision::f32 ? std::size_t{100864} : 96256};
}

}  // namespace gdn2::cuda
