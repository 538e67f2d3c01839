// chunk_grad's value side: its walk over value heads and blocks of 64 value channels, the tiles it loads, and
//     dv = dX * w     dw = dX * v
//   equations  the adjoint of Z = w * v, Eq. 20     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/tile/chunk_tiles.h"

namespace gdn2::cuda {

/// One head's part of a block of value channels.
struct ValuePart {
    int head, first;
};

/// What a block of chunk_grad works on.
struct GradChunk {
    std::int64_t slot;
    Span tokens;
    int key_head, first_head, end_head;  ///< value heads of the key head: first_head .. end_head - 1

    GDN2_DEVICE ValuePart first_part() const { return {first_head, 0}; }
    GDN2_DEVICE ValuePart next_part(const ValueSide& value, ValuePart part) const {
        part.first += tile_dim;
        return part.first < value.dim ? part : ValuePart{part.head + 1, 0};
    }
};

/// Element of a tensor on the value axis: the chunk's first token, the part's first channel.
GDN2_DEVICE std::int64_t corner_of(const ValueSide& value, const GradChunk& c, ValuePart part) {
    return (c.tokens.first * value.heads + part.head) * value.dim + part.first;
}

template <class E>
GDN2_DEVICE void copy_output_gradient(unsigned char* tile, const ValueSide& value, const GradChunk& c,
                                      ValuePart part) {
    copy_value_tile<E, 256>(tile, static_cast<const E*>(value.o), corner_of(value, c, part), value.heads * value.dim,
                            static_cast<int>(c.tokens.length), value.dim - part.first, value.units);
}

/// Starts copying tile number `at`.
template <class E>
GDN2_DEVICE void copy_tile(unsigned char* to, const unsigned char* tiles, std::int64_t at) {
    const int mine = static_cast<int>(threadIdx.x) * unit_bytes;
    const unsigned char* from = tiles + at * tile_bytes<E> + mine;
#pragma unroll
    for (int i = 0; i < tile_bytes<E>; i += 256 * unit_bytes) copy_async_16(to + mine + i, from + i, true);
}

GDN2_DEVICE void wait_for_tiles() {
    copy_async_commit();
    copy_async_wait<0>();
    __syncthreads();
}

/// 16 bytes of neighbouring numbers.
template <class E>
struct alignas(16) Unit {
    E x[unit_size<E>];
};

/// Writes dv and dw of a part from its tile of dX^T.
template <class E>
GDN2_DEVICE void store_value_gradients(const ChunkGradParams& p, const GradChunk& c, ValuePart part,
                                       const unsigned char* dX) {
    const std::int64_t corner = corner_of(p.value, c, part);
    const E *v = static_cast<const E*>(p.value.v) + corner, *w = static_cast<const E*>(p.value.w) + corner;
    E *d_v = static_cast<E*>(p.d_v) + corner, *d_w = static_cast<E*>(p.d_w) + corner;
    const int rows = static_cast<int>(c.tokens.length), columns = p.value.dim - part.first;
    const int step = p.value.heads * p.value.dim;
    const int width = p.value.units ? unit_size<E> : 1;
#pragma unroll 1
    for (int i = static_cast<int>(threadIdx.x) * width; i < 64 * 64; i += 256 * width) {
        const int row = i / 64, column = i % 64;
        if (row >= rows || column >= columns) continue;
        const std::int64_t at = std::int64_t{row} * step + column;
        if (p.value.units) {
            const Unit<E> v_unit = load_vector<Unit<E>>(v + at), w_unit = load_vector<Unit<E>>(w + at);
            Unit<E> dv_unit, dw_unit;
#pragma unroll
            for (int n = 0; n < unit_size<E>; ++n) {
                const float dx = Element<E>::to_float(*tile_at<E>(dX, column + n, row));
                dv_unit.x[n] = Element<E>::from_float(dx * Element<E>::to_float(w_unit.x[n]));
                dw_unit.x[n] = Element<E>::from_float(dx * Element<E>::to_float(v_unit.x[n]));
            }
            store_vector<Unit<E>>(d_v + at, dv_unit);
            store_vector<Unit<E>>(d_w + at, dw_unit);
        } else {
            const float dx = Element<E>::to_float(*tile_at<E>(dX, column, row));
            d_v[at] = Element<E>::from_float(dx * Element<E>::to_float(w[at]));
            d_w[at] = Element<E>::from_float(dx * Element<E>::to_float(v[at]));
        }
    }
}

}  // namespace gdn2::cuda
