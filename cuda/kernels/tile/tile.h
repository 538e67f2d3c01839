// A tile: 64 x 64 numbers, as they lie in shared memory and, the same bytes, in the workspace in device memory, so
// that a tile is copied as one run of bytes. Row r is 64 numbers in units of 16 bytes; unit u lies at u ^ (r % 8), so
// that the eight rows an ldmatrix reads at once come from different banks.
//   tests  tests/cuda/kernels/unit_test.cpp
#pragma once

#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

inline constexpr int tile_dim = 64;
inline constexpr int unit_bytes = 16;

template <class E>
inline constexpr int tile_bytes = tile_dim * tile_dim * static_cast<int>(sizeof(E));

/// Numbers of type E in 16 bytes.
template <class E>
inline constexpr int unit_size = unit_bytes / static_cast<int>(sizeof(E));

/// Byte offset of (row, column) in a tile.
template <class E>
GDN2_DEVICE int tile_offset(int row, int column) {
    const int unit = column / unit_size<E>;
    const int inside = column % unit_size<E> * static_cast<int>(sizeof(E));
    return row * tile_dim * static_cast<int>(sizeof(E)) + (unit ^ (row & 7)) * unit_bytes + inside;
}

/// From an address in a tile to the one `columns` further right (a power-of-two multiple of whole units that does not
/// carry into bits the address has set), or `rows` further down (a multiple of 8). Tiles begin at multiples of 128
/// bytes, so the exclusive or of the layout reaches the address itself.
template <class E>
GDN2_DEVICE const unsigned char* across(const unsigned char* at, int columns) {
    return reinterpret_cast<const unsigned char*>(reinterpret_cast<std::uintptr_t>(at) ^
                                                  static_cast<std::uintptr_t>(columns * static_cast<int>(sizeof(E))));
}
template <class E>
GDN2_DEVICE const unsigned char* down(const unsigned char* at, int rows) {
    return at + rows * tile_dim * static_cast<int>(sizeof(E));
}

template <class E>
GDN2_DEVICE const E* tile_at(const unsigned char* tile, int row, int column) {
    return reinterpret_cast<const E*>(tile + tile_offset<E>(row, column));
}
template <class E>
GDN2_DEVICE E* tile_at(unsigned char* tile, int row, int column) {
    return reinterpret_cast<E*>(tile + tile_offset<E>(row, column));
}

}  // namespace gdn2::cuda
