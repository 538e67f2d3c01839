// prepare's inverse A = (I + T)^-1, in float: forward substitution in the four diagonal blocks of 16 rows, then two
// rounds of merging neighbours, A_21 = -A_22 (T_21 A_11). Never a Neumann series: with b up to 2 and keys that
// resemble each other its powers overflow (docs/kernels.md).
//   equations  Eq. 21     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/prepare_tree.cuh"

namespace gdn2::cuda {

/// Column `column` of one diagonal block: x_i = [i = column] - sum_{j < i} T_ij x_j.
GDN2_DEVICE void substitute(float* A, const float* T, int block, int column) {
    const float* T_block = T + 16 * block * (matrix_stride + 1);
    float* A_block = A + 16 * block * (matrix_stride + 1);
    float x[16];
#pragma unroll
    for (int i = 0; i < 16; ++i) {
        float sum = i == column ? 1.0f : 0.0f;
#pragma unroll
        for (int j = 0; j < i; ++j) sum = fmaf(-T_block[i * matrix_stride + j], x[j], sum);
        x[i] = sum;
        A_block[i * matrix_stride + column] = sum;
    }
}

/// Four neighbouring entries of D = sign L R for blocks of `size` rows. L's and R's blocks of 16 columns and rows
/// that are known to be zero, those before `first` and from `end` on, are left out.
GDN2_DEVICE void multiply_quad(float* D, const float* L, const float* R, int row, int column, int first, int end,
                               float sign) {
    float4 sum = make_float4(0.0f, 0.0f, 0.0f, 0.0f);
#pragma unroll 4
    for (int k = first; k < end; ++k) {
        const float l = L[row * matrix_stride + k];
        const float4 r = load_vector<float4>(R + k * matrix_stride + column);
        sum = make_float4(fmaf(l, r.x, sum.x), fmaf(l, r.y, sum.y), fmaf(l, r.z, sum.z), fmaf(l, r.w, sum.w));
    }
    store_vector<float4>(D + row * matrix_stride + column,
                         make_float4(sign * sum.x, sign * sum.y, sign * sum.z, sign * sum.w));
}

/// Fills A_21 of every pair of neighbouring blocks of `size` rows. `scratch` is another matrix.
template <int size>
GDN2_DEVICE void merge(float* A, const float* T, float* scratch) {
    constexpr int quads = size / 4, per_pair = size * quads;
    const int pair = static_cast<int>(threadIdx.x) / per_pair, rest = static_cast<int>(threadIdx.x) % per_pair;
    const int row = rest / quads, column = rest % quads * 4, first = 2 * size * pair;
    const bool busy = pair < 32 / size;
    const int corner = first * (matrix_stride + 1), below = corner + size * matrix_stride;
    if (busy) multiply_quad(scratch + below, T + below, A + corner, row, column, column / 16 * 16, size, 1.0f);
    __syncthreads();
    if (busy) multiply_quad(A + below, A + below + size, scratch + below, row, column, 0, row / 16 * 16 + 16, -1.0f);
    __syncthreads();
}

/// A = (I + T)^-1 with T strictly lower triangular; what T has on and above its diagonal is not looked at.
GDN2_DEVICE void invert(float* A, const float* T, float* scratch) {
    if (threadIdx.x < 64) substitute(A, T, static_cast<int>(threadIdx.x) / 16, static_cast<int>(threadIdx.x) % 16);
    __syncthreads();
    merge<16>(A, T, scratch);
    merge<32>(A, T, scratch);
}

/// Writes a lower triangle with its diagonal as a tile, or as two whose sum it is, 8 warps. What lies above the
/// diagonal is not looked at.
template <class E, int tiles = 1>
GDN2_DEVICE void store_matrix(unsigned char* tile, const float* matrix) {
    using Pair = typename Element<E>::Pair;
    const int column = lane_index() * 2;
#pragma unroll
    for (int i = 0; i < 64; i += 8) {
        const int row = warp_index() + i;
        const float* at = matrix + row * matrix_stride + column;
        float2 x = make_float2(0.0f, 0.0f);
        if (column < row) x = load_vector<float2>(at);
        if (column == row) x.x = *at;
        const Pair rounded = Element<E>::from_floats(x.x, x.y);
        store_vector<Pair>(tile_at<E>(tile, row, column), rounded);
        if constexpr (tiles == 2) {
            const float2 kept = Element<E>::to_floats(rounded);
            store_vector<Pair>(tile_at<E>(tile + tile_bytes<E>, row, column),
                               Element<E>::from_floats(x.x - kept.x, x.y - kept.y));
        }
    }
}

}  // namespace gdn2::cuda
