// Products of a warp's 16 x 64 block with a 64 x 64 tile in shared memory, on tensor cores.
//
// A block lives in accumulators: block[n] is the 16 x 8 piece of columns 8n..8n+7, laid out as D in warp.h. Used
// again as a left factor it needs no exchange between lanes: for 16-bit numbers D's layout is A's; for tf32, whose A
// wants columns t and t+4 where D has 2t and 2t+1, the columns are renamed, on both sides of the product alike.
// float goes through three tf32 products, (big + small)(big + small) without small * small.
//   tests  tests/cuda/kernels/unit_test.cpp
#pragma once

#include "cuda/kernels/tile/tile.h"

namespace gdn2::cuda {

using Block = float[8][4];

GDN2_DEVICE void clear(Block& block) {
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) block[n][i] = 0.0f;
}

GDN2_DEVICE void negate(Block& block) {
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i) block[n][i] = -block[n][i];
}

GDN2_DEVICE void mma(bf16, float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    mma_m16n8k16_bf16(d, a, b0, b1);
}
GDN2_DEVICE void mma(f16, float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    mma_m16n8k16_f16(d, a, b0, b1);
}

/// A float as the sum of two tf32 numbers, as the tensor cores take them: of both they ignore the low 13 bits. The
/// first is rounded to nearest, so the second has at most one bit more than they keep.
struct Split {
    std::uint32_t big, small;
};
GDN2_DEVICE Split split(float x) {
    const std::uint32_t big = (__float_as_uint(x) + 0x1000u) & 0xffffe000u;
    return {big, __float_as_uint(x - __uint_as_float(big))};
}

/// d += a b in float precision, for columns (first, second) of a and rows (first, second) of b per lane.
GDN2_DEVICE void mma(float (&d)[4], const Split (&a)[4], Split b0, Split b1) {
    const std::uint32_t a_big[4] = {a[0].big, a[1].big, a[2].big, a[3].big};
    const std::uint32_t a_small[4] = {a[0].small, a[1].small, a[2].small, a[3].small};
    mma_m16n8k8_tf32(d, a_small, b0.big, b1.big);
    mma_m16n8k8_tf32(d, a_big, b0.small, b1.small);
    mma_m16n8k8_tf32(d, a_big, b0.big, b1.big);
}

/// What is left out of a product with a tile^T: nothing, or what lies above the tile's diagonal.
enum class Triangle { full, lower };

/// How a block multiplies tiles of numbers of type E; here the 16-bit formats.
template <class E>
struct Product {
    /// Columns 16k..16k+15 of a block, rounded to E.
    static GDN2_DEVICE void left_factor(std::uint32_t (&a)[4], const Block& block, int k) {
        a[0] = Element<E>::from_floats(block[2 * k][0], block[2 * k][1]);
        a[1] = Element<E>::from_floats(block[2 * k][2], block[2 * k][3]);
        a[2] = Element<E>::from_floats(block[2 * k + 1][0], block[2 * k + 1][1]);
        a[3] = Element<E>::from_floats(block[2 * k + 1][2], block[2 * k + 1][3]);
    }

    /// d += block tile^T
    template <Triangle triangle = Triangle::full>
    static GDN2_DEVICE void with_transpose(Block& d, const Block& block, const unsigned char* tile) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
        const unsigned char* corner = tile + tile_offset<E>(matrix / 2 * 8 + row, matrix % 2 * 8);
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            constexpr int skipped = triangle == Triangle::lower;  // columns r of the result need rows s <= r only
            const unsigned char* column = across<E>(corner, 16 * k);
            std::uint32_t a[4], b[4][4];
#pragma unroll
            for (int n = skipped * k; n < 4; ++n) ldmatrix_x4(b[n], down<E>(column, 16 * n));
            left_factor(a, block, k);
#pragma unroll
            for (int n = skipped * k; n < 4; ++n) {
                mma(E{}, d[2 * n], a, b[n][0], b[n][1]);
                mma(E{}, d[2 * n + 1], a, b[n][2], b[n][3]);
            }
        }
    }

    /// d += block tile
    static GDN2_DEVICE void with(Block& d, const Block& block, const unsigned char* tile) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
        const unsigned char* corner = tile + tile_offset<E>(matrix % 2 * 8 + row, matrix / 2 * 8);
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            std::uint32_t a[4], b[4][4];
#pragma unroll
            for (int n = 0; n < 4; ++n) ldmatrix_x4_trans(b[n], down<E>(across<E>(corner, 16 * n), 16 * k));
            left_factor(a, block, k);
#pragma unroll
            for (int n = 0; n < 4; ++n) {
                mma(E{}, d[2 * n], a, b[n][0], b[n][1]);
                mma(E{}, d[2 * n + 1], a, b[n][2], b[n][3]);
            }
        }
    }

    /// block = tile^T, columns first_column.. of the tile as its 16 rows.
    static GDN2_DEVICE void load_transpose(Block& block, const unsigned char* tile, int first_column) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
#pragma unroll
        for (int n = 0; n < 4; ++n) {
            std::uint32_t x[4];
            ldmatrix_x4_trans(x, tile_at<E>(tile, 16 * n + matrix / 2 * 8 + row, first_column + matrix % 2 * 8));
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const float2 pair = Element<E>::to_floats(x[i]);
                block[2 * n + i / 2][i % 2 * 2] = pair.x;
                block[2 * n + i / 2][i % 2 * 2 + 1] = pair.y;
            }
        }
    }
};

/// float: the left factor's column t is the block's 2t, column t+4 its 2t+1.
template <>
struct Product<float> {
    static GDN2_DEVICE void left_factor(Split (&a)[4], const float (&piece)[4]) {
        a[0] = split(piece[0]);
        a[1] = split(piece[2]);
        a[2] = split(piece[1]);
        a[3] = split(piece[3]);
    }

    template <Triangle triangle = Triangle::full>
    static GDN2_DEVICE void with_transpose(Block& d, const Block& block, const unsigned char* tile) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int k = 0; k < 8; ++k) {
            keep_order();
            Split a[4];
            left_factor(a, block[k]);
#pragma unroll
            for (int n = triangle == Triangle::lower ? k : 0; n < 8; ++n) {
                const float2 b = load_vector<float2>(tile_at<float>(tile, 8 * n + g, 8 * k + 2 * t));
                mma(d[n], a, split(b.x), split(b.y));
            }
        }
    }

    static GDN2_DEVICE void with(Block& d, const Block& block, const unsigned char* tile) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int k = 0; k < 8; ++k) {
            keep_order();
            Split a[4];
            left_factor(a, block[k]);
#pragma unroll
            for (int n = 0; n < 8; ++n) {
                const float first = *tile_at<float>(tile, 8 * k + 2 * t, 8 * n + g);
                const float second = *tile_at<float>(tile, 8 * k + 2 * t + 1, 8 * n + g);
                mma(d[n], a, split(first), split(second));
            }
        }
    }

    static GDN2_DEVICE void load_transpose(Block& block, const unsigned char* tile, int first_column) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
            for (int i = 0; i < 4; ++i)
                block[n][i] = *tile_at<float>(tile, 8 * n + 2 * t + i % 2, first_column + g + i / 2 * 8);
    }
};

}  // namespace gdn2::cuda
