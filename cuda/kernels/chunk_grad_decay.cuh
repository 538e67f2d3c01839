// What chunk_grad's lanes hold on the way back through the tree, and the gradient of the log-decay.
// The decays between rows j < i are those of tokens j+1 .. i, so each of them receives what the pair sends. At the
// level of the tree where the two meet these are the lower rows up to i, which get it through q~_i and e~_i, and the
// upper rows after j, which get it through k~_j. Summed so, level by level, nothing cancels, and a channel that forgets
// all has the small gradient that it should; dG_i - dG_j summed from the end would lose it.
//   equations  Eq. 82 (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/chunk_grad_pairs.cuh"
#include "cuda/kernels/prepare_tree.cuh"

namespace gdn2::cuda {

inline constexpr int result_stride = 36;
inline constexpr int warp_result_stride = 40;
inline constexpr int results_bytes = 8 * 16 * warp_result_stride * 4;
/// Levels that are staged at a time.
template <class E>
inline constexpr int tree_stages = sizeof(E) == 2 ? 3 : 1;

/// Where the way back keeps what its warps exchange.
struct TreeMemory {
    unsigned char* stage;   ///< tree_stages<E> times stage_bytes<E>: q~, e~, k~ of a level
    float* results;         ///< [8 warps][16][warp_result_stride]: sums of a warp's rows, and of lower ones with dT
    float* products;        ///< [8 warps][32 channels] the decay of each warp's rows
    float* totals;          ///< [Total][8 warps][32 channels]
    PairMemory pairs;
};
template <class E>
inline constexpr int tree_memory_bytes =
    tree_stages<E> * stage_bytes<E> + results_bytes + 8 * 32 * 4 + 4 * 8 * 32 * 4;

/// What a warp's eight rows send to the decays of other warps' rows: at the levels of 16 and 32 rows, and over the
/// chunk to earlier and to later rows.
enum Total { level_16, level_32, to_earlier, to_later };

/// What a lane holds on the way back: four rows of two channels.
struct GradRows : KeyRows {
    float2 prefix[4], suffix[4];  ///< the factors in q, e and in k
    float2 dq[4], de[4], dk[4];   ///< dk: as a column of T and A_qk, and through K_tail
    float2 dg[4];                 ///< what has arrived from within the lane
    float2 earlier[4];            ///< what a row sends to its own decay and to those of all rows of the warp before it
    float2 later[4];              ///< and to those of all after it
};

GDN2_DEVICE void add(float2& sum, float2 x) { sum = make_float2(sum.x + x.x, sum.y + x.y); }
GDN2_DEVICE void add(float2& sum, float2 x, float2 y) {
    sum = make_float2(fmaf(x.x, y.x, sum.x), fmaf(x.y, y.y, sum.y));
}

GDN2_DEVICE void extend_row(GradRows& x, int r, float2 neighbour, bool lower) {
    extend_row(static_cast<KeyRows&>(x), r, neighbour, lower);
    if (lower) {
        x.prefix[r] = times(x.prefix[r], neighbour);
    } else {
        x.suffix[r] = times(x.suffix[r], neighbour);
    }
}

/// The same number of the warp's other half.
GDN2_DEVICE float2 of_other_half(float2 x) {
    return make_float2(__shfl_xor_sync(full_warp, x.x, 16), __shfl_xor_sync(full_warp, x.y, 16));
}

/// Hands what rows first .. first + count - 1 of the lane send to the decays up to theirs (lower rows) or after them
/// (upper rows).
GDN2_DEVICE void spread_in_lane(GradRows& x, const float2 (&sent)[4], int first, int count, bool lower) {
    float2 sum = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int i = 0; i < count; ++i) {
        const int r = lower ? first + count - 1 - i : first + i;
        if (lower) add(sum, sent[r]);
        add(x.dg[r], sum);
        if (!lower) add(sum, sent[r]);
    }
}

/// The sum over the warp's rows, left for other warps.
GDN2_DEVICE void leave_total(const TreeMemory& memory, Total total, const float2 (&sent)[4]) {
    float2 sum = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int r = 0; r < 4; ++r) add(sum, sent[r]);
    add(sum, of_other_half(sum));
    if (lane_index() < 16)
        store_vector<float2>(memory.totals + (total * 8 + warp_index()) * 32 + lane_index() * 2, sum);
}

/// Hands on what the rows of a level send to decays.
template <int half>
GDN2_DEVICE void spread_level(GradRows& x, const float2 (&sent)[4], const TreeMemory& memory) {
    const bool lower = is_lower<half>(x.first, 0);
    if constexpr (half < 4) {
#pragma unroll
        for (int first = 0; first < 4; first += 2 * half) {
            spread_in_lane(x, sent, first, half, false);
            spread_in_lane(x, sent, first + half, half, true);
        }
    } else if constexpr (half == 4) {
        if (lower) {
            spread_in_lane(x, sent, 0, 4, true);
        } else {
            spread_in_lane(x, sent, 0, 4, false);
        }
    } else {
#pragma unroll
        for (int r = 0; r < 4; ++r)
            if (lower) {
                add(x.earlier[r], sent[r]);
            } else {
                add(x.later[r], sent[r]);
            }
        if constexpr (half == 16) leave_total(memory, level_16, sent);
        if constexpr (half == 32) leave_total(memory, level_32, sent);
    }
}

/// dg of the lane's rows from what its own warp's rows send; what other warps send is added by the caller.
GDN2_DEVICE void spread_in_warp(GradRows& x) {
    float2 before = make_float2(0.0f, 0.0f), after = before;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        add(before, x.later[r]);
        add(after, x.earlier[r]);
    }
    const bool second = lane_index() >= 16;
    const float2 received = of_other_half(second ? after : before);  // the other half needs one of the two sums
#pragma unroll
    for (int r = 0; r < 4; ++r) add(x.dg[r], received);
    spread_in_lane(x, x.earlier, 0, 4, true);
    spread_in_lane(x, x.later, 0, 4, false);
}

/// What other warps' rows send to the decays of this warp's, in a fixed order.
GDN2_DEVICE float2 sum_of_others(const float* totals) {
    const int w = warp_index();
    const float* mine = totals + lane_index() % 16 * 2;
    float2 sum = make_float2(0.0f, 0.0f);
    const auto take = [&](bool sent, Total total, int other) {
        if (sent) add(sum, load_vector<float2>(mine + (total * 8 + other) * 32));
    };
    take(w / 2 % 2 == 1 ? w % 2 == 0 : w % 2 == 1, level_16, w ^ 1);
#pragma unroll
    for (int i = 0; i < 4; ++i) take(w / 4 == 1 ? i > w % 4 : i < w % 4, level_32, w / 4 * 4 + i);
#pragma unroll
    for (int other = 0; other < 8; ++other) take(other != w, other > w ? to_earlier : to_later, other);
    return sum;
}

}  // namespace gdn2::cuda
