// chunk_grad's way back through prepare's tree (prepare_tree.cuh), for 32 key channels of a chunk.
// At the level of `half` rows, with q~ = q prefix, e~ = e prefix, k~ = k suffix, i a lower and j an upper row:
//     dq_i += prefix_i sum_j dA_qk_ij k~_j     de_i += prefix_i sum_j dT_ij k~_j
//     dk_j += suffix_j sum_i dA_qk_ij q~_i + dT_ij e~_i
// The decays between j and i are those of tokens j+1 .. i, so each of them receives what the pair sends: the lower rows
// up to i through q~_i and e~_i, the upper rows after j through k~_j. Summed so, level by level, nothing cancels, and a
// channel that forgets all has the small gradient that it should; dG_i - dG_j summed from the end would lose it.
//   equations  Eqs. 21, 25, 82 (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/prepare_tree.cuh"

namespace gdn2::cuda {

inline constexpr int result_stride = 36;
inline constexpr int results_bytes = 4 * 32 * result_stride * 4;

/// Where the way back keeps what its warps exchange.
struct TreeMemory {
    unsigned char* stage;   ///< stage_bytes<E>: q~, e~, k~ of a level
    float* results;         ///< [by dA_qk, by dT for lower rows; the same for upper rows][32 rows][result_stride]
    float* products;        ///< [8 warps][32 channels] the decay of each warp's rows
    float* totals;          ///< [Total][8 warps][32 channels]
    const float* pairs;     ///< [64][matrix_stride] dA_qk on and below the diagonal, dT transposed above
};
template <class E>
inline constexpr int tree_memory_bytes = stage_bytes<E> + results_bytes + 8 * 32 * 4 + 4 * 8 * 32 * 4;

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

/// Adds a level's results to the lane's rows. sent[r]: what row r sends to decays.
template <int half>
GDN2_DEVICE void add_results(GradRows& x, float2 (&sent)[4], const float* results) {
    const float* column = results + reread_thread() % 16 * 2;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        const float* row = column + number_of<half>(x.first, r) * result_stride;
        const bool lower = is_lower<half>(x.first, r);
        float2 one = load_vector<float2>(row + (lower ? 0 : 64) * result_stride);
        const float2 two = load_vector<float2>(row + (lower ? 32 : 96) * result_stride);
        if (lower) {
            add(x.dq[r], x.prefix[r], one);
            add(x.de[r], x.prefix[r], two);
            sent[r] = times(x.q[r], one);
            add(sent[r], x.e[r], two);
        } else {
            add(one, two);
            add(x.dk[r], x.suffix[r], one);
            sent[r] = times(x.k[r], one);
        }
    }
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
    add(sum, make_float2(__shfl_xor_sync(full_warp, sum.x, 16), __shfl_xor_sync(full_warp, sum.y, 16)));
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

/// One level; afterwards the stage may be written again.
template <int half, class E>
GDN2_DEVICE void descend_level(GradRows& x, const TreeMemory& memory) {
    stage_level<half, E>(memory.stage, x);
    __syncthreads();
    multiply_level<half, E>(memory);
    __syncthreads();
    float2 sent[4];
    add_results<half>(x, sent, memory.results);
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

/// dg of the lane's rows from what its own warp's rows send; what other warps send is added by the caller.
GDN2_DEVICE void spread_in_warp(GradRows& x) {
    float2 before = make_float2(0.0f, 0.0f), after = before;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        add(before, x.later[r]);
        add(after, x.earlier[r]);
    }
    const bool second = lane_index() >= 16;
    const float2 sent = second ? after : before;  // the lane's other half of the warp needs one of the two sums
    const float2 received =
        make_float2(__shfl_xor_sync(full_warp, sent.x, 16), __shfl_xor_sync(full_warp, sent.y, 16));
#pragma unroll
    for (int r = 0; r < 4; ++r) add(x.dg[r], received);
    spread_in_lane(x, x.earlier, 0, 4, true);
    spread_in_lane(x, x.later, 0, 4, false);
}

/// What other warps' rows send to the decays of this warp's, in a fixed order.
GDN2_DEVICE float2 sum_of_others(const float* totals) {
    const int w = warp_index();
    float2 sum = make_float2(0.0f, 0.0f);
#pragma unroll
    for (int other = 0; other < 8; ++other) {
        const float* at = totals + other * 32 + lane_index() % 16 * 2;
        const bool later = other > w, earlier = other < w;
        const bool in_16 = other / 2 == w / 2 && (w / 2 % 2 == 1 ? later : earlier);
        const bool in_32 = other / 4 == w / 4 && (w / 4 % 2 == 1 ? later : earlier);
        if (in_16) add(sum, load_vector<float2>(at + level_16 * 256));
        if (in_32) add(sum, load_vector<float2>(at + level_32 * 256));
        if (later) add(sum, load_vector<float2>(at + to_earlier * 256));
        if (earlier) add(sum, load_vector<float2>(at + to_later * 256));
    }
    return sum;
}

}  // namespace gdn2::cuda
