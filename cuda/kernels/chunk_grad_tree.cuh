// chunk_grad's way back through prepare's tree (prepare_tree.cuh), for 32 key channels of a chunk.
// At the level of `half` rows, with q~ = q prefix, e~ = e prefix, k~ = k suffix, i a lower and j an upper row:
//     dq_i += prefix_i sum_j dA_qk_ij k~_j     de_i += prefix_i sum_j dT_ij k~_j
//     dk_j += suffix_j sum_i dA_qk_ij q~_i + dT_ij e~_i
// Levels of one, two and four rows stay within a warp; the others are products on tensor cores.
//   equations  adjoints of Eqs. 21, 25 (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/chunk_grad_decay.cuh"

namespace gdn2::cuda {

/// What a level gives a lane: for a lower row sum_j dA_qk_ij k~_j and sum_j dT_ij k~_j, for an upper one, in the first,
/// sum_i dA_qk_ij q~_i + dT_ij e~_i.
struct LevelSums {
    float2 one[4], two[4];
};

/// A level on tensor cores: a warp multiplies for its own rows, and turns the results around in memory of its own.
template <int half, class E>
GDN2_DEVICE void sum_over_warps(LevelSums& sums, const TreeMemory& memory, const unsigned char* stage) {
    const int thread = reread_thread(), lane = thread % 32;
    const Others<half> others(thread / 32);
    float d[4][4] = {};
    multiply_others(d, memory.pairs, reinterpret_cast<const E*>(stage), others);
    float* results = memory.results + thread / 32 * 16 * warp_result_stride;
    float* to = results + lane / 4 * warp_result_stride + lane % 4 * 2;
    __syncwarp();
#pragma unroll
    for (int n = 0; n < 4; ++n) {
        store_vector<float2>(to + 8 * n, make_float2(d[n][0], d[n][1]));
        store_vector<float2>(to + 8 * warp_result_stride + 8 * n, make_float2(d[n][2], d[n][3]));
    }
    __syncwarp();
    const float* from = results + lane / 16 * 4 * warp_result_stride + lane % 16 * 2;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        sums.one[r] = load_vector<float2>(from + r * warp_result_stride);
        sums.two[r] = load_vector<float2>(from + (8 + r) * warp_result_stride);
    }
}

/// Levels whose blocks lie in a lane's four rows, without tensor cores and without the other lanes.
template <int half>
GDN2_DEVICE void sum_in_lane(LevelSums& sums, const GradRows& x, const float* near) {
    const float* pairs = near + x.first / 4 * 16;
#pragma unroll
    for (int r = 0; r < 4; ++r) sums.one[r] = sums.two[r] = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            if (i / (2 * half) != j / (2 * half) || i / half % 2 == 0 || j / half % 2 == 1) continue;
            const float dA_qk = pairs[i * 4 + j], dT = pairs[j * 4 + i];
            add(sums.one[i], x.k[j], make_float2(dA_qk, dA_qk));
            add(sums.two[i], x.k[j], make_float2(dT, dT));
            add(sums.one[j], x.q[i], make_float2(dA_qk, dA_qk));
            add(sums.one[j], x.e[i], make_float2(dT, dT));
        }
}

/// sum += row . others, for a row of four entries and four rows of two channels.
GDN2_DEVICE void add_row(float2& sum, const float* row, const float2 (&others)[4]) {
    const float4 x = load_vector<float4>(row);
    add(sum, others[0], make_float2(x.x, x.x));
    add(sum, others[1], make_float2(x.y, x.y));
    add(sum, others[2], make_float2(x.z, x.z));
    add(sum, others[3], make_float2(x.w, x.w));
}

/// The level of four rows, whose other block is the warp's other half.
GDN2_DEVICE void sum_in_warp(LevelSums& sums, const GradRows& x, const float* next) {
    const bool lower = is_lower<4>(x.first, 0);
    float2 one[4], two[4];  // k~, k~ for lower rows; q~, e~ for upper ones
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        one[r] = of_other_half(lower ? x.q[r] : x.k[r]);
        two[r] = of_other_half(lower ? x.e[r] : x.k[r]);
    }
    const float* pairs = next + x.first / 8 * 64 + (lower ? 16 : 0);
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        sums.one[r] = sums.two[r] = make_float2(0.0f, 0.0f);
        add_row(sums.one[r], pairs + 4 * r, one);
        add_row(sums.two[r], pairs + 32 + 4 * r, two);
        if (!lower) add(sums.one[r], sums.two[r]);
    }
}

/// Adds a level's sums to the lane's rows. sent[r]: what row r sends to decays.
template <int half>
GDN2_DEVICE void add_sums(GradRows& x, float2 (&sent)[4], const LevelSums& sums) {
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        if (is_lower<half>(x.first, r)) {
            add(x.dq[r], x.prefix[r], sums.one[r]);
            add(x.de[r], x.prefix[r], sums.two[r]);
            sent[r] = times(x.q[r], sums.one[r]);
            add(sent[r], x.e[r], sums.two[r]);
        } else {
            add(x.dk[r], x.suffix[r], sums.one[r]);
            sent[r] = times(x.k[r], sums.one[r]);
        }
    }
}

/// One level. Levels of 8 rows and more are staged for other warps, where there is room each in a place of its own.
template <int half, class E>
GDN2_DEVICE void descend_level(GradRows& x, const TreeMemory& memory) {
    LevelSums sums;
    if constexpr (half < 4) {
        sum_in_lane<half>(sums, x, memory.pairs.near);
    } else if constexpr (half == 4) {
        sum_in_warp(sums, x, memory.pairs.next);
    } else {
        constexpr int level = half / 16;  // 8, 16, 32: 0, 1, 2
        unsigned char* stage = memory.stage + level % tree_stages<E> * stage_bytes<E>;
        if (tree_stages<E> == 1 && half > 8) __syncthreads();
        stage_level<half, E>(stage, x);
        __syncthreads();
        sum_over_warps<half, E>(sums, memory, stage);
    }
    float2 sent[4];
    add_sums<half>(x, sent, sums);
    spread_level<half>(x, sent, memory);
}

/// All levels. x begins with blocks of one row; afterwards prefix and suffix reach over the chunk.
template <class E>
GDN2_DEVICE void descend_tree(GradRows& x, const TreeMemory& memory) {
    descend_level<1, E>(x, memory);
    grow_inside<1>(x);
    descend_level<2, E>(x, memory);
    grow_inside<2>(x);
    descend_level<4, E>(x, memory);
    grow_in_warp(x);
    if (lane_index() >= 16)
        store_vector<float2>(memory.products + warp_index() * 32 + lane_index() % 16 * 2, x.decay[0]);
    descend_level<8, E>(x, memory);
    grow_over_warps<1>(x, memory.products);
    descend_level<16, E>(x, memory);
    grow_over_warps<2>(x, memory.products);
    descend_level<32, E>(x, memory);
    grow_over_warps<4>(x, memory.products);
}

}  // namespace gdn2::cuda
