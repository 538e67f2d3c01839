// Matrix products of a linear layer and of its adjoint, on tensor cores: a block makes 64 x 64 numbers of the result
// and walks over the depth in steps of 64, of which the next ones are on their way meanwhile.
//     y = x W^T      dx = dy W      dW = dy^T x
// They differ only in how a tile is stored. dW has few numbers and a depth of all tokens, so it may be cut into splits
// that sum_rows adds up in their order: the same bits always, and no atomics.
//   tests  tests/cuda/kernels/linear_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/layers/activation.cuh"
#include "cuda/kernels/tile/product.h"

namespace gdn2::cuda {

/// Which stored matrices are the transposes of what the product needs.
struct Stored {
    bool A_transposed, B_transposed;
};

template <class E>
inline constexpr int linear_stages = sizeof(E) == 2 ? 3 : 2;
template <class E>
inline constexpr int linear_shared_bytes = linear_stages<E> * 2 * tile_bytes<E>;

/// A matrix as it is stored, and whether its rows may be read 16 bytes at a time.
struct StoredMatrix {
    const void* numbers;
    std::int64_t rows, columns;
    bool units;
};

/// Starts to copy the 64 x 64 numbers from (row, column) on; zeros outside. For 128 threads.
template <class E>
GDN2_DEVICE void copy_tile(unsigned char* tile, const StoredMatrix& from, std::int64_t row, std::int64_t column) {
    const E* numbers = static_cast<const E*>(from.numbers);
    const int thread = static_cast<int>(threadIdx.x);
    if (from.units) {
        constexpr int per_row = 64 / unit_size<E>, at_once = 128 / per_row;
        const int c = thread % per_row * unit_size<E>;
#pragma unroll
        for (int r = thread / per_row; r < 64; r += at_once) {
            const bool inside = row + r < from.rows && column + c < from.columns;
            copy_async_16(tile + tile_offset<E>(r, c),
                          inside ? numbers + ((row + r) * from.columns + column + c) : numbers, inside);
        }
    } else {
#pragma unroll 1
        for (int i = thread; i < 64 * 64; i += 128) {
            const std::int64_t r = row + i / 64, c = column + i % 64;
            const bool inside = r < from.rows && c < from.columns;
            *tile_at<E>(tile, i / 64, i % 64) = inside ? numbers[r * from.columns + c] : Element<E>::from_float(0.0f);
        }
    }
}

/// block = rows first_row.. of a tile.
template <class E>
GDN2_DEVICE void load_rows(Block& block, const unsigned char* tile, int first_row) {
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            using Pair = typename Element<E>::Pair;
            const Pair pair = load_vector<Pair>(tile_at<E>(tile, first_row + g + 8 * half, 8 * n + 2 * t));
            const float2 x = Element<E>::to_floats(pair);
            block[n][2 * half] = x.x;
            block[n][2 * half + 1] = x.y;
        }
}

/// The depths that the block's split has to sum over, and where in the result it works.
struct ProductPart {
    std::int64_t first_row, first_depth, end_depth;
    int first_column, split;
};

GDN2_DEVICE ProductPart product_part_of(const ProductParams& p) {
    const int split = static_cast<int>(blockIdx.x) % p.splits;
    const std::int64_t steps = (p.depth + 63) / 64, each = (steps + p.splits - 1) / p.splits * 64;
    const std::int64_t first = split * each, end = first + each;
    return {std::int64_t{blockIdx.x / static_cast<unsigned>(p.splits)} * 64, first, end < p.depth ? end : p.depth,
            static_cast<int>(blockIdx.y) * 64, split};
}

