// Rung 2: still token after token, but the state never leaves the registers. A warp owns four value channels and
// spreads the key channels over its lanes; what a token reads from S is one sum over the warp.
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/state.h"
#include "cuda/kernels/tile/token_step.h"

namespace gdn2::cuda {

inline constexpr int recurrent_rows = 4;  ///< value channels of a warp

/// grid (sequences * value blocks of 4 warps, value heads), 32 warps threads, no shared memory; parts = key_dim / 128,
/// rounded up
template <class E, int parts>
__global__ void __launch_bounds__(128, parts == 2 ? 3 : 5) recurrent_2_warp(const RecurrentParams p) {
    constexpr int rows = recurrent_rows, row_lanes = 32 / rows;
    const Place place = place_of(p.value.dim, static_cast<int>(blockDim.x / 32) * rows, p.value.heads, p.key.heads);
    const int head = place.head, first = place.first_value + warp_index() * rows;
    if (first >= p.value.dim) return;
    const Span sequence = span_of(p.sequences, place.sequence);
    const StateBlock block{place.sequence * p.value.heads + head, first, p.key.dim, p.value.dim};

    float S[rows][4 * parts];
#pragma unroll
    for (int row = 0; row < rows; ++row)
#pragma unroll
        for (int i = 0; i < 4 * parts; ++i) {
            const std::int64_t at = state_offset(block, p.states.value_first, channel_of(i), first + row);
            S[row][i] = p.states.initial_state && at >= 0 ? p.states.initial_state[at] : 0.0f;
        }

    const int channel = first + lane_index() / row_lanes;
    for (std::int64_t token = sequence.first; token < sequence.first + sequence.length; ++token) {
        const TokenKeys<parts> keys = load_keys<E, parts>(p.key, token, place.key_head);
        const float o = step_token<rows, parts>(S, keys, load_z<E>(p.value, token, head, channel));
        if (lane_index() % row_lanes == 0) store_o<E>(p.value, token, head, channel, o);
    }

#pragma unroll
    for (int row = 0; row < rows; ++row)
#pragma unroll
        for (int i = 0; i < 4 * parts; ++i) {
            const std::int64_t at = state_offset(block, p.states.value_first, channel_of(i), first + row);
            if (p.states.final_state && at >= 0) p.states.final_state[at] = S[row][i];
        }
}

}  // namespace gdn2::cuda
