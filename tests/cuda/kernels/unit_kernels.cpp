// See unit_kernels.h.
#include "tests/cuda/kernels/unit_kernels.h"

#include "cuda/kernels/prepare.cuh"
#include "cuda/kernels/scan.cuh"

namespace gdn2::test {

using namespace cuda;

void write_chunks(const Sequences sequences, std::int64_t* chunks) {
    const Span chunk = chunk_of(sequences, blockIdx.x);
    if (threadIdx.x != 0) return;
    chunks[2 * blockIdx.x] = chunk.first;
    chunks[2 * blockIdx.x + 1] = chunk.length;
}

void write_first_slots(const Sequences sequences, std::int64_t* slots) {
    for (std::int64_t n = threadIdx.x; n <= sequences.count; n += 32) slots[n] = first_slot(sequences, n);
}

void write_rounded(const float* x, std::uint16_t* bits, int count) {
    for (int i = static_cast<int>(threadIdx.x); i < count; i += 32) {
        const std::uint32_t bf16_pair = round_to_bf16x2(x[i], x[i]), f16_pair = round_to_f16x2(x[i], x[i]);
        bits[6 * i] = Element<bf16>::from_float(x[i]).bits;
        bits[6 * i + 1] = static_cast<std::uint16_t>(bf16_pair);
        bits[6 * i + 2] = static_cast<std::uint16_t>(bf16_pair >> 16);
        bits[6 * i + 3] = Element<f16>::from_float(x[i]).bits;
        bits[6 * i + 4] = static_cast<std::uint16_t>(f16_pair);
        bits[6 * i + 5] = static_cast<std::uint16_t>(f16_pair >> 16);
    }
}

void write_inverse(const float* T, float* A) {
    float* shared_T = reinterpret_cast<float*>(shared_memory());
    float* shared_A = shared_T + matrix_bytes / 4;
    for (int i = static_cast<int>(threadIdx.x); i < 64 * 64; i += static_cast<int>(blockDim.x))
        shared_T[i / 64 * matrix_stride + i % 64] = T[i];
    __syncthreads();
    invert(shared_A, shared_T, shared_A + matrix_bytes / 4);
    for (int i = static_cast<int>(threadIdx.x); i < 64 * 64; i += static_cast<int>(blockDim.x))
        A[i] = i % 64 <= i / 64 ? shared_A[i / 64 * matrix_stride + i % 64] : 0.0f;
}

template <class E>
void multiply(const float* block, const float* tile, float* d, bool transposed) {
    unsigned char* shared = shared_memory();
    for (int i = static_cast<int>(threadIdx.x); i < 64 * 64; i += 32)
        *tile_at<E>(shared, i / 64, i % 64) = Element<E>::from_float(tile[i]);
    __syncwarp();
    const int g = lane_index() / 4, t = lane_index() % 4;
    const auto offset = [&](int n, int i) { return (g + i / 2 * 8) * 64 + 8 * n + 2 * t + i % 2; };
    Block left, product;
    for (int n = 0; n < 8; ++n)
        for (int i = 0; i < 4; ++i) {
            left[n][i] = block[offset(n, i)];
            product[n][i] = 0.0f;
        }
    if (transposed) {
        Product<E>::with_transpose(product, left, shared);
    } else {
        Product<E>::with(product, left, shared);
    }
    for (int n = 0; n < 8; ++n)
        for (int i = 0; i < 4; ++i) d[offset(n, i)] = product[n][i];
}

void multiply_tile(const float* block, const float* tile, float* d, bool is_bf16, bool transposed) {
    if (is_bf16) {
        multiply<bf16>(block, tile, d, transposed);
    } else {
        multiply<float>(block, tile, d, transposed);
    }
}

}  // namespace gdn2::test
