// Small kernels around the pieces that the big ones are made of. Compiled as kernels are (unit_kernels.cpp).
#pragma once

#include <cstdint>

#include "cuda/kernels/params.h"

namespace gdn2::test {

/// grid (slots), one warp: first and length of the chunk in every slot, [2 slots]
void write_chunks(const cuda::Sequences sequences, std::int64_t* chunks);

/// One warp: the slot of every sequence's first chunk, [count + 1]
void write_first_slots(const cuda::Sequences sequences, std::int64_t* slots);

/// One warp: x in bf16 and in f16, as one number and as both halves of a pair, [count, 2, 3]
void write_rounded(const float* x, std::uint16_t* bits, int count);

/// One warp: A^-1 of I + T through prepare's substitution and merges; T and A [64, 64], 256 threads
void write_inverse(const float* T, float* A);

/// One warp. d [16, 64] = block [16, 64] times a 64 x 64 tile, in float or bf16, transposed or not
void multiply_tile(const float* block, const float* tile, float* d, bool is_bf16, bool transposed);

}  // namespace gdn2::test