/// Starts to copy both factors' tiles at a depth, nothing from the part's end on; closes the group in any case.
template <class E, Stored stored>
GDN2_DEVICE void copy_factors(unsigned char* stage, const ProductParams& p, const ProductPart& part,
                              std::int64_t depth) {
    if (depth < part.end_depth) {
        if constexpr (stored.A_transposed) {
            copy_tile<E>(stage, {p.A, p.depth, p.rows, p.A_units}, depth, part.first_row);
        } else {
            copy_tile<E>(stage, {p.A, p.rows, p.depth, p.A_units}, part.first_row, depth);
        }
        unsigned char* B = stage + tile_bytes<E>;
        if constexpr (stored.B_transposed) {
            copy_tile<E>(B, {p.B, p.columns, p.depth, p.B_units}, part.first_column, depth);
        } else {
            copy_tile<E>(B, {p.B, p.depth, p.columns, p.B_units}, depth, part.first_column);
        }
    }
    copy_async_commit();
}

/// sum += A B for the warp's 16 rows, over one stage.
template <class E, Stored stored>
GDN2_DEVICE void multiply_stage(Block& sum, const unsigned char* stage) {
    Block A;
    if constexpr (stored.A_transposed) {
        Product<E>::load_transpose(A, stage, warp_index() * 16);
    } else {
        load_rows<E>(A, stage, warp_index() * 16);
    }
    if constexpr (stored.B_transposed) {
        Product<E>::with_transpose(sum, A, stage + tile_bytes<E>);
    } else {
        Product<E>::with(sum, A, stage + tile_bytes<E>);
    }
}

template <class E>
GDN2_DEVICE void store_product(const ProductParams& p, const ProductPart& part, std::int64_t row, int column,
                               float x) {
    if (row >= p.rows || column >= p.columns) return;
    const std::int64_t at = row * p.columns + column;
    if (p.bias) x += p.bias[column];
    if (p.addend) x += p.addend[at];
    x = p.most * activate(p.activation, x);
    const std::int64_t to = part.split * p.rows * p.columns + at;
    if (p.C_is_float) {
        static_cast<float*>(p.C)[to] = x;
    } else {
        static_cast<E*>(p.C)[to] = Element<E>::from_float(x);
    }
}

template <class E, Stored stored>
GDN2_DEVICE void multiply_matrices(const ProductParams& p) {
    constexpr int stages = linear_stages<E>, stage_bytes = 2 * tile_bytes<E>;
    const ProductPart part = product_part_of(p);
    Block sum;
    clear(sum);
#pragma unroll
    for (int s = 0; s < stages - 1; ++s)
        copy_factors<E, stored>(shared_memory() + s * stage_bytes, p, part, part.first_depth + 64 * s);
    int stage = 0;
    for (std::int64_t depth = part.first_depth; depth < part.end_depth; depth += 64) {
        copy_async_wait<stages - 2>();
        __syncthreads();  // the stage has come, and the one before it is nobody's any more
        const int next = stage == 0 ? stages - 1 : stage - 1;
        copy_factors<E, stored>(shared_memory() + next * stage_bytes, p, part, depth + 64 * (stages - 1));
        multiply_stage<E, stored>(sum, shared_memory() + stage * stage_bytes);
        stage = stage == stages - 1 ? 0 : stage + 1;
    }
    copy_async_wait<0>();
    const std::int64_t row = part.first_row + warp_index() * 16 + lane_index() / 4;
    const int column = part.first_column + lane_index() % 4 * 2;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i)
            store_product<E>(p, part, row + i / 2 * 8, column + 8 * n + i % 2, sum[n][i]);
}

/// grid (blocks of 64 rows * splits, blocks of 64 columns), 128 threads, linear_shared_bytes<E>; so the two below
template <class E>
__global__ void __launch_bounds__(128) linear(const ProductParams p) {
    multiply_matrices<E, Stored{false, true}>(p);
}

template <class E>
__global__ void __launch_bounds__(128) linear_input_gradient(const ProductParams p) {
    multiply_matrices<E, Stored{false, false}>(p);
}

template <class E>
__global__ void __launch_bounds__(128) linear_weight_gradient(const ProductParams p) {
    multiply_matrices<E, Stored{true, false}>(p);
}

}  // namespace gdn2::cuda
