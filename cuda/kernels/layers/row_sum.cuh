// Sums over rows, in one order always: what a gradient of a parameter is made of, in one pass for partial sums and in
// two for whole tensors.
//   tests  tests/cuda/kernels/linear_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

/// grid (blocks of 32 columns, groups of rows_each rows), 256 threads: 8 warps take every eighth row each, and the
/// first of them adds up what they have
template <class E>
__global__ void __launch_bounds__(256) sum_rows(const RowSumParams p) {
    __shared__ float sums[8][32];
    const std::int64_t column = std::int64_t{blockIdx.x} * 32 + lane_index();
    const std::int64_t first = std::int64_t{blockIdx.y} * p.rows_each;
    const std::int64_t end = first + p.rows_each < p.rows ? first + p.rows_each : p.rows;
    float sum = 0.0f;
    for (std::int64_t row = first + warp_index(); row < end && column < p.columns; row += 8)
        sum += Element<E>::to_float(static_cast<const E*>(p.x)[row * p.columns + column]);
    sums[warp_index()][lane_index()] = sum;
    __syncthreads();
    if (warp_index() != 0 || column >= p.columns) return;
    for (int warp = 1; warp < 8; ++warp) sum += sums[warp][lane_index()];
    p.sums[blockIdx.y * p.columns + column] = sum;
}

}  // namespace gdn2::cuda
