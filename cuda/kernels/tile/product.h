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

/// Left factors that lie in a tile: 16 of its rows, or 16 of its columns as rows.
struct Rows {
    const unsigned char* tile;
    int first;
};
struct Columns {
    const unsigned char* tile;
    int first;
};

/// A left factor that a warp has put by in shared memory, for itself or another warp (Product::keep).
struct Kept {
    unsigned char* memory;  ///< kept_bytes
    GDN2_DEVICE unsigned char* place(int k) const { return memory + (32 * k + lane_index()) * 16; }
};
template <class E>
inline constexpr int kept_bytes = 16 * tile_dim * static_cast<int>(sizeof(E));

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

    /// The same of 16 rows, or columns, of a tile from `first` on, as rows of the left factor.
    static GDN2_DEVICE void left_factor(std::uint32_t (&a)[4], Rows rows, int k) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
        ldmatrix_x4(a, tile_at<E>(rows.tile, rows.first + matrix % 2 * 8 + row, 16 * k + matrix / 2 * 8));
    }
    static GDN2_DEVICE void left_factor(std::uint32_t (&a)[4], Columns columns, int k) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
        ldmatrix_x4_trans(a, tile_at<E>(columns.tile, 16 * k + matrix / 2 * 8 + row, columns.first + matrix % 2 * 8));
    }

    static GDN2_DEVICE void left_factor(std::uint32_t (&a)[4], Kept kept, int k) {
        const uint4 x = load_vector<uint4>(kept.place(k));
        a[0] = x.x, a[1] = x.y, a[2] = x.z, a[3] = x.w;
    }
    static GDN2_DEVICE void keep(Kept kept, Columns columns) {
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            std::uint32_t a[4];
            left_factor(a, columns, k);
            store_vector<uint4>(kept.place(k), uint4{a[0], a[1], a[2], a[3]});
        }
    }

    /// d += left tile for any kind of left factor; d: the product's columns from `first_column` on.
    template <int pieces, class Left>
    static GDN2_DEVICE void with(float (&d)[pieces][4], const Left& left, const unsigned char* tile,
                                 int first_column = 0) {
        const int matrix = lane_index() / 8, row = lane_index() % 8;
        const unsigned char* corner = tile + tile_offset<E>(matrix % 2 * 8 + row, first_column + matrix / 2 * 8);
#pragma unroll
        for (int k = 0; k < 4; ++k) {
            std::uint32_t a[4], b[pieces / 2][4];
#pragma unroll
            for (int n = 0; n < pieces / 2; ++n) ldmatrix_x4_trans(b[n], down<E>(across<E>(corner, 16 * n), 16 * k));
            left_factor(a, left, k);
#pragma unroll
            for (int n = 0; n < pieces / 2; ++n) {
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
    static GDN2_DEVICE void left_factor(Split (&a)[4], const Block& block, int k) {
        a[0] = split(block[k][0]);
        a[1] = split(block[k][2]);
        a[2] = split(block[k][1]);
        a[3] = split(block[k][3]);
    }
    static GDN2_DEVICE void left_factor(Split (&a)[4], Rows rows, int k) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const float2 x = load_vector<float2>(tile_at<float>(rows.tile, rows.first + g + 8 * half, 8 * k + 2 * t));
            a[half] = split(x.x);
            a[2 + half] = split(x.y);
        }
    }
    static GDN2_DEVICE void left_factor(Split (&a)[4], Columns columns, int k) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int i = 0; i < 4; ++i)
            a[i] = split(*tile_at<float>(columns.tile, 8 * k + 2 * t + i / 2, columns.first + g + i % 2 * 8));
    }

    static GDN2_DEVICE void left_factor(Split (&a)[4], Kept kept, int k) {
        const float4 x = load_vector<float4>(kept.place(k));
        a[0] = split(x.x), a[1] = split(x.y), a[2] = split(x.z), a[3] = split(x.w);
    }
    static GDN2_DEVICE void keep(Kept kept, Columns columns) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int k = 0; k < 8; ++k) {
            float x[4];
#pragma unroll
            for (int i = 0; i < 4; ++i)
                x[i] = *tile_at<float>(columns.tile, 8 * k + 2 * t + i / 2, columns.first + g + i % 2 * 8);
            store_vector<float4>(kept.place(k), make_float4(x[0], x[1], x[2], x[3]));
        }
    }

    template <Triangle triangle = Triangle::full>
    static GDN2_DEVICE void with_transpose(Block& d, const Block& block, const unsigned char* tile) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int k = 0; k < 8; ++k) {
            keep_order();
            Split a[4];
            left_factor(a, block, k);
#pragma unroll
            for (int n = triangle == Triangle::lower ? k : 0; n < 8; ++n) {
                const float2 b = load_vector<float2>(tile_at<float>(tile, 8 * n + g, 8 * k + 2 * t));
                mma(d[n], a, split(b.x), split(b.y));
            }
        }
    }

    template <int pieces, class Left>
    static GDN2_DEVICE void with(float (&d)[pieces][4], const Left& left, const unsigned char* tile,
                                 int first_column = 0) {
        const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
        for (int k = 0; k < 8; ++k) {
            keep_order();
            Split a[4];
            left_factor(a, left, k);
#pragma unroll
            for (int n = 0; n < pieces; ++n) {
                const float first = *tile_at<float>(tile, 8 * k + 2 * t, first_column + 8 * n + g);
                const float second = *tile_at<float>(tile, 8 * k + 2 * t + 1, first_column + 8 * n + g);
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
