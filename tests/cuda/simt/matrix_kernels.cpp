// Kernels that use the warp-wide matrix instructions as real ones do.
//   tests  tests/cuda/simt/fragments_test.cpp
#include "tests/cuda/simt/matrix_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {

__global__ void product_64(const std::uint16_t* A, const std::uint16_t* B, float* C) {
    auto* a_tile = static_cast<std::uint16_t*>(dynamic_shared());
    auto* b_tile = a_tile + 64 * 128;
    const int t = static_cast<int>(threadIdx.x), warp = t / 32, lane = t % 32;
    for (int i = 8 * t; i < 64 * 128; i += 8 * 128) {
        copy_async_16(a_tile + i, A + i, true);
        store_vector(b_tile + i, load_vector<uint4>(B + i));
    }
    copy_async_commit();
    copy_async_wait(0);
    __syncthreads();

    float sum[8][4] = {};
    for (int k = 0; k < 128; k += 16) {
        std::uint32_t a[4];
        ldmatrix_x4(a, a_tile + (16 * warp + lane % 16) * 128 + k + lane / 16 * 8);
        for (int n = 0; n < 8; n += 2) {
            std::uint32_t b[4];
            ldmatrix_x4_trans(b, b_tile + (k + lane % 16) * 64 + 8 * n + lane / 16 * 8);
            mma_m16n8k16_bf16(sum[n], a, b[0], b[1]);
            mma_m16n8k16_bf16(sum[n + 1], a, b[2], b[3]);
        }
    }
    for (int n = 0; n < 8; ++n)
        for (int i = 0; i < 4; ++i)
            C[(16 * warp + lane / 4 + 8 * (i / 2)) * 64 + 8 * n + 2 * (lane % 4) + i % 2] = sum[n][i];
}

__global__ void load_numbered_matrices(std::uint32_t* out, int matrices, bool transposed) {
    auto* elements = static_cast<std::uint16_t*>(dynamic_shared());
    const int lane = static_cast<int>(threadIdx.x);
    for (int i = lane; i < 256; i += 32) elements[i] = static_cast<std::uint16_t>(i);
    __syncwarp();
    const auto* row = elements + 8 * lane;
    if (matrices == 4) {
        std::uint32_t r[4];
        transposed ? ldmatrix_x4_trans(r, row) : ldmatrix_x4(r, row);
        for (int m = 0; m < 4; ++m) out[32 * m + lane] = r[m];
    } else {
        std::uint32_t r[2];
        transposed ? ldmatrix_x2_trans(r, row) : ldmatrix_x2(r, row);
        for (int m = 0; m < 2; ++m) out[32 * m + lane] = r[m];
    }
}

}  // namespace gdn2::test
