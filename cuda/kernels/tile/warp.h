// What a warp can do at once: tensor-core products, fragment loads, copies that run beside the computation, sums.
// Under nvcc each is one PTX instruction; under g++ the emulator's function of the same name.
//
// Fragments of a 16 x 8 product D += A B, lane = 4 g + t (PTX ISA, "Matrix fragments for mma"):
//   D  float   d0 d1 (g, 2t) (g, 2t+1)     d2 d3 (g+8, 2t) (g+8, 2t+1)
//   A  16 bit  a0 (g, 2t..)  a1 (g+8, 2t..)  a2 (g, 2t+8..)  a3 (g+8, 2t+8..)      B  b0 (2t.., g)  b1 (2t+8.., g)
//   A  tf32    a0 (g, t)     a1 (g+8, t)     a2 (g, t+4)     a3 (g+8, t+4)         B  b0 (t, g)     b1 (t+4, g)
//   tests  tests/cuda/simt/collectives_test.cpp
#pragma once

#include "cuda/kernels/tile/element.h"

namespace gdn2::cuda {

inline constexpr unsigned full_warp = 0xffffffffu;

#ifdef __CUDACC__

GDN2_DEVICE void mma_m16n8k16_bf16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
GDN2_DEVICE void mma_m16n8k16_f16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
GDN2_DEVICE void mma_m16n8k8_tf32(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

GDN2_DEVICE std::uint32_t shared_address(const void* pointer) {
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}
/// Four 8 x 8 matrices of 16-bit numbers: lane 8 m + r names row r of matrix m; r[m] is (lane / 4, 2 (lane % 4)..).
GDN2_DEVICE void ldmatrix_x4(std::uint32_t (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row))
                 : "memory");
}
/// The same of the transposes.
GDN2_DEVICE void ldmatrix_x4_trans(std::uint32_t (&r)[4], const void* row) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
                 : "r"(shared_address(row))
                 : "memory");
}

/// Starts copying 16 bytes; zeros when not `valid`, and then `global` is not touched. Both 16-byte aligned.
GDN2_DEVICE void copy_async_16(void* shared, const void* global, bool valid) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(shared)), "l"(global),
                 "r"(valid ? 16 : 0)
                 : "memory");
}
/// Closes this thread's group of copies.
GDN2_DEVICE void copy_async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
/// Waits until at most `groups_left` of this thread's groups are under way.
template <int groups_left>
GDN2_DEVICE void copy_async_wait() {
    asm volatile("cp.async.wait_group %0;" ::"n"(groups_left) : "memory");
}

/// Keeps the compiler from moving loads across this line, where holding them early would cost registers.
GDN2_DEVICE void keep_order() { asm volatile("" ::: "memory"); }

/// The thread's number in the block, read anew: what follows from it is computed again, where keeping it in registers
/// through a loop would cost other registers.
GDN2_DEVICE int reread_thread() {
    int thread;
    asm volatile("mov.u32 %0, %%tid.x;" : "=r"(thread));
    return thread;
}

template <class T>
GDN2_DEVICE T load_vector(const void* pointer) {
    return *static_cast<const T*>(pointer);
}
template <class T>
GDN2_DEVICE void store_vector(void* pointer, T value) {
    *static_cast<T*>(pointer) = value;
}

#else

using simt::copy_async_16;
using simt::copy_async_commit;
using simt::ldmatrix_x4;
using simt::ldmatrix_x4_trans;
using simt::load_vector;
using simt::mma_m16n8k16_bf16;
using simt::mma_m16n8k16_f16;
using simt::mma_m16n8k8_tf32;
using simt::store_vector;

inline void keep_order() {}
inline int reread_thread() { return static_cast<int>(threadIdx.x); }

template <int groups_left>
inline void copy_async_wait() {
    simt::copy_async_wait(groups_left);
}

#endif

GDN2_DEVICE int lane_index() { return static_cast<int>(threadIdx.x) & 31; }
GDN2_DEVICE int warp_index() { return static_cast<int>(threadIdx.x) >> 5; }

/// The sum over the warp, in every lane, added in the same order always.
GDN2_DEVICE float warp_sum(float x) {
#pragma unroll
    for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(full_warp, x, offset);
    return x;
}

/// The sums of `count` numbers a lane, a power of two, over every `lanes` neighbouring lanes (the warp's 32, or fewer):
/// lane l of those gets number l / (lanes / count). Half of the numbers change lanes at every step, so it takes
/// count - 1 + log2(lanes / count) exchanges, not log2(lanes) count.
template <int count>
GDN2_DEVICE float reduce_transposed(float (&x)[count], int lanes = 32) {
    int offset = lanes / 2;
#pragma unroll
    for (int left = count; left > 1; left /= 2, offset /= 2) {
        const bool upper = lane_index() & offset;
#pragma unroll
        for (int i = 0; i < left / 2; ++i) {
            const float mine = upper ? x[i + left / 2] : x[i], theirs = upper ? x[i] : x[i + left / 2];
            x[i] = mine + __shfl_xor_sync(full_warp, theirs, offset);
        }
    }
    float sum = x[0];
    for (; offset > 0; offset /= 2) sum += __shfl_xor_sync(full_warp, sum, offset);
    return sum;
}

}  // namespace gdn2::cuda
