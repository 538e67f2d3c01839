// chunk_grad's dA_qk and dT in the three forms in which its way back through the tree reads them: as operands of
// tensor cores for pairs of rows that meet at levels of 8, 16 and 32 rows, and as floats for those that meet earlier.
//   equations  Eqs. 26-28 in the R form (docs/kernels.md, Backward)     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/prepare_tree.cuh"

namespace gdn2::cuda {

/// Numbers from row to row of `far`: the eight rows that an ldmatrix reads at once lie in different banks.
template <class E>
inline constexpr int far_stride = sizeof(E) == 2 ? 56 : 60;

/// Where they lie. i: the lower row of a pair, j < i the upper one.
struct PairMemory {
    unsigned char* far;  ///< E [64][far_stride]: dA_qk_ij at (i, j), dT_ij at (j, i - 8); not in a block of 8 rows
    float* near;         ///< [16 blocks of 4 rows][4][4]: dA_qk on and below the diagonal, dT transposed above it
    float* next;  ///< pairs between the halves of 8 rows: [8 blocks][dA_qk, dT][of the upper, of the lower rows][4][4]
};
template <class E>
inline constexpr int far_bytes = 64 * far_stride<E> * static_cast<int>(sizeof(E));
inline constexpr int near_bytes = 16 * 16 * 4;
template <class E>
inline constexpr int pair_bytes = far_bytes<E> + near_bytes + 8 * 4 * 16 * 4;

/// Leaves x, of a row and a column of one block of 8: an entry of dA_qk, or of dT transposed.
GDN2_DEVICE void place_near_pairs(const PairMemory& to, bool is_dA_qk, int block, int row, int column, float x) {
    const int lower = is_dA_qk ? row : column, upper = is_dA_qk ? column : row;
    if (row / 4 == column / 4) {
        if (upper < lower || (is_dA_qk && upper == lower))
            to.near[(2 * block + row / 4) * 16 + row % 4 * 4 + column % 4] = x;
    } else if (upper < lower) {
        float* of_upper = to.next + (block * 2 + (is_dA_qk ? 0 : 1)) * 32;
        of_upper[upper * 4 + lower - 4] = x;
        of_upper[16 + (lower - 4) * 4 + upper] = x;
    }
}

/// From a warp's 16 rows of dA_qk (warps 0-3), or of -dT transposed (4-7).
template <class E>
GDN2_DEVICE void place_pairs(const PairMemory& to, const Block& sums) {
    const int thread = reread_thread(), w = thread / 32, g = thread % 32 / 4, t = thread % 4;
    const bool is_dA_qk = w < 4;
    const float sign = is_dA_qk ? 1.0f : -1.0f;
#pragma unroll
    for (int i = 0; i < 2; ++i) {
        const int block = w % 4 * 2 + i;
        E* row = reinterpret_cast<E*>(to.far) + (8 * block + g) * far_stride<E> + 2 * t;
        float2 of_own = make_float2(0.0f, 0.0f);
#pragma unroll
        for (int n = 0; n < 8; ++n) {
            const float2 x = make_float2(sign * sums[n][2 * i], sign * sums[n][2 * i + 1]);
            if (n == block) of_own = x;
            if (is_dA_qk ? n < block : n > block)
                store_vector<typename Element<E>::Pair>(row + 8 * n - (is_dA_qk ? 0 : 8),
                                                        Element<E>::from_floats(x.x, x.y));
        }
        place_near_pairs(to, is_dA_qk, block, g, 2 * t, of_own.x);
        place_near_pairs(to, is_dA_qk, block, g, 2 * t + 1, of_own.y);
    }
}

/// What a level of `half` rows, 8 or more, makes of a warp's eight rows: the other half of their block.
template <int half>
struct Others {
    bool lower;  ///< the warp's rows are lower rows of the chunk, the others upper ones
    int own;     ///< the warp's first row
    int first;   ///< the others' first row
    int number;  ///< and its number among the staged ones (prepare_tree.cuh)

