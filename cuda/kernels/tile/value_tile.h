// A tile cut out of a tensor on the value axis: v, w or the gradient of o.
//   tests  tests/cuda/kernels/forward_test.cpp (any length, dim and packing)
#pragma once

#include "cuda/kernels/tile/tile.h"

namespace gdn2::cuda {

/// Starts copying 64 tokens x 64 channels, from element `corner` of the tensor on, with `step` elements from token to
/// token; zeros for all but the first `rows` tokens and `columns` channels. All `threads` of the block take part.
/// `units`: 16 bytes at a time.
template <class E, int threads>
GDN2_DEVICE void copy_value_tile(unsigned char* tile, const E* tensor, std::int64_t corner, int step, int rows,
                                 int columns, bool units) {
    constexpr int per_row = 64 / unit_size<E>, rows_at_once = threads / per_row;
    const int thread = static_cast<int>(threadIdx.x);
    const E* source = tensor + corner;
    if (units) {
        const int row = thread / per_row, column = thread % per_row * unit_size<E>;
        unsigned char* target = tile + tile_offset<E>(row, column);
        source += row * step + column;
#pragma unroll
        for (int i = 0; i < 64; i += rows_at_once, source += rows_at_once * step) {
            const bool inside = column < columns && row + i < rows;
            copy_async_16(target + i * tile_dim * static_cast<int>(sizeof(E)), inside ? source : tensor, inside);
        }
    } else {
#pragma unroll 1
        for (int i = thread; i < 64 * 64; i += threads)
            *tile_at<E>(tile, i / 64, i % 64) = i % 64 < columns && i / 64 < rows
                                                    ? source[std::int64_t{i / 64} * step + i % 64]
                                                    : Element<E>::from_float(0.0f);
    }
}

}  // namespace gdn2::cuda
