// Kernels that use the warp-wide matrix instructions as real ones do.
#pragma once

#include <cstdint>

namespace gdn2::test {

/// C = A B with A 64 x 128 and B 128 x 64 in bfloat16, row by row; 128 threads, 32768 bytes of shared memory.
void product_64(const std::uint16_t* A, const std::uint16_t* B, float* C);

/// out[m][lane] = what ldmatrix gives for matrix m of 2 or 4 whose elements are numbered in order. One warp.
void load_numbered_matrices(std::uint32_t* out, int matrices, bool transposed);

}  // namespace gdn2::test