    GDN2_DEVICE explicit Others(int warp)
        : lower(8 * warp / half % 2 == 1), own(8 * warp), first(8 * warp / (2 * half) * 2 * half + (lower ? 0 : half)),
          number(8 * warp / (2 * half) * half) {}
};

/// d += L B for 16 rows of 32 numbers B. rows: this lane's in ldmatrix, of the first 16 columns.
template <class E>
GDN2_DEVICE void multiply_rows(float (&d)[4][4], const std::uint32_t (&a)[4], const E* rows) {
#pragma unroll
    for (int n = 0; n < 4; n += 2) {
        std::uint32_t b[4];
        ldmatrix_x4_trans(b, rows + 8 * n);
        mma(E{}, d[n], a, b[0], b[1]);
        mma(E{}, d[n + 1], a, b[2], b[3]);
    }
}

/// d += L B, L the pairs of the warp's eight rows with the others: for lower rows dA_qk above dT, and B = k~; for upper
/// ones dA_qk^T with B = q~, and dT^T with B = e~. staged: q~, e~, k~. The level of 8 rows fills half of L: the other
/// half is zeros, for which the same rows of B are read again.
template <int half, class E>
GDN2_DEVICE void multiply_others(float (&d)[4][4], const PairMemory& pairs, const E* staged,
                                 const Others<half>& others) {
    const bool lower = others.lower;
    const int matrix = lane_index() / 8, row = lane_index() % 8, piece = matrix % (half / 8) * 8;
    const E* far = reinterpret_cast<const E*>(pairs.far);
    std::uint32_t straight[4], transposed[4];  // pieces of 8 x 8
    ldmatrix_x4(straight, far + (others.own + row) * far_stride<E> + others.first + piece - (lower ? 0 : 8));
    ldmatrix_x4_trans(transposed, far + (others.first + piece + row) * far_stride<E> + others.own - (lower ? 8 : 0));
    const E* right = staged + (others.number + (half == 8 ? 0 : matrix % 2 * 8) + row) * stage_stride + matrix / 2 * 8;
    const E* of_A_qk = right + (lower ? 64 : 0) * stage_stride;
#pragma unroll
    for (int k = 0; k < (half + 15) / 16; ++k) {
        const std::uint32_t a[4] = {lower ? straight[2 * k] : transposed[2 * k], lower ? transposed[2 * k] : 0,
                                    half == 8 ? 0 : lower ? straight[2 * k + 1] : transposed[2 * k + 1],
                                    half == 8 || !lower ? 0 : transposed[2 * k + 1]};
        multiply_rows(d, a, of_A_qk + 16 * k * stage_stride);
    }
    if (lower) return;
#pragma unroll
    for (int k = 0; k < (half + 15) / 16; ++k) {
        const std::uint32_t a[4] = {straight[2 * k], 0, half == 8 ? 0 : straight[2 * k + 1], 0};
        multiply_rows(d, a, right + (32 + 16 * k) * stage_stride);
    }
}

/// Columns of float are renamed as in product.h.
template <int half>
GDN2_DEVICE void multiply_others(float (&d)[4][4], const PairMemory& pairs, const float* staged,
                                 const Others<half>& others) {
    const bool lower = others.lower;
    const int g = lane_index() / 4, t = lane_index() % 4;
    const float* far = reinterpret_cast<const float*>(pairs.far);
    const float* straight = far + (others.own + g) * far_stride<float> + others.first + 2 * t - (lower ? 0 : 8);
    const float* transposed = far + (others.first + 2 * t) * far_stride<float> + others.own + g - (lower ? 8 : 0);
    const float* right = staged + (others.number + 2 * t) * stage_stride + g;
#pragma unroll 1
    for (int k = 0; k < half; k += 8) {
        const float2 s = load_vector<float2>(straight + k);
        const float t0 = transposed[k * far_stride<float>], t1 = transposed[(k + 1) * far_stride<float>];
        const Split a[4] = {split(lower ? s.x : t0), split(lower ? t0 : 0.0f), split(lower ? s.y : t1),
                            split(lower ? t1 : 0.0f)};
        const Split of_e[4] = {split(s.x), split(0.0f), split(s.y), split(0.0f)};
        const float* row = right + ((lower ? 64 : 0) + k) * stage_stride;
#pragma unroll
        for (int n = 0; n < 4; ++n) mma(d[n], a, split(row[8 * n]), split(row[stage_stride + 8 * n]));
        if (lower) continue;
        row += 32 * stage_stride;
#pragma unroll
        for (int n = 0; n < 4; ++n) mma(d[n], of_e, split(row[8 * n]), split(row[stage_stride + 8 * n]));
    }
}

}  // namespace gdn2::cuda
