// What a kernel sees under g++: CUDA's words and built-in functions, and the warp-wide instructions that gdn2 uses.
// Kernels are plain CUDA C++. nvcc compiles them for the card; g++ compiles the same files after this header, and
// every CUDA thread becomes a fiber of the emulator (emulator.h). Functions that threads meet in, or that touch
// memory, are out of line: their return address is how the emulator knows which line of which kernel called.
// A __shared__ variable is a thread-local one (shared_region.h). Checked like dynamic shared memory, with two gaps: an
// index outside one variable that meets another is not seen, and neither is reading a variable that no line writes,
// which the compiler takes for a constant. Its bytes are not held to the card's limit.
//   source  CUDA C++ Programming Guide; PTX ISA for mma, ldmatrix, cp.async and bar
//   tests   tests/cuda/simt/
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#define __global__
#define __device__
#define __host__
#define __constant__
#define __shared__ static thread_local
#define __align__(n) __attribute__((aligned(n)))
#define __grid_constant__
#define __launch_bounds__(...)
#define __forceinline__ inline __attribute__((always_inline))

// -- Vector types, aligned as on the card.
struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};

constexpr int2 make_int2(int x, int y) { return {x, y}; }
constexpr int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
constexpr uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
constexpr uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
constexpr float2 make_float2(float x, float y) { return {x, y}; }
constexpr float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

namespace gdn2::simt {

// -- Where the calling thread is. Constant within a thread, so the compiler may ask once.
dim3 thread_index() __attribute__((const));
dim3 block_index() __attribute__((const));
dim3 block_size() __attribute__((const));
dim3 grid_size() __attribute__((const));

/// One of threadIdx, blockIdx, blockDim, gridDim: an object without data whose parts convert to unsigned.
template <dim3 (*get)()>
struct Index {
    template <unsigned dim3::*part>
    struct Part {
        __forceinline__ operator unsigned() const {
            const dim3 index = get();
            return index.*part;
        }
    };
    Part<&dim3::x> x;
    Part<&dim3::y> y;
    Part<&dim3::z> z;
};

/// The block's dynamic shared memory, aligned to 1024 bytes. Nobody has written it when a block starts.
void* dynamic_shared() __attribute__((const));

// -- Warp-wide matrix products, all 32 lanes: d += a b with the operands where the PTX ISA puts them.
void mma_m16n8k16_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void mma_m16n8k16_f16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);
void mma_m16n8k8_bf16(float (&d)[4], uint32_t a0, uint32_t a1, uint32_t b0);
/// Operands are float32 bits whose low 13 bits are ignored, as the card does.
void mma_m16n8k8_tf32(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1);

// -- Warp-wide loads of 8 x 8 matrices of 16-bit elements from shared memory. Lane 8 m + r gives the address of
// row r of matrix m (x2: lanes 16 to 31 give none); r[m] receives two elements of matrix m.
void ldmatrix_x4(uint32_t (&r)[4], const void* row);
void ldmatrix_x4_trans(uint32_t (&r)[4], const void* row);
void ldmatrix_x2(uint32_t (&r)[2], const void* row);
void ldmatrix_x2_trans(uint32_t (&r)[2], const void* row);

// -- cp.async.cg: 16 bytes from global to shared memory, there after the wait that covers their group and, for
// other threads, the barrier after that. When !valid, zeros arrive and `global` is not touched.
void copy_async_16(void* shared, const void* global, bool valid);
void copy_async_commit();
/// Waits until at most `groups_left` of the calling thread's groups are under way.
void copy_async_wait(int groups_left);

// -- bar.sync and bar.arrive: `threads` threads of the block, whole warps, meet at barrier `id` (1 to 15).
void named_barrier_sync(int id, int threads);
void named_barrier_arrive(int id, int threads);

/// From here on the calling warp does `name` (a string literal): for the timeline.
void phase(const char* name);

void load_bytes(void* to, const void* from, int bytes);
void store_bytes(void* to, const void* from, int bytes);

/// One access of sizeof(T) = 4, 8 or 16 bytes to global or shared memory, at an address aligned to as much.
template <class T>
__forceinline__ T load_vector(const void* from) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 16);
    T value;
    load_bytes(&value, from, sizeof(T));
    return value;
}
template <class T>
__forceinline__ void store_vector(void* to, T value) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8 || sizeof(T) == 16);
    store_bytes(to, &value, sizeof(T));
}

// -- For gdb: the running thread's number in its block, and the block's in its grid (docs/stepping.md); -1 outside.
int current_thread();
int current_block();

}  // namespace gdn2::simt

inline constexpr gdn2::simt::Index<gdn2::simt::thread_index> threadIdx;
inline constexpr gdn2::simt::Index<gdn2::simt::block_index> blockIdx;
inline constexpr gdn2::simt::Index<gdn2::simt::block_size> blockDim;
inline constexpr gdn2::simt::Index<gdn2::simt::grid_size> gridDim;
inline constexpr int warpSize = 32;

// -- Where threads meet.
void __syncthreads();
void __syncwarp(unsigned mask = 0xffffffffu);
float __shfl_sync(unsigned mask, float value, int lane, int width = 32);
float __shfl_xor_sync(unsigned mask, float value, int lane_mask, int width = 32);
float __shfl_up_sync(unsigned mask, float value, unsigned delta, int width = 32);
float __shfl_down_sync(unsigned mask, float value, unsigned delta, int width = 32);
int __shfl_sync(unsigned mask, int value, int lane, int width = 32);
int __shfl_xor_sync(unsigned mask, int value, int lane_mask, int width = 32);
int __shfl_up_sync(unsigned mask, int value, unsigned delta, int width = 32);
int __shfl_down_sync(unsigned mask, int value, unsigned delta, int width = 32);
unsigned __shfl_sync(unsigned mask, unsigned value, int lane, int width = 32);
unsigned __shfl_xor_sync(unsigned mask, unsigned value, int lane_mask, int width = 32);
unsigned __shfl_up_sync(unsigned mask, unsigned value, unsigned delta, int width = 32);
unsigned __shfl_down_sync(unsigned mask, unsigned value, unsigned delta, int width = 32);
unsigned __ballot_sync(unsigned mask, int predicate);
int __any_sync(unsigned mask, int predicate);
int __all_sync(unsigned mask, int predicate);

// -- Bits and arithmetic.
template <class T>
__forceinline__ T __ldg(const T* from) {
    return *from;
}
__forceinline__ int __popc(unsigned bits) { return __builtin_popcount(bits); }
__forceinline__ unsigned __float_as_uint(float value) { return __builtin_bit_cast(unsigned, value); }
__forceinline__ int __float_as_int(float value) { return __builtin_bit_cast(int, value); }
__forceinline__ float __uint_as_float(unsigned bits) { return __builtin_bit_cast(float, bits); }
__forceinline__ float __int_as_float(int bits) { return __builtin_bit_cast(float, bits); }
__forceinline__ float rsqrtf(float value) { return 1.0f / std::sqrt(value); }
__forceinline__ int min(int a, int b) { return b < a ? b : a; }
__forceinline__ int max(int a, int b) { return a < b ? b : a; }
__forceinline__ unsigned min(unsigned a, unsigned b) { return b < a ? b : a; }
__forceinline__ unsigned max(unsigned a, unsigned b) { return a < b ? b : a; }
__forceinline__ long long min(long long a, long long b) { return b < a ? b : a; }
__forceinline__ long long max(long long a, long long b) { return a < b ? b : a; }
__forceinline__ float min(float a, float b) { return std::fmin(a, b); }
__forceinline__ float max(float a, float b) { return std::fmax(a, b); }
