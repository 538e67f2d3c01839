// prepare's tree over the 64 rows of a chunk: T and A_qk of every pair of rows, on tensor cores, in six levels.
//
// At a level of `half` rows every block of 2 half rows has an upper half (the earlier rows) and a lower half. Count
// the 32 lower rows, and the 32 upper ones, in ascending order: number l is row l / half * 2 half + half + l % half,
// or without the middle term the upper row. Staged: q prefix and e prefix of the lower rows, k suffix of the upper.
// A tensor-core product of 8 lower q rows stacked on the same 8 e rows with 8 upper rows gives a piece of A_qk (top)
// and of T (bottom). Entries whose rows lie in different blocks belong to other levels and are left out by place_sums.
//   equations  Eqs. 21, 25 (docs/kernels.md, The tree)     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/tile/product.h"

namespace gdn2::cuda {

inline constexpr int tree_levels = 6;
inline constexpr int stage_stride = 40;  ///< numbers from row to row: 8 rows of a fragment lie in different banks
template <class E>
inline constexpr int stage_bytes = 96 * stage_stride * static_cast<int>(sizeof(E));  ///< q, e, k: 32 rows each
inline constexpr int matrix_stride = 68;
inline constexpr int matrix_bytes = 64 * matrix_stride * 4;

GDN2_DEVICE float2 times(float2 x, float2 y) { return make_float2(x.x * y.x, x.y * y.y); }
GDN2_DEVICE float2 scaled(float2 x, float y) { return make_float2(x.x * y, x.y * y); }

/// What a lane holds: four rows of two channels. Blocks grow from one row to the whole chunk.
struct KeyRows {
    int first;          ///< the first row
    float2 q[4], e[4];  ///< times prefix, the alphas from the first row of the row's block to the row; q carries scale
    float2 k[4];        ///< times suffix, the alphas after the row to the last row of its block
    float2 decay[4];    ///< the alphas of the lane's blocks, each at its first row; one is left from four rows on
};

/// The first of the lane's four rows.
GDN2_DEVICE int first_row() { return 8 * warp_index() + lane_index() / 16 * 4; }
/// The same, computed again rather than kept (reread_thread in warp.h).
GDN2_DEVICE int reread_first_row() { return reread_thread() / 16 * 4; }

/// A warp's pieces of A_qk and T, one for each of its five products, and A_qk's diagonal: of row lane / 4.
struct TreeSums {
    float piece[5][4] = {};
    float diagonal = 0.0f;
};

/// The product number `index` (0..4) of this warp: at which level, of which 8 lower and which 8 upper rows.
struct TreeProduct {
    int level, half, lower, upper;
};
GDN2_DEVICE TreeProduct tree_product(int index) {
    const int w = warp_index(), quarter = w % 4;
    if (index == 0) return {w / 4, 1 << w / 4, quarter, quarter};
    if (index == 1) return {2 + w / 4, 4 << w / 4, quarter, quarter};
    if (index == 2) return {4, 16, w / 2, w / 4 * 2 + w % 2};
    return {5, 32, w / 2, w % 2 * 2 + index - 3};
}

/// The row's number among the upper or the lower rows of a level, for the lane's row r; written so that what depends
/// on r alone is known when compiling.
template <int half>
GDN2_DEVICE int number_of(int first, int r) {
    if constexpr (half < 4) return first / 2 + r / (2 * half) * half + r % half;
    return first / (2 * half) * half + first % half + r;
}

/// Whether it is a lower one.
template <int half>
GDN2_DEVICE bool is_lower(int first, int r) {
    if constexpr (half < 4) return r / half % 2 == 1;
    return first / half % 2 == 1;
}

/// Writes the lane's operands of a level into its stage.
template <int half, class E>
GDN2_DEVICE void stage_level(unsigned char* stage, const KeyRows& x) {
    using Pair = typename Element<E>::Pair;
    E* base = reinterpret_cast<E*>(stage) + lane_index() % 16 * 2;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        E* at = base + number_of<half>(x.first, r) * stage_stride;
        if (is_lower<half>(x.first, r)) {
            store_vector<Pair>(at, Element<E>::from_floats(x.q[r].x, x.q[r].y));
            store_vector<Pair>(at + 32 * stage_stride, Element<E>::from_floats(x.e[r].x, x.e[r].y));
        } else {
            store_vector<Pair>(at + 64 * stage_stride, Element<E>::from_floats(x.k[r].x, x.k[r].y));
        }
    }
}

/// Adds the decay of another block to a row: of the one before to a lower row, of the one after to an upper row.
GDN2_DEVICE void extend_row(KeyRows& x, int r, float2 neighbour, bool lower) {
    if (lower) {
        x.q[r] = times(x.q[r], neighbour);
        x.e[r] = times(x.e[r], neighbour);
    } else {
        x.k[r] = times(x.k[r], neighbour);
    }
}

/// Doubles the blocks inside the lane's four rows, from `half` rows to 2 half. Rows: KeyRows, or what adds to them.
template <int half, class Rows>
GDN2_DEVICE void grow_inside(Rows& x) {
#pragma unroll
    for (int first = 0; first < 4; first += 2 * half) {
        const float2 of_upper = x.decay[first], of_lower = x.decay[first + half];
#pragma unroll
        for (int r = first; r < first + half; ++r) {
            extend_row(x, r, of_lower, false);
            extend_row(x, r + half, of_upper, true);
        }
        x.decay[first] = times(of_upper, of_lower);
    }
}

/// The same when a half is all of the lane's rows or more. `neighbour`: the decay of the other half.
template <class Rows>
GDN2_DEVICE void grow_across(Rows& x, float2 neighbour, bool lower) {
#pragma unroll
    for (int r = 0; r < 4; ++r) extend_row(x, r, neighbour, lower);
    x.decay[0] = times(x.decay[0], neighbour);
}

