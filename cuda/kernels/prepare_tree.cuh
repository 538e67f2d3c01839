// prepare's tree over the 64 rows of a chunk: T and A_qk of every pair of rows, on tensor cores, in six levels.
//
// At a level of `half` rows every block of 2 half rows has an upper half (the earlier rows) and a lower half. Count
// the 32 lower rows, and the 32 upper ones, in ascending order: number l is row l / half * 2 half + half + l % half,
// or without the middle term the upper row. Staged: q prefix and e prefix of the lower rows, k suffix of the upper.
// A tensor-core product of 8 lower q rows stacked on the same 8 e rows with 8 upper rows gives a piece of A_qk (top)
// and of T (bottom). Entries whose rows lie in different blocks belong to other levels and are left out by place_sums.
//   equations  Eqs. 21, 25 (kernels.md 2.3)     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/tile/product.h"

namespace gdn2::cuda {

inline constexpr int stage_stride = 72;  ///< numbers from row to row: 8 rows of a fragment lie in different banks
template <class E>
inline constexpr int stage_bytes = 96 * stage_stride * static_cast<int>(sizeof(E));  ///< q, e, k: 32 rows each
inline constexpr int matrix_stride = 68;
inline constexpr int matrix_bytes = 64 * matrix_stride * 4;
inline constexpr int gamma_bytes = tile_dim * 4;

GDN2_DEVICE float2 times(float2 x, float2 y) { return make_float2(x.x * y.x, x.y * y.y); }
GDN2_DEVICE float2 scaled(float2 x, float y) { return make_float2(x.x * y, x.y * y); }

/// What a warp holds of its 8 rows and 64 channels, two channels a lane.
template <class E>
struct KeyRows {
    typename Element<E>::Pair q[8], k[8], b[8];
    float2 prefix[8];  ///< product of alphas from the block's first row to this one
    float2 suffix[8];  ///< product of alphas after this row to the block's last
};

/// A warp's pieces of A_qk and T, one for each of its five products, and what its rows contribute to A_qk's diagonal.
struct TreeSums {
    float piece[5][4] = {};
    float diagonal[8] = {};
};

/// The product number `index` (0..4) of this warp: at which level, of which 8 lower and which 8 upper rows.
struct TreeProduct {
    int half, lower, upper;
};
GDN2_DEVICE TreeProduct tree_product(int index) {
    const int w = warp_index(), quarter = w % 4;
    if (index == 0) return {w < 4 ? 1 : 2, quarter, quarter};
    if (index == 1) return {w < 4 ? 4 : 8, quarter, quarter};
    if (index == 2) return {16, w / 2, w / 4 * 2 + w % 2};
    return {32, w / 2, w % 2 * 2 + index - 3};
}

/// Writes this warp's operands of the level into `stage`.
template <int half, class E>
GDN2_DEVICE void stage_level(unsigned char* stage, const KeyRows<E>& x, const float* norms) {
    using Pair = typename Element<E>::Pair;
    E* base = reinterpret_cast<E*>(stage) + 2 * lane_index();
#pragma unroll
    for (int r = 0; r < 8; ++r) {
        const int row = 8 * warp_index() + r;
        const int number = row / (2 * half) * half + row % half;
        const float2 k = scaled(Element<E>::to_floats(x.k[r]), norms[64 + row]);
        if (row / half % 2 == 0) {
            const float2 upper = times(x.suffix[r], k);
            store_vector<Pair>(base + (64 + number) * stage_stride, Element<E>::from_floats(upper.x, upper.y));
        } else {
            const float2 q = times(x.prefix[r], scaled(Element<E>::to_floats(x.q[r]), norms[row]));
            const float2 e = times(x.prefix[r], times(Element<E>::to_floats(x.b[r]), k));
            store_vector<Pair>(base + number * stage_stride, Element<E>::from_floats(q.x, q.y));
            store_vector<Pair>(base + (32 + number) * stage_stride, Element<E>::from_floats(e.x, e.y));
        }
    }
}

/// Doubles the blocks of prefix and suffix inside the warp's own 8 rows, from `half` rows to 2 half.
template <int half, class E>
GDN2_DEVICE void grow_inside(KeyRows<E>& x) {
#pragma unroll
    for (int first = 0; first < 8; first += 2 * half) {
        const float2 of_upper = x.prefix[first + half - 1], of_lower = x.prefix[first + 2 * half - 1];
#pragma unroll
        for (int r = first; r < first + half; ++r) {
            x.suffix[r] = times(x.suffix[r], of_lower);
            x.prefix[r + half] = times(x.prefix[r + half], of_upper);
        }
    }
}

/// The same across warps: `groups` warps (8 rows each) make a half. `products`: each warp's product over its rows.
template <int groups, class E>
GDN2_DEVICE void grow_across(KeyRows<E>& x, const float* products) {
    const int w = warp_index(), neighbour = (w / groups ^ 1) * groups;
    float2 factor = make_float2(1.0f, 1.0f);
#pragma unroll
    for (int i = 0; i < groups; ++i)
        factor = times(factor, load_vector<float2>(products + (neighbour + i) * 64 + 2 * lane_index()));
    const bool lower = w / groups % 2 == 1;
#pragma unroll
    for (int r = 0; r < 8; ++r) {
        if (lower) {
            x.prefix[r] = times(x.prefix[r], factor);
        } else {
            x.suffix[r] = times(x.suffix[r], factor);
        }
    }
}

/// piece += (q rows over e rows) k rows^T over the slab's 64 channels. Columns of float are renamed as in product.h.
template <class E>
GDN2_DEVICE void tree_multiply(float (&piece)[4], const unsigned char* stage, int lower, int upper) {
    const E* rows = reinterpret_cast<const E*>(stage);
    const int matrix = lane_index() / 8, row = lane_index() % 8;
    const E* a_row = rows + (matrix % 2 * 32 + 8 * lower + row) * stage_stride + matrix / 2 * 8;
    const E* b_row = rows + (64 + 8 * upper + row) * stage_stride + matrix * 8;
#pragma unroll
    for (int k = 0; k < 64; k += 32) {
        std::uint32_t a[4], b[4];
        ldmatrix_x4(b, b_row + k);
        ldmatrix_x4(a, a_row + k);
        mma(E{}, piece, a, b[0], b[1]);
        ldmatrix_x4(a, a_row + k + 16);
        mma(E{}, piece, a, b[2], b[3]);
    }
}
template <>
GDN2_DEVICE void tree_multiply<float>(float (&piece)[4], const unsigned char* stage, int lower, int upper) {
    const int g = lane_index() / 4, t = lane_index() % 4;
    const float* q_row = reinterpret_cast<const float*>(stage) + (8 * lower + g) * stage_stride + 2 * t;
    const float* e_row = q_row + 32 * stage_stride;
    const float* k_row = reinterpret_cast<const float*>(stage) + (64 + 8 * upper + g) * stage_stride + 2 * t;
#pragma unroll
    for (int k = 0; k < 64; k += 8) {
        const float2 q = load_vector<float2>(q_row + k), e = load_vector<float2>(e_row + k);
        const float2 b = load_vector<float2>(k_row + k);
        const Split a[4] = {split(q.x), split(e.x), split(q.y), split(e.y)};
        mma(piece, a, split(b.x), split(b.y));
    }
}

template <class E>
GDN2_DEVICE void tree_multiply(TreeSums& sums, const unsigned char* stage, int index) {
    const TreeProduct product = tree_product(index);
    tree_multiply<E>(sums.piece[index], stage, product.lower, product.upper);
}

/// Adds one slab to the sums. Afterwards prefix and suffix reach over the whole chunk.
template <class E>
GDN2_DEVICE void climb_tree(TreeSums& sums, KeyRows<E>& x, unsigned char* shared, float* products, const float* norms) {
    unsigned char *first = shared, *second = shared + stage_bytes<E>;
#pragma unroll
    for (int r = 0; r < 8; ++r) {
        const float2 qk = times(Element<E>::to_floats(x.q[r]), Element<E>::to_floats(x.k[r]));
        sums.diagonal[r] += (qk.x + qk.y) * norms[8 * warp_index() + r] * norms[64 + 8 * warp_index() + r];
    }

    stage_level<1>(first, x, norms);
    grow_inside<1>(x);
    stage_level<2>(second, x, norms);
    grow_inside<2>(x);
    __syncthreads();
    tree_multiply<E>(sums, warp_index() < 4 ? first : second, 0);
    __syncthreads();

    stage_level<4>(first, x, norms);
    grow_inside<4>(x);
    store_vector<float2>(products + warp_index() * 64 + 2 * lane_index(), x.prefix[7]);
    stage_level<8>(second, x, norms);
    __syncthreads();
    tree_multiply<E>(sums, warp_index() < 4 ? first : second, 1);
    grow_across<1>(x, products);
    __syncthreads();

    stage_level<16>(first, x, norms);
    grow_across<2>(x, products);
    stage_level<32>(second, x, norms);
    grow_across<4>(x, products);
    __syncthreads();
    tree_multiply<E>(sums, first, 2);
    tree_multiply<E>(sums, second, 3);
    tree_multiply<E>(sums, second, 4);
}

/// Puts every piece where it belongs: A_qk below the diagonal, T, and A_qk's diagonal.
GDN2_DEVICE void place_sums(const TreeSums& sums, float* T, float* A_qk, float* diagonal) {
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int index = 0; index < 5; ++index) {
        const auto [half, lower, upper] = tree_product(index);
        const int i = 8 * lower + g, row = i / half * 2 * half + half + i % half;
#pragma unroll
        for (int c = 0; c < 2; ++c) {
            const int j = 8 * upper + 2 * t + c, column = j / half * 2 * half + j % half;
            if (i / half != j / half) continue;
            A_qk[row * matrix_stride + column] = sums.piece[index][c];
            T[row * matrix_stride + column] = sums.piece[index][2 + c];
        }
    }
#pragma unroll
    for (int r = 0; r < 8; ++r) {
        const float sum = warp_sum(sums.diagonal[r]);
        if (lane_index() == 0) diagonal[8 * warp_index() + r] = sum;
    }
}

}  // namespace gdn2::cuda
