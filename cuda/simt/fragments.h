// Where the PTX ISA puts the elements of a matrix that 32 lanes hold together, and the products of such matrices.
// In the ISA's words groupID = lane / 4 and threadID_in_group = lane % 4. Below, a 16-bit register holds two
// neighbouring elements, the first in its low half.
//   source  PTX ISA, "Matrix fragments for mma.m16n8k16 / .m16n8k8" and "ldmatrix"
//   tests   tests/cuda/simt/fragments_test.cpp
#pragma once

#include <cstdint>

namespace gdn2::simt {

/// Registers of 32 lanes: registers[i][lane].
using Registers = const std::uint32_t (*)[32];

/// sum = a b, float32 accumulation in ascending order of k. sum[i][lane] are the lanes' 4 elements of the product.
/// The hardware's order and rounding inside one instruction are its own; do not expect its bits.
void mma_16816_bf16(Registers a, Registers b, std::uint32_t (*sum)[32]);
void mma_16816_f16(Registers a, Registers b, std::uint32_t (*sum)[32]);
void mma_1688_bf16(Registers a, Registers b, std::uint32_t (*sum)[32]);
void mma_1688_tf32(Registers a, Registers b, std::uint32_t (*sum)[32]);

/// Loads `matrices` 8 x 8 matrices of 16-bit elements: row[8 m + r] is the address of row r of matrix m.
void load_matrices(const void* const (&row)[32], int matrices, bool transposed, std::uint32_t (*out)[32]);

}  // namespace gdn2::simt
