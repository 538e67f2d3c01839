// From the gradients that chunk_grad writes to those of what the caller's tensors hold, where forward kernels normalise
// q and k or compute the log-decay from g.
//     q^ = q / |q|                 dq = (dq^ - q^ (q^ . dq^)) / |q|          |q| = sqrt(sum of squares + epsilon)
//     g^ = -rate softplus(x)       dx = -rate sigmoid(x) dg^                 dA_log += g^ dg^
//     g^ = bound sigmoid(rate x)   dx = rate g^ (1 - sigmoid(rate x)) dg^    dA_log += x dx
// with x = g + dt_bias, rate = exp(A_log); d dt_bias is the sum of dx, and dg = dx. Sums over tokens are taken in two
// passes: over 64 tokens here, over those sums in sum_rows.
//   equations  adjoints of Eqs. 11, 85     tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/kernels/tile/key_row.h"
#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

/// One row of q or k by one warp.
template <class E>
GDN2_DEVICE void unnormalise_row(void* d, const void* inputs, const float* d_normalised, std::int64_t row, int dim,
                                 float epsilon) {
    const E* x = static_cast<const E*>(inputs) + row * dim;
    float squares = 0.0f, dot = 0.0f;
    for (int i = lane_index(); i < dim; i += 32) {
        const float value = Element<E>::to_float(x[i]);
        squares = fmaf(value, value, squares);
        dot = fmaf(value, d_normalised[row * dim + i], dot);
    }
    const float inverse = 1.0f / sqrtf(warp_sum(squares) + epsilon);
    const float along = warp_sum(dot) * inverse * inverse * inverse;
    for (int i = lane_index(); i < dim; i += 32)
        static_cast<E*>(d)[row * dim + i] =
            Element<E>::from_float(d_normalised[row * dim + i] * inverse - Element<E>::to_float(x[i]) * along);
}

/// One past the last of a block's tokens.
GDN2_DEVICE std::int64_t end_of_block(const KeyAdjointParams& p, std::int64_t first_token) {
    return first_token + 64 < p.tokens ? first_token + 64 : p.tokens;
}

/// What a log-decay's gradient becomes: that of g, and its part of A_log's.
struct GateGradient {
    float g, A_log;
};
GDN2_DEVICE GateGradient gate_gradient(const KeySide& key, float g, float d_log_decay, int head, int channel) {
    const float x = g + (key.dt_bias ? key.dt_bias[head * key.dim + channel] : 0.0f);
    const float rate = expf(key.A_log[head]);
    if (key.decay == Decay::softplus)
        return {-rate / (1.0f + expf(-x)) * d_log_decay, log_decay(key, g, head, channel) * d_log_decay};
    const float sigmoid = 1.0f / (1.0f + expf(-rate * x));
    const float d = key.lower_bound * sigmoid * (1.0f - sigmoid) * d_log_decay;
    return {rate * d, rate * x * d};
}

/// d_g of 64 tokens in place, a channel a thread, and their sums.
template <class E>
GDN2_DEVICE void ungate(const KeyAdjointParams& p, std::int64_t first_token, int head, float* shared) {
    const int columns = p.key.heads * (p.key.dim + 1), channel = static_cast<int>(threadIdx.x);
    float* partial = p.partial + std::int64_t{blockIdx.x} * columns;
    float of_bias = 0.0f, of_A_log = 0.0f;
    const std::int64_t end = channel < p.key.dim ? end_of_block(p, first_token) : first_token;
    for (std::int64_t token = first_token; token < end; ++token) {
        const std::int64_t at = (token * p.key.heads + head) * p.key.dim + channel;
        const float g = p.key.g_is_float ? static_cast<const float*>(p.key.g)[at]
                                         : Element<E>::to_float(static_cast<const E*>(p.key.g)[at]);
        const GateGradient d = gate_gradient(p.key, g, p.d_g[at], head, channel);
        p.d_g[at] = d.g;
        of_bias += d.g;
        of_A_log += d.A_log;
    }
    if (channel < p.key.dim) partial[head * p.key.dim + channel] = of_bias;
    of_A_log = warp_sum(of_A_log);
    if (lane_index() == 0) shared[warp_index()] = of_A_log;
    __syncthreads();
    if (threadIdx.x != 0) return;
    float sum = 0.0f;
    for (int warp = 0; warp < 8; ++warp) sum += shared[warp];
    partial[p.key.heads * p.key.dim + head] = sum;
}

/// grid (tokens / 64 rounded up, key heads), 256 threads, 32 bytes of shared memory
template <class E>
__global__ void __launch_bounds__(256) key_adjoint(const KeyAdjointParams p) {
    const std::int64_t first_token = std::int64_t{blockIdx.x} * 64;
    const int head = static_cast<int>(blockIdx.y);
    const std::int64_t end = p.key.normalise ? end_of_block(p, first_token) : first_token;
    for (std::int64_t token = first_token + warp_index(); token < end; token += 8) {
        const std::int64_t row = token * p.key.heads + head;
        unnormalise_row<E>(p.d_q, p.key.q, p.d_q_normalised, row, p.key.dim, p.key.norm_epsilon);
        unnormalise_row<E>(p.d_k, p.key.k, p.d_k_normalised, row, p.key.dim, p.key.norm_epsilon);
    }
    if (p.key.decay != Decay::log) ungate<E>(p, first_token, head, reinterpret_cast<float*>(shared_memory()));
}

}  // namespace gdn2::cuda