/// From 4 rows to 8: the other half lies in the warp's other half.
template <class Rows>
GDN2_DEVICE void grow_in_warp(Rows& x) {
    const float2 mine = x.decay[0];
    const float2 neighbour =
        make_float2(__shfl_xor_sync(full_warp, mine.x, 16), __shfl_xor_sync(full_warp, mine.y, 16));
    grow_across(x, neighbour, lane_index() >= 16);
}

/// From 8 `warps` rows to twice as many. `products` [8 warps][32 channels]: the decay of each warp's rows.
template <int warps, class Rows>
GDN2_DEVICE void grow_over_warps(Rows& x, const float* products) {
    const int w = warp_index(), first = (w / warps ^ 1) * warps;
    float2 neighbour = make_float2(1.0f, 1.0f);
#pragma unroll
    for (int i = 0; i < warps; ++i)
        neighbour = times(neighbour, load_vector<float2>(products + (first + i) * 32 + lane_index() % 16 * 2));
    grow_across(x, neighbour, w / warps % 2 == 1);
}

/// piece += (q rows over e rows) k rows^T over 32 channels. Columns of float are renamed as in product.h.
template <class E>
GDN2_DEVICE void tree_multiply(float (&piece)[4], const unsigned char* stage, int lower, int upper) {
    const E* rows = reinterpret_cast<const E*>(stage);
    const int matrix = lane_index() / 8, row = lane_index() % 8;
    const E* a_row = rows + (matrix % 2 * 32 + 8 * lower + row) * stage_stride + matrix / 2 * 8;
    std::uint32_t a[4], next[4], b[4];
    ldmatrix_x4(b, rows + (64 + 8 * upper + row) * stage_stride + matrix * 8);
    ldmatrix_x4(a, a_row);
    ldmatrix_x4(next, a_row + 16);
    mma(E{}, piece, a, b[0], b[1]);
    mma(E{}, piece, next, b[2], b[3]);
}
template <>
GDN2_DEVICE void tree_multiply<float>(float (&piece)[4], const unsigned char* stage, int lower, int upper) {
    const int g = lane_index() / 4, t = lane_index() % 4;
    const float* q_row = reinterpret_cast<const float*>(stage) + (8 * lower + g) * stage_stride + 2 * t;
    const float* e_row = q_row + 32 * stage_stride;
    const float* k_row = reinterpret_cast<const float*>(stage) + (64 + 8 * upper + g) * stage_stride + 2 * t;
#pragma unroll
    for (int k = 0; k < 32; k += 8) {
        const float2 q = load_vector<float2>(q_row + k), e = load_vector<float2>(e_row + k);
        const float2 b = load_vector<float2>(k_row + k);
        const Split a[4] = {split(q.x), split(e.x), split(q.y), split(e.y)};
        mma(piece, a, split(b.x), split(b.y));
    }
}

/// Adds 32 channels to the sums; x begins with blocks of one row. Afterwards prefix and suffix reach over the chunk.
/// `shared`: a stage for each level, free when all warps have come here.
template <class E>
GDN2_DEVICE void climb_tree(TreeSums& sums, KeyRows& x, unsigned char* shared, float* products) {
    float qk[4];
#pragma unroll
    for (int r = 0; r < 4; ++r) {
        qk[r] = x.q[r].x * x.k[r].x + x.q[r].y * x.k[r].y;
        extend_row(x, r, x.decay[r], true);  // a block of one row: its own decay comes before it is read
    }
    sums.diagonal += reduce_transposed(qk, 16);
    __syncthreads();
    stage_level<1, E>(shared, x);
    grow_inside<1>(x);
    stage_level<2, E>(shared + stage_bytes<E>, x);
    grow_inside<2>(x);
    stage_level<4, E>(shared + 2 * stage_bytes<E>, x);
    grow_in_warp(x);
    if (lane_index() >= 16) store_vector<float2>(products + warp_index() * 32 + lane_index() % 16 * 2, x.decay[0]);
    stage_level<8, E>(shared + 3 * stage_bytes<E>, x);
    __syncthreads();
    grow_over_warps<1>(x, products);
    stage_level<16, E>(shared + 4 * stage_bytes<E>, x);
    grow_over_warps<2>(x, products);
    stage_level<32, E>(shared + 5 * stage_bytes<E>, x);
    grow_over_warps<4>(x, products);
    __syncthreads();
#pragma unroll
    for (int index = 0; index < 5; ++index) {
        const TreeProduct product = tree_product(index);
        tree_multiply<E>(sums.piece[index], shared + product.level * stage_bytes<E>, product.lower, product.upper);
    }
}

/// Puts every piece where it belongs: T, A_qk and A_qk's diagonal.
GDN2_DEVICE void place_sums(const TreeSums& sums, float* T, float* A_qk) {
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int index = 0; index < 5; ++index) {
        const auto [level, half, lower, upper] = tree_product(index);
        const int i = 8 * lower + g, row = i / half * 2 * half + half + i % half;
#pragma unroll
        for (int c = 0; c < 2; ++c) {
            const int j = 8 * upper + 2 * t + c, column = j / half * 2 * half + j % half;
            if (i / half != j / half) continue;
            A_qk[row * matrix_stride + column] = sums.piece[index][c];
            T[row * matrix_stride + column] = sums.piece[index][2 + c];
        }
    }
    if (t == 0) A_qk[(8 * warp_index() + g) * (matrix_stride + 1)] = sums.diagonal;
}

}  // namespace gdn2::cuda
