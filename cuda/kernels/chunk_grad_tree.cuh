// chunk_grad's way back through prepare's tree (prepare_tree.cuh), for 32 key channels of a chunk.
// At the level of `half` rows, with q~ = q prefix, e~ = e prefix, k~ = k suffix, i a lower and j an upper row:
//     dq_i += prefix_i sum_j dA_qk_ij k~_j     de_i += prefix_i sum_j dT_ij k~_j
//     dk_j += suffix_j sum_i dA_qk_ij q~_i + dT_ij e~_i
// Levels of one, two and four rows stay within a warp; the others are products on tensor cores.
//   equations  adjoints of Eqs. 21, 25 (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/chunk_grad_decay.cuh"

namespace gdn2::cuda {

/// (d[0], d[1]) += L B for 16 numbers a row of L, left(row, k), and 16 rows of B, eight from `first` and eight from
/// `second` on, of which 16 columns are taken.
template <class E, class Left>
GDN2_DEVICE void multiply_16(float (&d)[2][4], int lane, const Left& left, const E* first, const E* second) {
    const int g = lane / 4, t = lane % 4, matrix = lane / 8, row = lane % 8;
    std::uint32_t a[4], b[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const int k = 2 * t + i / 2 * 8;
        a[i] = Element<E>::from_floats(left(g + i % 2 * 8, k), left(g + i % 2 * 8, k + 1));
    }
    ldmatrix_x4_trans(b, (matrix % 2 == 0 ? first : second) + row * stage_stride + matrix / 2 * 8);
    mma(E{}, d[0], a, b[0], b[1]);
    mma(E{}, d[1], a, b[2], b[3]);
}
template <class Left>
GDN2_DEVICE void multiply_16(float (&d)[2][4], int lane, const Left& left, const float* first, const float* second) {
    const int g = lane / 4, t = lane % 4;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
        keep_order();
        const float* row = (half == 0 ? first : second) + 2 * t * stage_stride + g;
        const int k = 8 * half + 2 * t;
        const Split a[4] = {split(left(g, k)), split(left(g + 8, k)), split(left(g, k + 1)), split(left(g + 8, k + 1))};
        mma(d[0], a, split(row[0]), split(row[stage_stride]));
        mma(d[1], a, split(row[8]), split(row[stage_stride + 8]));
    }
}

/// The entry of dA_qk (part 0) or dT (part 1) at lower row number l and upper row number u; 0 in different blocks.
template <int half>
GDN2_DEVICE float pair_at(const float* pairs, int part, int l, int u) {
    if (l / half != u / half) return 0.0f;
    const int i = l / half * 2 * half + half + l % half, j = u / half * 2 * half + u % half;
    return part == 0 ? pairs[i * matrix_stride + j] : pairs[j * matrix_stride + i];
}

/// All products of a level. A warp has 16 lower and 16 upper rows, 16 channels, and one of dA_qk and dT.
template <int half, class E>
GDN2_DEVICE void multiply_level(const TreeMemory& memory) {
    const int thread = reread_thread(), warp = thread / 32, lane = thread % 32, g = lane / 4, t = lane % 4;
    const int rows = warp % 2 * 16, channels = warp / 2 % 2 * 16, part = warp / 4;
    const E* staged = reinterpret_cast<const E*>(memory.stage) + channels;
    float of_lower[2][4] = {}, of_upper[2][4] = {};
#pragma unroll
    for (int step = 0; step < (half == 32 ? 2 : 1); ++step) {
        const int others = half == 32 ? 16 * step : rows;
        const E *k = staged + (64 + others) * stage_stride, *x = staged + (32 * part + others) * stage_stride;
        const auto below = [&](int l, int u) { return pair_at<half>(memory.pairs, part, rows + l, others + u); };
        multiply_16(of_lower, lane, below, k, k + 8 * stage_stride);
        const auto above = [&](int u, int l) { return pair_at<half>(memory.pairs, part, others + l, rows + u); };
        multiply_16(of_upper, lane, above, x, x + 8 * stage_stride);
    }
    float* at = memory.results + (32 * part + rows + g) * result_stride + channels + 2 * t;
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
        for (int i = 0; i < 4; i += 2) {
            float* target = at + i * 4 * result_stride + 8 * n;
            store_vector<float2>(target, make_float2(of_lower[n][i], of_lower[n][i + 1]));
            store_vector<float2>(target + 64 * result_stride, make_float2(of_upper[n][i], of_upper[n][i + 1]));
        }
}

