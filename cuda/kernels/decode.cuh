// Decoding: a few tokens for each of many sequences, states updated in place. Bound by moving the states, so each is
// read and written once, 16 bytes a lane, whatever the number of tokens, and the work on a token is one reduction.
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/decode_test.cpp
#pragma once

#include "cuda/kernels/tile/sequence.h"
#include "cuda/kernels/tile/token_step.h"

namespace gdn2::cuda {

inline constexpr int decode_rows = 8;  ///< value channels of a warp
inline constexpr int max_decode_tokens = 16;

/// Four neighbouring numbers of a state in float, and back.
GDN2_DEVICE float4 load_four(const float* from) { return load_vector<float4>(from); }
GDN2_DEVICE float4 load_four(const bf16* from) {
    const uint2 bits = load_vector<uint2>(from);
    const float2 low = Element<bf16>::to_floats(bits.x), high = Element<bf16>::to_floats(bits.y);
    return make_float4(low.x, low.y, high.x, high.y);
}
GDN2_DEVICE void store_four(float* to, float4 x) { store_vector<float4>(to, x); }
GDN2_DEVICE void store_four(bf16* to, float4 x) {
    store_vector<uint2>(to, make_uint2(round_to_bf16x2(x.x, x.y), round_to_bf16x2(x.z, x.w)));
}

/// Up to four numbers of a row, `left` of which exist; whole rows of a multiple of four go the fast way.
template <class T>
GDN2_DEVICE float4 load_channels(const T* from, int left, bool whole) {
    if (left <= 0) return make_float4(0.0f, 0.0f, 0.0f, 0.0f);
    if (whole) return load_four(from);
    return make_float4(Element<T>::to_float(from[0]), left > 1 ? Element<T>::to_float(from[1]) : 0.0f,
                       left > 2 ? Element<T>::to_float(from[2]) : 0.0f, left > 3 ? Element<T>::to_float(from[3]) : 0.0f);
}
template <class T>
GDN2_DEVICE void store_channels(T* to, int left, bool whole, float4 x) {
    if (left <= 0) return;
    if (whole) return store_four(to, x);
    to[0] = Element<T>::from_float(x.x);
    if (left > 1) to[1] = Element<T>::from_float(x.y);
    if (left > 2) to[2] = Element<T>::from_float(x.z);
    if (left > 3) to[3] = Element<T>::from_float(x.w);
}

/// grid (sequences * value blocks of 8 warps, value heads), 32 warps threads, no shared memory; E the inputs' type, T the
/// state's; parts = key_dim / 128, rounded up
template <class E, class T, int parts>
__global__ void __launch_bounds__(128) decode(const DecodeParams p) {
    constexpr int rows = decode_rows, row_lanes = 32 / rows;
    const Place place = place_of(p.value.dim, static_cast<int>(blockDim.x / 32) * rows, p.value.heads, p.key.heads);
    const int head = place.head, first = place.first_value + warp_index() * rows;
    const std::int64_t slot = p.slots ? p.slots[place.sequence] : place.sequence;
    if (first >= p.value.dim || slot < 0) return;
    const bool whole = p.key.dim % 4 == 0;
    T* state = static_cast<T*>(p.states) +
               ((slot * p.value.heads + head) * p.value.dim + first) * p.key.dim;

    float S[rows][4 * parts];
#pragma unroll
    for (int row = 0; row < rows; ++row)
#pragma unroll
        for (int i = 0; i < 4 * parts; i += 4) {
            const int left = first + row < p.value.dim ? p.key.dim - channel_of(i) : 0;
            const float4 x = load_channels(state + row * p.key.dim + channel_of(i), left, whole);
            S[row][i] = x.x, S[row][i + 1] = x.y, S[row][i + 2] = x.z, S[row][i + 3] = x.w;
        }

    const int channel = first + lane_index() / row_lanes;
    for (int t = 0; t < p.tokens; ++t) {
        const std::int64_t token = place.sequence * p.tokens + t;
        const TokenKeys<parts> keys = load_keys<E, parts>(p.key, token, place.key_head);
        const float o = step_token<rows, parts>(S, keys, load_z<E>(p.value, token, head, channel));
        if (lane_index() % row_lanes == 0 && channel < p.value.dim)
            static_cast<E*>(p.value.o)[(token * p.value.heads + head) * p.value.dim + channel] = Element<E>::from_float(o);
    }

#pragma unroll
    for (int row = 0; row < rows; ++row)
#pragma unroll
        for (int i = 0; i < 4 * parts; i += 4) {
            const int left = first + row < p.value.dim ? p.key.dim - channel_of(i) : 0;
            store_channels(state + row * p.key.dim + channel_of(i), left, whole,
                           make_float4(S[row][i], S[row][i + 1], S[row][i + 2], S[row][i + 3]));
        }
}

}  // namespace gdn2::cuda
