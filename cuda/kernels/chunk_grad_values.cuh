// chunk_grad's value side: its walk over value heads and blocks of 64 value channels, the tiles it loads, and
//     dv = dX * w     dw = dX * v
//   equations  the adjoint of Z = w * v, Eq. 20     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/prepare_tree.cuh"
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

/// 16 bytes of neighbouring numbers.
template <class E>
struct alignas(16) Unit {
    typename Element<E>::Pair x[unit_size<E> / 2];
};

/// A thread's numbers of v and w of a part, where they can be read 16 bytes at a time.
template <class E>
struct ValueUnits {
    static constexpr int count = 64 * 64 / 256 / unit_size<E>;
    Unit<E> v[count], w[count];
};

/// Where unit number i of a thread lies. A warp has 16 tokens and two units of each: whole sectors of memory, and few
/// threads that look for tokens of different units in the same bank.
template <class E>
struct UnitPlace {
    int row, column;
    GDN2_DEVICE explicit UnitPlace(int i)
        : row(warp_index() % 4 * 16 + lane_index() / 2),
          column((4 * i + warp_index() / 4 * 2 + lane_index() % 2) * unit_size<E>) {}
    GDN2_DEVICE bool exists(const ValueSide& value, const GradChunk& c, ValuePart part) const {
        return row < c.tokens.length && column < value.dim - part.first;
    }
    GDN2_DEVICE std::int64_t in_tensor(const ValueSide& value, const GradChunk& c, ValuePart part) const {
        return corner_of(value, c, part) + row * (value.heads * value.dim) + column;
    }
};

/// Begins to read them where they are `wanted`.
template <class E>
GDN2_DEVICE ValueUnits<E> load_values(const ChunkGradParams& p, const GradChunk& c, ValuePart part, bool wanted) {
    ValueUnits<E> x = {};
    if (!wanted || !p.value.units) return x;
#pragma unroll
    for (int i = 0; i < x.count; ++i) {
        const UnitPlace<E> place(i);
        if (!place.exists(p.value, c, part)) continue;
        const std::int64_t at = place.in_tensor(p.value, c, part);
        x.v[i] = load_vector<Unit<E>>(static_cast<const E*>(p.value.v) + at);
        x.w[i] = load_vector<Unit<E>>(static_cast<const E*>(p.value.w) + at);
    }
    return x;
}

/// Writes dv and dw of a part one by one, where rows are not whole units.
template <class E>
GDN2_DEVICE void store_value_gradients_singly(const ChunkGradParams& p, const GradChunk& c, ValuePart part,
                                              const unsigned char* dX) {
    const std::int64_t corner = corner_of(p.value, c, part);
    const E *v = static_cast<const E*>(p.value.v), *w = static_cast<const E*>(p.value.w);
    E *d_v = static_cast<E*>(p.d_v), *d_w = static_cast<E*>(p.d_w);
#pragma unroll 1
    for (int i = static_cast<int>(threadIdx.x); i < 64 * 64; i += 256) {
        const int row = i / 64, column = i % 64;
        if (row >= c.tokens.length || column >= p.value.dim - part.first) continue;
        const std::int64_t at = corner + std::int64_t{row} * p.value.heads * p.value.dim + column;
        const float dx = Element<E>::to_float(*tile_at<E>(dX, column, row));
        d_v[at] = Element<E>::from_float(dx * Element<E>::to_float(w[at]));
        d_w[at] = Element<E>::from_float(dx * Element<E>::to_float(v[at]));
    }
}

/// Writes dv and dw of a part from its tile of dX^T.
template <class E>
GDN2_DEVICE void store_value_gradients(const ChunkGradParams& p, const GradChunk& c, ValuePart part,
                                       const ValueUnits<E>& x, const unsigned char* dX) {
    if (!p.value.units) return store_value_gradients_singly<E>(p, c, part, dX);
#pragma unroll
    for (int i = 0; i < x.count; ++i) {
        const UnitPlace<E> place(i);
        if (!place.exists(p.value, c, part)) continue;
        Unit<E> dv, dw;
#pragma unroll
        for (int n = 0; n < unit_size<E> / 2; ++n) {
            const float2 dx =
                make_float2(Element<E>::to_float(*tile_at<E>(dX, place.column + 2 * n, place.row)),
                            Element<E>::to_float(*tile_at<E>(dX, place.column + 2 * n + 1, place.row)));
            const float2 v_grad = times(dx, Element<E>::to_floats(x.w[i].x[n]));
            const float2 w_grad = times(dx, Element<E>::to_floats(x.v[i].x[n]));
            dv.x[n] = Element<E>::from_floats(v_grad.x, v_grad.y);
            dw.x[n] = Element<E>::from_floats(w_grad.x, w_grad.y);
        }
        const std::int64_t at = place.in_tensor(p.value, c, part);
        store_vector<Unit<E>>(static_cast<E*>(p.d_v) + at, dv);
        store_vector<Unit<E>>(static_cast<E*>(p.d_w) + at, dw);
    }
}

}  // namespace gdn2::cuda