/// What a level gives a lane: for a lower row sum_j dA_qk_ij k~_j and sum_j dT_ij k~_j, for an upper one, in the first,
/// sum_i dA_qk_ij q~_i + dT_ij e~_i.
struct LevelSums {
    float2 one[4], two[4];
};

/// Reads what multiply_level has left.
template <int half>
GDN2_DEVICE void load_sums(LevelSums& sums, const GradRows& x, const float* results) {
    const float* column = results + reread_thread() % 16 * 2;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        const float* row = column + number_of<half>(x.first, r) * result_stride;
        const bool lower = is_lower<half>(x.first, r);
        sums.one[r] = load_vector<float2>(row + (lower ? 0 : 64) * result_stride);
        sums.two[r] = load_vector<float2>(row + (lower ? 32 : 96) * result_stride);
        if (!lower) add(sums.one[r], sums.two[r]);
    }
}

/// Levels whose blocks lie in a lane's four rows, without tensor cores and without the other lanes.
template <int half>
GDN2_DEVICE void sum_in_lane(LevelSums& sums, const GradRows& x, const float* pairs) {
#pragma unroll
    for (int r = 0; r < 4; ++r) sums.one[r] = sums.two[r] = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < 4; ++j) {
            if (i / (2 * half) != j / (2 * half) || i / half % 2 == 0 || j / half % 2 == 1) continue;
            const int row = x.first + i, column = x.first + j;
            const float dA_qk = pairs[row * matrix_stride + column], dT = pairs[column * matrix_stride + row];
            add(sums.one[i], x.k[j], make_float2(dA_qk, dA_qk));
            add(sums.two[i], x.k[j], make_float2(dT, dT));
            add(sums.one[j], x.q[i], make_float2(dA_qk, dA_qk));
            add(sums.one[j], x.e[i], make_float2(dT, dT));
        }
}

/// The level of four rows, whose other block is the warp's other half.
GDN2_DEVICE void sum_in_warp(LevelSums& sums, const GradRows& x, const float* pairs) {
    const bool lower = is_lower<4>(x.first, 0);
    const int others = x.first ^ 4;
#pragma unroll
    for (int r = 0; r < 4; ++r) sums.one[r] = sums.two[r] = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int other = 0; other < 4; ++other) {
        const float2 sent = lower ? x.q[other] : x.k[other];
        const float2 k_or_q = of_other_half(sent), e = of_other_half(x.e[other]);
#pragma unroll
        for (int r = 0; r < 4; ++r) {
            const int i = lower ? x.first + r : others + other, j = lower ? others + other : x.first + r;
            const float dA_qk = pairs[i * matrix_stride + j], dT = pairs[j * matrix_stride + i];
            add(sums.one[r], k_or_q, make_float2(dA_qk, dA_qk));
            if (lower) {
                add(sums.two[r], k_or_q, make_float2(dT, dT));
            } else {
                add(sums.one[r], e, make_float2(dT, dT));
            }
        }
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

/// One level. Levels of 8 rows and more leave the stage free for the next.
template <int half, class E>
GDN2_DEVICE void descend_level(GradRows& x, const TreeMemory& memory) {
    LevelSums sums;
    if constexpr (half < 4) {
        sum_in_lane<half>(sums, x, memory.pairs);
    } else if constexpr (half == 4) {
        sum_in_warp(sums, x, memory.pairs);
    } else {
        stage_level<half, E>(memory.stage, x);
        __syncthreads();
        multiply_level<half, E>(memory);
        __syncthreads();
        load_sums<half>(sums, x, memory.results);
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
