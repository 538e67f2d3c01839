// The warp-wide matrix instructions that kernels call: mma and ldmatrix.
//   source  PTX ISA: mma.sync, ldmatrix
//   tests   tests/cuda/simt/fragments_test.cpp, planted_test.cpp
#include <bit>
#include <cstring>

#include "cuda/simt/fragments.h"
#include "cuda/simt/machine.h"

namespace gdn2::simt {
namespace {

using Product = void (*)(Registers a, Registers b, std::uint32_t (*sum)[32]);

/// The lanes' operands are in warp.in: a from register 0, b from register 4.
void multiply(float (&d)[4], Operation operation, Product product, std::int64_t Counters::*count, const void* pc) {
    Machine& here = machine();
    Warp& warp = here.warp();
    here.meet_all(operation, pc, [&](Warp& w, unsigned) {
        product(w.in, w.in + 4, w.out);
        ++(here.counters().*count);
    });
    const unsigned lane = here.lane().lane();
    for (int i = 0; i < 4; ++i) d[i] += std::bit_cast<float>(warp.out[i][lane]);
}

void bring(const std::uint32_t* a, int count_a, std::uint32_t b0, std::uint32_t b1) {
    Machine& here = machine();
    Warp& warp = here.warp();
    const unsigned lane = here.lane().lane();
    for (int i = 0; i < count_a; ++i) warp.in[i][lane] = a[i];
    warp.in[4][lane] = b0;
    warp.in[5][lane] = b1;
}

void load(std::uint32_t* r, int matrices, bool transposed, const void* row, Operation operation, const void* pc) {
    Machine& here = machine();
    Warp& warp = here.warp();
    const unsigned lane = here.lane().lane();
    warp.address[lane] = row;
    if (lane < 8 * static_cast<unsigned>(matrices)) here.read_matrix_row(row, pc);
    here.meet_all(operation, pc, [&](Warp& w, unsigned) {
        load_matrices(w.address, matrices, transposed, w.out);
        here.count_matrices(w.address, static_cast<unsigned>(matrices));
    });
    for (int i = 0; i < matrices; ++i) r[i] = warp.out[i][lane];
}

}  // namespace

void mma_m16n8k16_bf16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    bring(a, 4, b0, b1);
    multiply(d, Operation::mma_bf16_k16, mma_16816_bf16, &Counters::mma_bf16_k16, __builtin_return_address(0));
}

void mma_m16n8k16_f16(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    bring(a, 4, b0, b1);
    multiply(d, Operation::mma_f16_k16, mma_16816_f16, &Counters::mma_f16_k16, __builtin_return_address(0));
}

void mma_m16n8k8_bf16(float (&d)[4], std::uint32_t a0, std::uint32_t a1, std::uint32_t b0) {
    const std::uint32_t a[2] = {a0, a1};
    bring(a, 2, b0, 0);
    multiply(d, Operation::mma_bf16_k8, mma_1688_bf16, &Counters::mma_bf16_k8, __builtin_return_address(0));
}

void mma_m16n8k8_tf32(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
    bring(a, 4, b0, b1);
    multiply(d, Operation::mma_tf32_k8, mma_1688_tf32, &Counters::mma_tf32_k8, __builtin_return_address(0));
}

void ldmatrix_x4(std::uint32_t (&r)[4], const void* row) {
    load(r, 4, false, row, Operation::ldmatrix_x4, __builtin_return_address(0));
}
void ldmatrix_x4_trans(std::uint32_t (&r)[4], const void* row) {
    load(r, 4, true, row, Operation::ldmatrix_x4_trans, __builtin_return_address(0));
}
void ldmatrix_x2(std::uint32_t (&r)[2], const void* row) {
    load(r, 2, false, row, Operation::ldmatrix_x2, __builtin_return_address(0));
}
void ldmatrix_x2_trans(std::uint32_t (&r)[2], const void* row) {
    load(r, 2, true, row, Operation::ldmatrix_x2_trans, __builtin_return_address(0));
}

}  // namespace gdn2::simt
