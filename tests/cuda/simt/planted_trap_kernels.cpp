// Kernels with one mistake each, and without it: what stops a thread where it stands, and what never stops.
// "mark" comments name the lines that faults must name.
//   tests  tests/cuda/simt/planted_test.cpp, traps_test.cpp
#include "tests/cuda/simt/planted_kernels.h"

#include "cuda/simt/cuda_host.h"

namespace gdn2::test {
namespace {

__device__ __forceinline__ int thread() { return static_cast<int>(threadIdx.x); }

/// Calls itself `depth` times with some numbers on the stack.
__device__ __attribute__((noinline)) float descend(const float* in, int depth) {  // mark deep_recursion
    float numbers[16];
    for (int i = 0; i < 16; ++i) numbers[i] = in[(depth + i) % 256];
    const float below = depth > 0 ? descend(in, depth - 1) : 0.0f;
    return below + numbers[depth % 16];
}

/// Larger than a thread's stack in one step.
__device__ __attribute__((noinline)) float sum_of_copy(const float* in) {  // mark large_frame
    volatile float copy[1 << 18];
    for (int i = 0; i < 1 << 18; ++i) copy[i] = in[i % 256];
    return copy[17] + copy[170000];
}

}  // namespace

__global__ void deep_recursion(PlantedArguments a) {
    const int t = thread();
    a.out[t] = descend(a.in, !a.good && t == 9 ? 1000000 : 20);
}

__global__ void large_frame(PlantedArguments a) {
    const int t = thread();
    a.out[t] = !a.good && t == 9 ? sum_of_copy(a.in) : 1.0f;
}

__global__ void division_by_zero(PlantedArguments a) {
    const int t = thread(), divisor = static_cast<int>(a.in[t]) - (a.good ? 1000 : 9);
    a.out[t] = static_cast<float>(1000 / divisor);  // mark division_by_zero
}

__global__ void remainder_of_zero(PlantedArguments a) {
    const int t = thread(), divisor = static_cast<int>(a.in[t]) - (a.good ? 1000 : 9);
    a.out[t] = static_cast<float>(t % divisor);  // mark remainder_of_zero
}

__global__ void waits_for_a_flag(PlantedArguments a) {
    const int t = thread();
    volatile float* flag = a.out + 64;
    if (t == 0) *flag = a.good ? 1.0f : 0.0f;
    __syncthreads();
    if (t == 40)
        while (*flag == 0.0f) {  // mark waits_for_a_flag
        }
    a.out[t] = 1.0f;
}

__global__ void waits_for_a_vote(PlantedArguments a) {
    int rounds = 0;
    while (__any_sync(0xffffffffu, !a.good || rounds < 3)) ++rounds;  // mark waits_for_a_vote
    a.out[thread()] = static_cast<float>(rounds);
}

__global__ void barriers_without_end(PlantedArguments a) {
    int rounds = 0;
    do {
        __syncthreads();  // mark barriers_without_end
    } while (!a.good || ++rounds < 3);
    a.out[thread()] = static_cast<float>(rounds);
}

}  // namespace gdn2::test
