// Rung 1: the rule as it is written, one thread a value channel, token after token. Right, and slow: a thread's column
// of S does not fit in its registers, so every token walks through memory, and the tokens wait for each other.
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/forward_test.cpp
#pragma once

#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/state.h"
#include "cuda/kernels/tile/token_step.h"

namespace gdn2::cuda {

inline constexpr int max_key_dim = 256;

/// Two neighbouring channels of one token.
struct TokenPair {
    float2 q, k, b, alpha;
};
template <class E>
GDN2_DEVICE TokenPair read_token(const KeySide& key, std::int64_t token, int head, int channel) {
    const KeyReader<E> reader(key, token, head, channel);
    RawKeys<E, 1> raw;
    reader.load(raw, 1);
    reader.to_alpha(raw.g, 1);
    return {Element<E>::to_floats(raw.q[0]), Element<E>::to_floats(raw.k[0]), Element<E>::to_floats(raw.b[0]),
            raw.g[0]};
}

/// 1 / |q| and 1 / |k| of a token, or 1 where they are not asked for; every thread sums for itself.
template <class E>
GDN2_DEVICE float2 naive_norms(const KeySide& key, std::int64_t token, int head) {
    if (!key.normalise) return make_float2(1.0f, 1.0f);
    float q_squares = 0.0f, k_squares = 0.0f;
    for (int i = 0; i < key.dim; i += 2) {
        const auto [q, k, b, alpha] = read_token<E>(key, token, head, i);
        q_squares += q.x * q.x + q.y * q.y;
        k_squares += k.x * k.x + k.y * k.y;
    }
    return make_float2(inverse_norm(key, q_squares), inverse_norm(key, k_squares));
}

/// One token on one column of S. Returns o.
template <class E>
GDN2_DEVICE float naive_token(float* S, const KeySide& key, std::int64_t token, int head, float z) {
    const float2 norms = naive_norms<E>(key, token, head);
    float r = 0.0f, o = 0.0f;
    for (int i = 0; i < key.dim; i += 2) {
        const auto [q, k, b, alpha] = read_token<E>(key, token, head, i);
        S[i] *= alpha.x;                                // Eq. 9  decay
        S[i + 1] *= alpha.y;
        r = fmaf(S[i], b.x * k.x * norms.y, r);         // Eq. 9  read
        r = fmaf(S[i + 1], b.y * k.y * norms.y, r);
    }
    for (int i = 0; i < key.dim; i += 2) {
        const auto [q, k, b, alpha] = read_token<E>(key, token, head, i);
        S[i] = fmaf(k.x * norms.y, z - r, S[i]);        // Eq. 9  write the residual
        S[i + 1] = fmaf(k.y * norms.y, z - r, S[i + 1]);
        o = fmaf(S[i], q.x * norms.x, o);               // Eq. 10
        o = fmaf(S[i + 1], q.y * norms.x, o);
    }
    return o * key.scale;
}

/// grid (sequences * value blocks, value heads), a thread a value channel, no shared memory
template <class E>
__global__ void recurrent_1_naive(const RecurrentParams p) {
    const Place place = place_of(p.value.dim, static_cast<int>(blockDim.x), p.value.heads, p.key.heads);
    const int head = place.head, channel = place.first_value + static_cast<int>(threadIdx.x);
    if (channel >= p.value.dim) return;
    const Span sequence = span_of(p.sequences, place.sequence);
    const StateBlock block{place.sequence * p.value.heads + head, channel, p.key.dim, p.value.dim};

    float S[max_key_dim + 1];
    for (int i = 0; i < p.key.dim; ++i) {
        const std::int64_t at = state_offset(block, p.states.value_first, i, channel);
        S[i] = p.states.initial_state ? p.states.initial_state[at] : 0.0f;
    }
    S[p.key.dim] = 0.0f;  // an odd key_dim is read in pairs
    for (std::int64_t token = sequence.first; token < sequence.first + sequence.length; ++token) {
        const float o = naive_token<E>(S, p.key, token, place.key_head, load_z<E>(p.value, token, head, channel));
        store_o<E>(p.value, token, head, channel, o);
    }
    for (int i = 0; p.states.final_state && i < p.key.dim; ++i)
        p.states.final_state[state_offset(block, p.states.value_first, i, channel)] = S[i];
}

}  // namespace gdn2::cuda
