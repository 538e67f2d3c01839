// Carries the state from segment to segment, once the scan that maps has left M and N of each (scan_part.cuh):
//     S <- M S + N
// transposed, as states are kept: S^T <- S^T M^T + N^T. All in float, whatever the format. The end of a sequence's
// first segment is there already and nobody wants that of its last, so two segments leave nothing to do.
// Rows of S^T (value channels) never meet: a block has eight of them, a thread two of those and four key channels.
//   equations  maps of spans: affine_scan.h     tests  tests/cuda/kernels/segments_test.cpp
#pragma once

#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

/// Rows of S^T of a block, and of a thread.
inline constexpr int carry_rows = 8, carry_rows_each = 2;
/// Threads of a block: one for four key channels of two rows.
template <int slabs>
inline constexpr int carry_threads = 16 * slabs * carry_rows / carry_rows_each;
/// Shared memory: the block's rows of S^T.
template <int slabs>
inline constexpr int carry_bytes = carry_rows * 64 * slabs * 4;

/// A thread's part of a block's rows: key channels key .. key + 3 of each.
using CarriedRows = float4[carry_rows_each];

/// `rows` of them exist; others are left alone.
GDN2_DEVICE void load_rows(CarriedRows& rows, const float* corner, int step, int count) {
#pragma unroll
    for (int r = 0; r < carry_rows_each; ++r)
        if (r < count) rows[r] = load_vector<float4>(corner + r * step);
}
GDN2_DEVICE void store_rows(const CarriedRows& rows, float* corner, int step, int count) {
#pragma unroll
    for (int r = 0; r < carry_rows_each; ++r)
        if (r < count) store_vector<float4>(corner + r * step, rows[r]);
}

/// rows += S^T M^T, where S is at the thread's rows of S^T and map at its key channels of M^T, `step` numbers a row.
/// M comes from the cache; unrolled 32 times the loop waits for it less than with 8. Four slabs would spill by that.
template <int slabs>
GDN2_DEVICE void add_mapped(CarriedRows& rows, const float* S, const float* map, int step, int key_dim) {
    [[maybe_unused]] constexpr int unrolled = slabs == 4 ? 8 : 32;
#pragma unroll unrolled
    for (int j = 0; j < key_dim; ++j) {
        const float4 m = load_vector<float4>(map + j * step);
#pragma unroll
        for (int r = 0; r < carry_rows_each; ++r) {
            const float x = S[r * step + j];
            rows[r].x = fmaf(x, m.x, rows[r].x);
            rows[r].y = fmaf(x, m.y, rows[r].y);
            rows[r].z = fmaf(x, m.z, rows[r].z);
            rows[r].w = fmaf(x, m.w, rows[r].w);
        }
    }
}

/// grid (sequences * blocks of carry_rows value channels, value heads), carry_threads<slabs> threads,
/// carry_bytes<slabs> of shared memory
template <int slabs>
__global__ void __launch_bounds__(carry_threads<slabs>) carry_segments(const CarryParams p) {
    constexpr int step = 64 * slabs;
    float* S = reinterpret_cast<float*>(shared_memory());
    const Place place = place_of(p.value_dim, carry_rows, p.value_heads, p.key_heads);
    const int length = p.segments.chunks * chunk_length, thread = static_cast<int>(threadIdx.x);
    const int key = thread % (16 * slabs) * 4, row = thread / (16 * slabs) * carry_rows_each;
    const int count = p.value_dim - place.first_value - row;
    const std::int64_t slot = first_slot(p.sequences, place.sequence, length);
    float* end = p.segments.ends + key +
                 ((slot * p.value_heads + place.head) * p.value_dim + place.first_value + row) * step;
    const float* map = p.segments.maps + key + (slot * p.key_heads + place.key_head) * p.key_dim * step;

    CarriedRows rows{};
    std::int64_t left = span_of(p.sequences, place.sequence).length - length;  // beyond the segments that are done
    if (left > length) load_rows(rows, end, step, count);
    for (; left > length; left -= length) {
        store_rows(rows, S + row * step + key, step, carry_rows_each);
        __syncthreads();
        end += std::int64_t{p.value_heads} * p.value_dim * step;
        map += std::int64_t{p.key_heads} * p.key_dim * step;
        load_rows(rows, end, step, count);
        add_mapped<slabs>(rows, S + row * step, map, step, p.key_dim);
        store_rows(rows, end, step, count);
        __syncthreads();
    }
}

}  // namespace gdn2::cuda
