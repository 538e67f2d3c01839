// Small kernels for the emulator's tests: shuffles and votes, orders, counts, phases, floating point.
#include "tests/cuda/simt/unit_kernels.h"

#include "cuda/simt/cuda_host.h"

using namespace gdn2::simt;

namespace gdn2::test {
namespace {

constexpr unsigned all_lanes = 0xffffffffu;
__device__ __forceinline__ int thread() { return static_cast<int>(threadIdx.x); }
__device__ __forceinline__ float* shared() { return static_cast<float*>(dynamic_shared()); }

}  // namespace

__global__ void all_shuffles(int* out, int b, int width) {
    const int t = thread(), value = 100 + t;
    out[t] = __shfl_sync(all_lanes, value, b, width);
    out[32 + t] = __shfl_xor_sync(all_lanes, value, b, width);
    out[64 + t] = __shfl_up_sync(all_lanes, value, static_cast<unsigned>(b), width);
    out[96 + t] = __shfl_down_sync(all_lanes, value, static_cast<unsigned>(b), width);
}

__global__ void all_votes(unsigned* out, int limit) {
    const int t = thread(), lane = t % 32;
    out[t] = __ballot_sync(all_lanes, lane < limit);
    out[64 + t] = static_cast<unsigned>(__any_sync(all_lanes, lane < limit));
    out[128 + t] = static_cast<unsigned>(__all_sync(all_lanes, lane < limit));
    out[192 + t] = static_cast<unsigned>(__shfl_xor_sync(all_lanes, -t, 1));
    out[256 + t] = __shfl_xor_sync(all_lanes, 0x80000000u + static_cast<unsigned>(t), 1);
    out[320 + t] = __float_as_uint(__shfl_xor_sync(all_lanes, 0.5f + static_cast<float>(t), 1));
}

__global__ void block_sum(const float* in, float* out, float* out_all, int n) {
    float* sums = shared();
    const int t = thread(), threads = static_cast<int>(blockDim.x), block = static_cast<int>(blockIdx.x);
    float sum = 0.0f;
    for (int i = t; i < n; i += threads) sum += in[block * n + i];
    for (int d = 16; d > 0; d /= 2) sum += __shfl_xor_sync(all_lanes, sum, d);
    if (t % 32 == 0) sums[t / 32] = sum;
    __syncthreads();
    float total = 0.0f;
    for (int w = 0; w < threads / 32; ++w) total += sums[w];
    if (t == 0) out[block] = total;
    named_barrier_sync(4, threads);
    sums[t] = total + static_cast<float>(t);
    __syncwarp();
    out_all[block * threads + t] = sums[t ^ 1];
}

__global__ void write_indices(unsigned* out) {
    const unsigned t = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    const unsigned b = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
    unsigned* to = out + 6 * (t + blockDim.x * blockDim.y * blockDim.z * b);
    to[0] = threadIdx.x;
    to[1] = threadIdx.y;
    to[2] = threadIdx.z;
    to[3] = blockIdx.x;
    to[4] = blockIdx.y;
    to[5] = blockIdx.z;
}

__global__ void producer_consumers(const float* in, float* out, int rounds, bool good) {
    constexpr int full = 1, empty = 2;
    float* slot = shared();
    const int t = thread(), lane = t % 32;
    for (int i = 0; i < rounds; ++i) {
        if (t < 32) {
            if (i > 0) named_barrier_sync(empty, 128);
            slot[lane] = in[32 * i + lane];
            named_barrier_arrive(full, 128);
        } else {
            named_barrier_sync(full, 128);
            out[96 * i + t - 32] = slot[lane];
            if (i + 1 < rounds) named_barrier_arrive(empty, 128);
            if (!good && i + 1 < rounds) out[96 * i + t - 32] = slot[lane];
        }
    }
}

__global__ void ordered_accesses(const float* in, float* out) {
    float* s = shared();
    const int t = thread(), lane = t % 32, warp = t / 32;
    for (int round = 0; round < 3; ++round) {
        s[t] = in[t];
        __syncwarp();
        const float mine = s[32 * warp + (lane + 7) % 32];  // of another lane
        __syncthreads();
        const float all = s[(t * 5) % 128] + s[0] + s[0];  // several readers, of several warps
        __syncthreads();
        s[0 + 4 * (t % 32 == 0 ? warp : 32 + t)] = mine;
        out[t] = all;
        __syncwarp();
        out[32 * warp + (lane + 1) % 32] = mine;
        __syncthreads();
    }
}

__global__ void several_readers(float* data, float* out, bool good) {
    const int t = thread();
    const float value = data[0];
    if (good) __syncthreads();
    if (t == 0) data[0] = 1.0f;
    out[t] = value;
}

__global__ void shared_input(const float* in, float* out, int n) {
    float sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += in[i];
    out[blockIdx.x * blockDim.x + threadIdx.x] = sum;
}

__global__ void overwrites_input(float* data) {
    const float value = data[0];
    __syncthreads();
    if (blockIdx.x == 0 && thread() == 0) data[0] = value + 1.0f;
    data[1 + blockIdx.x * blockDim.x + threadIdx.x] = value;
}

__global__ void blocks_meet_twice(float* out) {
    if (thread() > 0) return;
    out[9] = 1.0f;
    out[4] = 1.0f;
}

__global__ void counted(const float* in, float* out) {
    float* s = shared();
    const int t = thread();
    const float sum = in[t] + in[t + 64] + in[t + 128];
    out[t] = sum;
    store_vector(s + 4 * t, load_vector<float4>(in + 4 * t));
    __syncthreads();
    if (t < 32) __syncwarp();
    out[64 + t] = s[t] + __shfl_xor_sync(all_lanes, sum, 1);
    float d[4] = {};
    mma_m16n8k8_bf16(d, 0, 0, 0);
    out[128 + t] = d[0];
}

__global__ void strided_stores(int stride) { shared()[thread() * stride] = 1.0f; }

__global__ void strided_vectors(int stride) {
    store_vector(shared() + 4 * thread() * stride, make_float4(1, 2, 3, 4));
}

__global__ void split_lanes() {
    float* s = shared();
    const int t = thread();
    if (t < 16)
        s[t] = 1.0f;
    else
        s[32 * t] = 2.0f;
    __syncwarp();
}

__global__ void pitched_ldmatrix(int pitch, float* out) {
    auto* bytes = static_cast<char*>(dynamic_shared());
    const int t = thread();
    for (int i = 0; i < 4; ++i) store_vector(bytes + pitch * t + 4 * i, 0.0f);
    __syncwarp();
    std::uint32_t r[4];
    ldmatrix_x4(r, bytes + pitch * t);
    out[t] = __uint_as_float(r[0]);
}

__global__ void phases(float* out) {
    float* s = shared();
    const int t = thread(), warp = t / 32;
    phase("fill");
    for (int i = 0; i <= warp; ++i) const_cast<volatile float*>(s)[t] = 1.0f;
    __syncthreads();
    phase("sum");
    out[t] = s[t] + s[(t + 32) % 64];
}

__global__ void makes_nan(float* out) {
    const float t = static_cast<float>(thread());
    out[thread()] = (t - t) / (t - t) + expf(1000.0f) - 1.0f / (t - t);
}

__global__ void throws_error(void (*thrower)()) {
    __syncthreads();
    if (thread() == 33) thrower();
    __syncthreads();
}

__global__ void copies(const float* in, float* out) {
    float* s = shared();
    const int t = thread();
    for (int group = 0; group < 4; ++group) {
        const int i = 128 * group + 4 * t;
        copy_async_16(s + i, in + i, group != 2 || t % 2 == 0);
        copy_async_commit();
    }
    copy_async_commit();  // an empty group
    copy_async_wait(3);
    __syncwarp();
    out[t] = s[t] + s[128 + t];
    copy_async_wait(0);
    __syncwarp();
    for (int i = t; i < 512; i += 32) out[i] = s[i];
}

}  // namespace gdn2::test
