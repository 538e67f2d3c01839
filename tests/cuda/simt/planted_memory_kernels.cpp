// Kernels with one mistake each, and without it: memory.
// "mark" comments name the lines that faults must name.
//   tests  tests/cuda/simt/planted_test.cpp
#include "tests/cuda/simt/planted_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {
namespace {

__device__ __forceinline__ int thread() { return static_cast<int>(threadIdx.x); }
__device__ __forceinline__ float* shared() { return static_cast<float*>(dynamic_shared()); }

}  // namespace

// -- Races.
__global__ void missing_syncthreads(PlantedArguments a) {
    float* s = shared();
    const int t = thread(), n = static_cast<int>(blockDim.x);
    s[t] = 0.0f;
    __syncthreads();
    s[t] = a.in[t];  // mark missing_syncthreads write
    if (a.good) __syncthreads();
    a.out[t] = s[n - 1 - t];  // mark missing_syncthreads read
}

__global__ void missing_syncwarp(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    s[t] = 0.0f;
    __syncwarp();
    s[t] = a.in[t];  // mark missing_syncwarp write
    if (a.good) __syncwarp();
    a.out[t] = s[t ^ 1];  // mark missing_syncwarp read
}

__global__ void write_after_read(PlantedArguments a) {
    float* s = shared();
    const int t = thread(), n = static_cast<int>(blockDim.x);
    s[t] = a.in[t];
    __syncthreads();
    const float other = s[(t + 32) % n];  // mark write_after_read read
    if (a.good) __syncthreads();
    s[t] = other;  // mark write_after_read write
    a.out[t] = other;
}

__global__ void same_value_race(PlantedArguments a) {
    if (a.good && thread() > 0) return;
    shared()[7] = 1.0f;  // mark same_value_race write
}

__global__ void shuffle_is_no_barrier(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    s[t] = 0.0f;
    __syncwarp();
    s[t] = a.in[t];  // mark shuffle_is_no_barrier write
    const float x = __shfl_xor_sync(0xffffffffu, a.in[t], 1);
    if (a.good) __syncwarp();
    a.out[t] = x + s[t ^ 1];  // mark shuffle_is_no_barrier read
}

__global__ void global_race(PlantedArguments a) {
    const int t = thread(), n = static_cast<int>(blockDim.x);
    a.out[t] = 0.0f;
    __syncthreads();
    a.out[t] = a.in[t];  // mark global_race write
    if (a.good) __syncthreads();
    a.out[n + t] = a.out[n - 1 - t];  // mark global_race read
}

__global__ void ldmatrix_race(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    for (int i = t; i < 128; i += 32) s[i] = 0.0f;
    __syncwarp();
    for (int i = t; i < 128; i += 32) s[i] = a.in[i];  // mark ldmatrix_race write
    if (a.good) __syncwarp();
    std::uint32_t r[4];
    ldmatrix_x4(r, s + 4 * t);  // mark ldmatrix_race read
    a.out[t] = __uint_as_float(r[0]);
}

__global__ void two_blocks_write(PlantedArguments a) {
    const int element = a.good ? static_cast<int>(blockIdx.x) : 0;
    if (thread() == 3) a.out[element] = 1.0f;  // mark two_blocks_write write
}

__global__ void one_block_reads_the_other(PlantedArguments a) {
    const int block = static_cast<int>(blockIdx.x), t = thread();
    float* own = a.out + 32 * block;
    own[t] = a.in[t];  // mark one_block_reads_the_other write
    if (block == 1 && !a.good) own[t] = a.out[t];  // mark one_block_reads_the_other read
}

// -- Asynchronous copies.
__global__ void missing_wait(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    copy_async_16(s + 4 * t, a.in + 4 * t, true);  // mark missing_wait copy
    copy_async_commit();
    if (a.good) copy_async_wait(0);
    __syncthreads();
    a.out[t] = s[t];  // mark missing_wait read
    if (!a.good) copy_async_wait(0);
}

__global__ void wrong_wait_count(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    copy_async_16(s + 4 * t, a.in + 4 * t, true);
    copy_async_commit();
    copy_async_16(s + 128 + 4 * t, a.in + 128 + 4 * t, true);  // mark wrong_wait_count copy
    copy_async_commit();
    copy_async_wait(1);
    __syncthreads();
    a.out[t] = s[t];
    copy_async_wait(a.good ? 0 : 1);
    __syncthreads();
    a.out[t] = s[128 + t];  // mark wrong_wait_count read
    copy_async_wait(0);
}

__global__ void missing_commit(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    copy_async_16(s + 4 * t, a.in + 4 * t, true);  // mark missing_commit copy
    if (a.good) copy_async_commit();
    copy_async_wait(0);
    __syncthreads();
    a.out[t] = s[t];  // mark missing_commit read
}

