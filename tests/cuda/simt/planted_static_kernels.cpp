// Kernels with one mistake each, and without it: __shared__ variables.
// "mark" comments name the lines that faults must name.
//   tests  tests/cuda/simt/planted_test.cpp
#include "tests/cuda/simt/planted_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {
namespace {

__device__ __forceinline__ int thread() { return static_cast<int>(threadIdx.x); }

}  // namespace

__global__ void static_missing_syncthreads(PlantedArguments a) {
    __shared__ float tile[64];
    const int t = thread();
    tile[t] = 0.0f;
    __syncthreads();
    tile[t] = a.in[t];  // mark static_missing_syncthreads write
    if (a.good) __syncthreads();
    a.out[t] = tile[63 - t];  // mark static_missing_syncthreads read
}

__global__ void static_scalar_race(PlantedArguments a) {
    __shared__ int chosen;
    const int t = thread();
    if (t == 0 || (!a.good && t == 40)) chosen = t;  // mark static_scalar_race write
    __syncthreads();
    a.out[t] = static_cast<float>(chosen);
}

__global__ void static_unwritten(PlantedArguments a) {
    __shared__ float tile[8][8];
    const int t = thread();
    if (a.good || t != 9) tile[t / 8][t % 8] = 1.0f;
    __syncthreads();
    a.out[t] = tile[t % 8][t / 8];  // mark static_unwritten read
}

__global__ void static_left_over(PlantedArguments a) {
    __shared__ float tile[64];
    const int t = thread();
    if (a.good || blockIdx.x == 0) tile[t] = a.in[t];
    __syncthreads();
    a.out[64 * blockIdx.x + threadIdx.x] = tile[t];  // mark static_left_over read
}

__global__ void static_missing_wait(PlantedArguments a) {
    __shared__ __align__(16) float tile[256];
    const int t = thread();
    copy_async_16(tile + 4 * t, a.in + 4 * t, true);  // mark static_missing_wait copy
    copy_async_commit();
    if (a.good) copy_async_wait(0);
    a.out[t] = tile[4 * t];  // mark static_missing_wait read
    copy_async_wait(0);
}

__global__ void static_far_outside(PlantedArguments a) {
    __shared__ float tile[64];
    const int t = thread();
    tile[t + (a.good ? 0 : 1 << 20)] = 1.0f;  // mark static_far_outside write
    a.out[t] = tile[t];
}

}  // namespace gdn2::test
