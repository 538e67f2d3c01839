// Kernels with __shared__ variables and without mistakes.
//   tests  tests/cuda/simt/static_shared_test.cpp
#include "tests/cuda/simt/static_shared_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {
namespace {

__device__ __forceinline__ unsigned thread() { return threadIdx.x; }

template <class T>
__device__ void reverse(const float* in, float* out) {
    __shared__ T tile[64];
    const unsigned t = thread();
    tile[t] = static_cast<T>(in[t]);
    __syncthreads();
    out[t] = static_cast<float>(tile[63 - t]);
}

__device__ void add_first(float* tile, float* first, const float* in, float* out) {
    const unsigned t = thread();
    tile[t] = in[64 * blockIdx.x + t];
    if (t == 0) *first = in[64 * blockIdx.x];
    __syncthreads();
    out[64 * blockIdx.x + t] = tile[63 - t] + *first;
}

}  // namespace

__global__ void static_reverse(const float* in, float* out) {
    __shared__ float tile[64];
    __shared__ float first;
    add_first(tile, &first, in, out);
}

__global__ void dynamic_reverse(const float* in, float* out) {
    auto* tile = static_cast<float*>(dynamic_shared());
    add_first(tile, tile + 64, in, out);
}

__global__ void static_transpose(const float* in, float* out) {
    __shared__ float tile[8][9];
    const unsigned row = thread() / 8, column = thread() % 8, start = 64 * blockIdx.x;
    tile[row][column] = in[start + thread()];
    __syncthreads();
    out[start + thread()] = tile[column][row];
}

__global__ void static_of_template(const float* in, float* out) {
    const unsigned start = 64 * blockIdx.x;
    if (blockIdx.x % 2 == 0)
        reverse<int>(in + start, out + start);
    else
        reverse<float>(in + start, out + start);
}

__global__ void static_matrix(const float* in, float* out) {
    __shared__ __align__(16) float rows[128];
    const unsigned t = thread();
    copy_async_16(rows + 4 * t, in + 4 * t, true);
    copy_async_commit();
    copy_async_wait(0);
    __syncwarp();
    std::uint32_t r[4];
    ldmatrix_x4(r, rows + 4 * t);
    for (unsigned m = 0; m < 4; ++m) out[32 * m + t] = __uint_as_float(r[m]);
}

}  // namespace gdn2::test
