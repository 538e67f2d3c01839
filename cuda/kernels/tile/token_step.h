// One token of the rule on a few rows of S^T (value channels), each row spread over a warp: lane l holds key channels
// 4 l .. 4 l + 3, and 128 more further on when there are more than 128.
// One reduction a token, not two. With S' = Diag(alpha) S: p = S'^T e and u = S'^T q are reduced together, and then
//     rho = z - p     S = S' + k rho^T     o = u + (q.k) rho
//   equations  Eqs. 8-10     tests  tests/cuda/kernels/forward_test.cpp, decode_test.cpp
#pragma once

#include "cuda/kernels/params.h"
#include "cuda/kernels/tile/key_row.h"
#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

/// A lane's key channels of one token: parts = 1 for key_dim <= 128, else 2. q carries scale.
template <int parts>
struct TokenKeys {
    float q[4 * parts], k[4 * parts], e[4 * parts], alpha[4 * parts];
    float qk;  ///< q.k over all channels, in every lane
};

/// The key channel of a lane's number i.
GDN2_DEVICE int channel_of(int i) { return i / 4 * 128 + 4 * lane_index() + i % 4; }

/// Reads token `token` of a head; normalised and gated as `key` says. Channels outside are zeros.
template <class E, int parts>
GDN2_DEVICE TokenKeys<parts> load_keys(const KeySide& key, std::int64_t token, int head) {
    TokenKeys<parts> x;
    RawKeys<E, 1> raw[2 * parts];
    float squares_q = 0.0f, squares_k = 0.0f, qk = 0.0f;
#pragma unroll
    for (int i = 0; i < 2 * parts; ++i) KeyReader<E>(key, token, head, channel_of(2 * i)).load(raw[i], 1);
#pragma unroll
    for (int i = 0; i < 2 * parts; ++i) {
        const float2 q = Element<E>::to_floats(raw[i].q[0]), k = Element<E>::to_floats(raw[i].k[0]);
        const float2 b = Element<E>::to_floats(raw[i].b[0]);
        KeyReader<E>(key, token, head, channel_of(2 * i)).to_alpha(raw[i].g, 1);
        x.q[2 * i] = q.x, x.q[2 * i + 1] = q.y, x.k[2 * i] = k.x, x.k[2 * i + 1] = k.y;
        x.e[2 * i] = b.x, x.e[2 * i + 1] = b.y, x.alpha[2 * i] = raw[i].g[0].x, x.alpha[2 * i + 1] = raw[i].g[0].y;
        squares_q += q.x * q.x + q.y * q.y;
        squares_k += k.x * k.x + k.y * k.y;
    }
    const float of_q = key.normalise ? key.scale * inverse_norm(key, warp_sum(squares_q)) : key.scale;
    const float of_k = key.normalise ? inverse_norm(key, warp_sum(squares_k)) : 1.0f;
#pragma unroll
    for (int i = 0; i < 4 * parts; ++i) {
        x.q[i] *= of_q;
        x.k[i] *= of_k;
        x.e[i] *= x.k[i];  // Eq. 8
        qk = fmaf(x.q[i], x.k[i], qk);
    }
    x.qk = warp_sum(qk);
    return x;
}

/// Applies one token to `rows` rows. `z`: w v of row lane / (32 / rows). Returns o of that row.
template <int rows, int parts>
GDN2_DEVICE float step_token(float (&S)[rows][4 * parts], const TokenKeys<parts>& x, float z) {
    float sums[2 * rows];
#pragma unroll
    for (int row = 0; row < rows; ++row) {
        float p = 0.0f, u = 0.0f;
#pragma unroll
        for (int i = 0; i < 4 * parts; ++i) {
            S[row][i] *= x.alpha[i];              // Eq. 9  decay
            p = fmaf(S[row][i], x.e[i], p);       // Eq. 9  read what is to be erased
            u = fmaf(S[row][i], x.q[i], u);       // Eq. 10 read before the write
        }
        sums[2 * row] = p;
        sums[2 * row + 1] = u;
    }
    // Lane l now has number l / (16 / rows) of p_0 u_0 p_1 u_1 ..: a row's p and u lie in neighbouring lane groups.
    const float sum = reduce_transposed<2 * rows>(sums);
    constexpr int group = 16 / rows, row_lanes = 32 / rows;
    const int first = lane_index() / row_lanes * row_lanes;
    const float p = __shfl_sync(full_warp, sum, first), u = __shfl_sync(full_warp, sum, first + group);
    const float rho = z - p;
#pragma unroll
    for (int row = 0; row < rows; ++row) {
        const float row_rho = __shfl_sync(full_warp, rho, row * row_lanes);
#pragma unroll
        for (int i = 0; i < 4 * parts; ++i) S[row][i] = fmaf(x.k[i], row_rho, S[row][i]);  // Eq. 9  write
    }
    return fmaf(x.qk, rho, u);                                                             // Eq. 10
}

/// z = w v of value channel `channel`; 0 outside.
template <class E>
GDN2_DEVICE float load_z(const ValueSide& value, std::int64_t token, int head, int channel) {
    if (channel >= value.dim) return 0.0f;
    const std::int64_t at = (token * value.heads + head) * value.dim + channel;
    return Element<E>::to_float(static_cast<const E*>(value.w)[at]) *
           Element<E>::to_float(static_cast<const E*>(value.v)[at]);
}

/// Writes o of value channel `channel`; nothing outside.
template <class E>
GDN2_DEVICE void store_o(const ValueSide& value, std::int64_t token, int head, int channel, float o) {
    if (channel >= value.dim) return;
    static_cast<E*>(value.o)[(token * value.heads + head) * value.dim + channel] = Element<E>::from_float(o);
}

}  // namespace gdn2::cuda