__global__ void write_under_copy(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    copy_async_16(s + 4 * t, a.in + 4 * t, true);  // mark write_under_copy copy
    copy_async_commit();
    if (a.good) copy_async_wait(0);
    s[4 * t] = 1.0f;  // mark write_under_copy write
    copy_async_wait(0);
}

__global__ void copy_seen_without_barrier(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    for (int i = t; i < 128; i += 32) s[i] = 0.0f;
    __syncwarp();
    copy_async_16(s + 4 * t, a.in + 4 * t, true);  // mark copy_seen_without_barrier copy
    copy_async_commit();
    copy_async_wait(0);
    if (a.good) __syncthreads();
    const int reader = a.good ? t : t ^ 1;
    a.out[t] = s[4 * reader];  // mark copy_seen_without_barrier read
}

__global__ void never_waited(PlantedArguments a) {
    copy_async_16(shared() + 4 * thread(), a.in + 4 * thread(), true);  // mark never_waited copy
    copy_async_commit();
    if (a.good) copy_async_wait(0);
}

// -- Bounds.
__global__ void past_the_end(PlantedArguments a) {
    const int t = thread() + (a.good ? 0 : 1);
    a.out[4 * t] = 1.0f;  // mark past_the_end write
}

__global__ void before_the_start(PlantedArguments a) {
    const int t = thread() - (a.good ? 0 : 1);
    a.out[thread()] = a.in[t];  // mark before_the_start read
}

__global__ void past_shared_memory(PlantedArguments a) {
    shared()[4 * thread() + (a.good ? 3 : 4)] = 1.0f;  // mark past_shared_memory write
}

__global__ void null_pointer(PlantedArguments a) {
    float* to = a.good ? a.out : nullptr;
    to[thread()] = 1.0f;  // mark null_pointer write
}

__constant__ const float table[4] = {1, 2, 3, 4};

__global__ void write_to_constant(PlantedArguments a) {
    const int t = thread();
    a.out[t] = table[t % 4];
    if (!a.good) const_cast<volatile float*>(table)[t % 4] = 0.0f;  // mark write_to_constant write
}

__global__ void copy_past_the_end(PlantedArguments a) {
    const int t = thread();
    copy_async_16(shared() + 4 * t, a.in + 4 * t + 4, a.good ? t < 63 : true);  // mark copy_past_the_end copy
    copy_async_commit();
    copy_async_wait(0);
}

__global__ void ldmatrix_outside(PlantedArguments a) {
    float* s = shared();
    for (int i = thread(); i < 128; i += 32) s[i] = 0.0f;
    __syncwarp();
    std::uint32_t r[4];
    ldmatrix_x4(r, a.good ? s + 4 * thread() : a.in);  // mark ldmatrix_outside read
    a.out[thread()] = __uint_as_float(r[0]);
}

// -- Memory that nobody wrote.
__global__ void unwritten_shared(PlantedArguments a) {
    float* s = shared();
    const int t = thread();
    if (a.good || t != 9) s[t] = 1.0f;
    __syncthreads();
    a.out[t] = s[t ^ 1];  // mark unwritten_shared read
}

__global__ void unwritten_global(PlantedArguments a) {
    const int t = thread();
    a.out[t] = a.good ? 0.0f : a.out[t + 64];  // mark unwritten_global read
}

__global__ void unwritten_output(PlantedArguments a) {
    const int t = thread();
    if (a.good || t != 17) a.out[t] = 1.0f;
}

// -- Alignment.
__global__ void misaligned_vector(PlantedArguments a) {
    if (thread() > 0) return;
    a.out[0] = load_vector<float4>(a.in + (a.good ? 4 : 5)).x;  // mark misaligned_vector
}

__global__ void misaligned_pointer(PlantedArguments a) {
    if (thread() > 0) return;
    const auto* pairs = reinterpret_cast<const float2*>(a.in + (a.good ? 2 : 3));
    *reinterpret_cast<float2*>(a.out) = *pairs;  // mark misaligned_pointer
}

__global__ void misaligned_copy(PlantedArguments a) {
    copy_async_16(shared() + 4 * thread() + (a.good ? 0 : 2), a.in, true);  // mark misaligned_copy
    copy_async_commit();
    copy_async_wait(0);
}

__global__ void misaligned_ldmatrix(PlantedArguments a) {
    float* s = shared();
    for (int i = thread(); i < 160; i += 32) s[i] = 0.0f;
    __syncwarp();
    std::uint32_t r[4];
    ldmatrix_x4(r, s + 4 * thread() + (a.good || thread() != 7 ? 0 : 2));  // mark misaligned_ldmatrix
    a.out[thread()] = __uint_as_float(r[0]);
}

}  // namespace gdn2::test
