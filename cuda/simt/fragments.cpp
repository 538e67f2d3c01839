// Where the PTX ISA puts the elements of a matrix that 32 lanes hold together, and the products of such matrices.
//   source  PTX ISA, "Matrix fragments for mma.m16n8k16 / .m16n8k8" and "ldmatrix"
//   tests   tests/cuda/simt/fragments_test.cpp
#include "cuda/simt/fragments.h"

#include <bit>
#include <cstring>

namespace gdn2::simt {
namespace {

float from_bf16(std::uint32_t low_half) { return std::bit_cast<float>(low_half << 16); }

float from_f16(std::uint32_t low_half) {
    const std::uint32_t sign = (low_half & 0x8000u) << 16, rest = low_half & 0x7fffu;
    if (rest >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);  // Inf, NaN
    // As the top bits of a float32 the exponent is 112 too small; a product sets it right, subnormals included.
    return std::bit_cast<float>(sign | rest << 13) * 0x1p112f;
}

float from_tf32(std::uint32_t bits) { return std::bit_cast<float>(bits & ~0x1fffu); }

/// C = A B with A 16 x depth and B depth x 8.
template <int depth>
void multiply(const float (&A)[16][depth], const float (&B)[depth][8], float (&C)[16][8]) {
    for (int i = 0; i < 16; ++i) {
        float row[8] = {};
        for (int k = 0; k < depth; ++k)
            for (int j = 0; j < 8; ++j) row[j] += A[i][k] * B[k][j];
        std::memcpy(C[i], row, sizeof row);
    }
}

/// Accumulators: c0, c1 in row groupID, c2, c3 in row groupID + 8; columns 2 threadID_in_group + {0, 1}.
void give_out(const float (&C)[16][8], std::uint32_t (*sum)[32]) {
    for (int lane = 0; lane < 32; ++lane)
        for (int i = 0; i < 4; ++i)
            sum[i][lane] = std::bit_cast<std::uint32_t>(C[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2]);
}

/// 16-bit operands. A: register r in row groupID + 8 (r % 2), columns 2 threadID_in_group + 8 (r / 2) + {0, 1}.
/// B: register r in rows 2 threadID_in_group + 8 r + {0, 1}, column groupID.
template <int depth, float (*value)(std::uint32_t)>
void mma_16_bit(Registers a, Registers b, std::uint32_t (*sum)[32]) {
    float A[16][depth], B[depth][8], C[16][8];
    for (int r = 0; r < depth / 4; ++r)
        for (int lane = 0; lane < 32; ++lane) {
            float* to = &A[lane / 4 + 8 * (r % 2)][2 * (lane % 4) + 8 * (r / 2)];
            to[0] = value(a[r][lane] & 0xffffu);
            to[1] = value(a[r][lane] >> 16);
        }
    for (int r = 0; r < depth / 8; ++r)
        for (int lane = 0; lane < 32; ++lane) {
            const int row = 2 * (lane % 4) + 8 * r;
            B[row][lane / 4] = value(b[r][lane] & 0xffffu);
            B[row + 1][lane / 4] = value(b[r][lane] >> 16);
        }
    multiply(A, B, C);
    give_out(C, sum);
}

}  // namespace

void mma_16816_bf16(Registers a, Registers b, std::uint32_t (*sum)[32]) { mma_16_bit<16, from_bf16>(a, b, sum); }
void mma_16816_f16(Registers a, Registers b, std::uint32_t (*sum)[32]) { mma_16_bit<16, from_f16>(a, b, sum); }
void mma_1688_bf16(Registers a, Registers b, std::uint32_t (*sum)[32]) { mma_16_bit<8, from_bf16>(a, b, sum); }

/// tf32 operands. A: register r in row groupID + 8 (r % 2), column threadID_in_group + 4 (r / 2).
/// B: register r in row threadID_in_group + 4 r, column groupID.
void mma_1688_tf32(Registers a, Registers b, std::uint32_t (*sum)[32]) {
    float A[16][8], B[8][8], C[16][8];
    for (int r = 0; r < 4; ++r)
        for (int lane = 0; lane < 32; ++lane)
            A[lane / 4 + 8 * (r % 2)][lane % 4 + 4 * (r / 2)] = from_tf32(a[r][lane]);
    for (int r = 0; r < 2; ++r)
        for (int lane = 0; lane < 32; ++lane) B[lane % 4 + 4 * r][lane / 4] = from_tf32(b[r][lane]);
    multiply(A, B, C);
    give_out(C, sum);
}

/// Without .trans a lane receives elements 2 (lane % 4) + {0, 1} of row lane / 4; with it, of column lane / 4.
void load_matrices(const void* const (&row)[32], int matrices, bool transposed, std::uint32_t (*out)[32]) {
    for (int m = 0; m < matrices; ++m) {
        std::uint16_t elements[8][8];
        for (int r = 0; r < 8; ++r) std::memcpy(elements[r], row[8 * m + r], 16);
        for (int lane = 0; lane < 32; ++lane) {
            const int i = lane / 4, j = 2 * (lane % 4);
            const std::uint32_t first = transposed ? elements[j][i] : elements[i][j];
            const std::uint32_t second = transposed ? elements[j + 1][i] : elements[i][j + 1];
            out[m][lane] = first | second << 16;
        }
    }
}

}  // namespace gdn2::simt
