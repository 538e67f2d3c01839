// Kernels with one mistake each, and without it: barriers and warp-wide operations.
// "mark" comments name the lines that faults must name.
//   tests  tests/cuda/simt/planted_test.cpp
#include "tests/cuda/simt/planted_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {
namespace {

__device__ __forceinline__ int thread() { return static_cast<int>(threadIdx.x); }

}  // namespace

__global__ void divergent_syncthreads(PlantedArguments a) {
    const int t = thread();
    if (t < 32 || a.good) {
        __syncthreads();  // mark divergent_syncthreads one
        a.out[t] = 1.0f;
    } else {
        a.out[t] = 2.0f;
        __syncthreads();  // mark divergent_syncthreads other
    }
}

__global__ void left_before_barrier(PlantedArguments a) {
    if (!a.good && thread() == 5) return;
    __syncthreads();  // mark left_before_barrier barrier
    a.out[thread()] = 1.0f;
}

__global__ void left_while_others_wait(PlantedArguments a) {
    if (!a.good && thread() == 40) return;
    __syncthreads();  // mark left_while_others_wait barrier
    a.out[thread()] = 1.0f;
}

__global__ void divergent_collective(PlantedArguments a) {
    const int t = thread();
    if (t < 16 || a.good)
        a.out[t] = __shfl_xor_sync(0xffffffffu, a.in[t], 1);  // mark divergent_collective shuffle
    else
        a.out[t] = static_cast<float>(__any_sync(0xffffffffu, t));  // mark divergent_collective vote
}

__global__ void divergent_lines(PlantedArguments a) {
    const int t = thread();
    if (t < 16 || a.good)
        a.out[t] = __shfl_xor_sync(0xffffffffu, a.in[t], 1);  // mark divergent_lines one
    else
        a.out[t] = 2.0f * __shfl_xor_sync(0xffffffffu, a.in[t + 1], 1);  // mark divergent_lines other
}

__global__ void partial_shuffle(PlantedArguments a) {
    const int t = thread();
    float x = 0.0f;
    if (t < 16) x = __shfl_down_sync(a.good ? 0xffffu : 0xffffffffu, a.in[t], 1, 16);  // mark partial_shuffle
    a.out[t] = x;
}

__global__ void lane_at_barrier(PlantedArguments a) {
    const int t = thread();
    if (a.good || t != 20) __syncwarp();  // mark lane_at_barrier operation
    __syncthreads();  // mark lane_at_barrier barrier
    a.out[t] = 1.0f;
}

__global__ void shuffle_from_outside(PlantedArguments a) {
    const int t = thread();
    float x = 0.0f;
    if (t < 16) x = __shfl_sync(0xffffu, a.in[t], a.good ? 3 : 19);  // mark shuffle_from_outside
    a.out[t] = x;
}

__global__ void mask_without_caller(PlantedArguments a) {
    __syncwarp(a.good ? 0xffffffffu : 0xfffffffeu);  // mark mask_without_caller
    a.out[thread()] = 1.0f;
}

__global__ void named_barrier_counts(PlantedArguments a) {
    const int t = thread();
    if (t < 32)
        named_barrier_sync(3, 64);  // mark named_barrier_counts one
    else
        named_barrier_sync(3, a.good ? 64 : 96);  // mark named_barrier_counts other
    a.out[t] = 1.0f;
}

__global__ void unmatched_arrive(PlantedArguments a) {
    if (thread() < 32) named_barrier_arrive(2, 64);  // mark unmatched_arrive arrive
    if (thread() >= 32 && a.good) named_barrier_sync(2, 64);
}

__global__ void barrier_zero(PlantedArguments a) {
    named_barrier_sync(a.good ? 1 : 0, 64);  // mark barrier_zero
}

__global__ void waits_in_a_circle(PlantedArguments a) {
    const int t = thread();
    if (t < 32 || a.good) named_barrier_sync(1, 64);  // mark waits_in_a_circle named
    __syncthreads();  // mark waits_in_a_circle barrier
    if (t >= 32 && !a.good) named_barrier_sync(1, 64);
    a.out[t] = 1.0f;
}

}  // namespace gdn2::test
