// Moving a warp's part of S^T (16 value channels, all key channels) between accumulators and device memory.
//   layout  S[slab][n][i]: value channel first_value + g + 8 (i / 2), key channel 64 slab + 8 n + 2 t + i % 2,
//           where a team of warps shares the slabs, first_slab + slab step for slab
//   tests   tests/cuda/kernels/forward_test.cpp (initial and final states in both layouts)
#pragma once

#include "cuda/kernels/params.h"
#include "cuda/kernels/tile/product.h"

namespace gdn2::cuda {

/// Which part of the states: of matrix number `matrix`, 16 value channels from first_value on.
struct StateBlock {
    std::int64_t matrix;
    int first_value, key_dim, value_dim;
};

/// Offset of element (key, value); negative outside the matrix.
GDN2_DEVICE std::int64_t state_offset(const StateBlock& block, bool value_first, int key, int value) {
    if (key >= block.key_dim || value >= block.value_dim) return -1;
    const int inside = value_first ? value * block.key_dim + key : key * block.value_dim + value;
    return block.matrix * (block.key_dim * block.value_dim) + inside;
}

/// Zeros where there is no initial state, and outside the matrix. S[i]: slab first_slab + i step.
template <int slabs>
GDN2_DEVICE void load_state(Block (&S)[slabs], const States& states, const StateBlock& block, int first_slab,
                            int step) {
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int slab = 0; slab < slabs; ++slab)
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int key = 64 * (first_slab + slab * step) + 8 * n + 2 * t + i % 2;
                const int value = block.first_value + g + i / 2 * 8;
                const std::int64_t at = state_offset(block, states.value_first, key, value);
                S[slab][n][i] = states.initial_state && at >= 0 ? states.initial_state[at] : 0.0f;
            }
}

/// S += I where S^T's rows are columns of a square matrix.
template <int slabs>
GDN2_DEVICE void add_identity(Block (&S)[slabs], const StateBlock& block, int first_slab, int step) {
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int slab = 0; slab < slabs; ++slab)
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int key = 64 * (first_slab + slab * step) + 8 * n + 2 * t + i % 2;
                const int value = block.first_value + g + i / 2 * 8;
                S[slab][n][i] += key == value && value < block.value_dim ? 1.0f : 0.0f;
            }
}

template <int slabs>
GDN2_DEVICE void store_state(const Block (&S)[slabs], const States& states, const StateBlock& block, int first_slab,
                             int step) {
    if (!states.final_state) return;
    const int g = lane_index() / 4, t = lane_index() % 4;
#pragma unroll
    for (int slab = 0; slab < slabs; ++slab)
#pragma unroll
        for (int n = 0; n < 8; ++n)
#pragma unroll
            for (int i = 0; i < 4; ++i) {
                const int key = 64 * (first_slab + slab * step) + 8 * n + 2 * t + i % 2;
                const int value = block.first_value + g + i / 2 * 8;
                const std::int64_t at = state_offset(block, states.value_first, key, value);
                if (at >= 0) states.final_state[at] = S[slab][n][i];
            }
}

}  // namespace gdn2::cuda
