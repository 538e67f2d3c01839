// Tiles that are kept of every chunk for the backward pass (ChunkTiles in params.h): where they lie, and how a warp of
// a scan writes its 16 rows (value channels) of one.
//   tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/tile/product.h"
#include "cuda/kernels/tile/tape.h"

namespace gdn2::cuda {

/// Number of the tile of a chunk slot, a value head and a block of 64 value channels.
GDN2_DEVICE std::int64_t tile_number(const ValueSide& value, std::int64_t slot, int head, int first_value) {
    const int blocks = (value.dim + tile_dim - 1) / tile_dim;
    return (slot * value.heads + head) * blocks + first_value / tile_dim;
}
/// From a chunk's tile to the next chunk's.
GDN2_DEVICE int tile_step(const ScanParams& p) {
    return p.value.heads * ((p.value.dim + tile_dim - 1) / tile_dim);
}

/// A warp's rows of a tile, from `first` on.
struct TileRows {
    std::int64_t at;
    int first;
};

/// Of the first chunk of a block's sequence. Not `wanted`: nothing is computed.
template <bool wanted = true>
GDN2_DEVICE TileRows tile_rows(const ScanParams& p, const ScanPart& part) {
    if constexpr (!wanted) return {};
    return {tile_number(p.value, part.first_slot, part.place.head, part.place.first_value), warp_index() % 4 * 16};
}

/// Writes a warp's block as rows first .. first + 15 of tile number `at`, rounded to E.
template <class E>
GDN2_DEVICE void store_rows_of_tile(unsigned char* tiles, std::int64_t at, int first, const Block& block) {
    using Pair = typename Element<E>::Pair;
    unsigned char* tile = tiles + at * tile_bytes<E>;
    const int lane = reread_thread() % 32, g = lane / 4, t = lane % 4;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; i += 2)
            store_vector<Pair>(tile_at<E>(tile, first + g + 4 * i, 8 * n + 2 * t),
                               Element<E>::from_floats(block[n][i], block[n][i + 1]));
}

}  // namespace gdn2::cuda
