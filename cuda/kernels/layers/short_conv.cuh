// The short causal convolution of each channel over its own last tokens, with SiLU, and its adjoint.
//     pre_t = bias + sum over lags j of W[width - 1 - j] x_{t-j}         y = activation(pre)
//     dpre = dy * activation'(pre)       dx_s = sum_j W[width - 1 - j] dpre_{s+j}
//     dW[width - 1 - j] = sum_t dpre_t x_{t-j}      dbias = sum_t dpre_t
// A thread has one channel of one chunk and slides over its tokens in steps of 8, so that 8 loads are under way at once
// and each number is read once (but at a chunk's edges). The adjoint computes pre again: nothing but x is kept.
//   tests  tests/cuda/kernels/short_conv_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/layers/activation.cuh"
#include "cuda/kernels/tile/element.h"
#include "cuda/kernels/tile/sequence.h"

namespace gdn2::cuda {

inline constexpr int max_conv_width = 8;
inline constexpr int conv_step = 8;                              ///< tokens at once
inline constexpr int conv_window = conv_step + max_conv_width - 1;  ///< and what lies next to them
inline constexpr int conv_threads = 128;

/// A chunk in its sequence.
struct ConvChunk {
    std::int64_t sequence;
    Span tokens;         ///< of the sequence
    std::int64_t first;  ///< the chunk's first token, counted from the sequence's
    int count, seen;     ///< tokens of the chunk, none in a gap; and with those after it that see it
};

GDN2_DEVICE ConvChunk conv_chunk_of(const Sequences& sequences, std::int64_t slot) {
    const std::int64_t n = sequence_of(sequences, slot);
    const Span tokens = span_of(sequences, n);
    const std::int64_t first = (slot - first_slot(sequences, n)) * chunk_length;
    constexpr int most = chunk_length + max_conv_width - 1;
    const int left = first + most < tokens.length ? most : static_cast<int>(tokens.length - first);
    return {n, tokens, first, left < chunk_length ? left : chunk_length, left};
}

/// Number `channel` of the chunk's first token in a tensor [tokens, channels].
GDN2_DEVICE std::int64_t offset_of(const ConvChunk& chunk, int channels, int channel) {
    return (chunk.tokens.first + chunk.first) * channels + channel;
}

/// x of one channel of a sequence at token t, counted from its first; before it what initial_past holds, or zeros.
template <class E>
GDN2_DEVICE float x_at(const ConvParams& p, const ConvChunk& chunk, int channel, std::int64_t t) {
    const int kept = p.width - 1;
    const E *x = static_cast<const E*>(p.x), *past = static_cast<const E*>(p.initial_past);
    if (t >= 0) return Element<E>::to_float(x[(chunk.tokens.first + t) * p.channels + channel]);
    if (!past || t < -kept) return 0.0f;
    return Element<E>::to_float(past[(chunk.sequence * kept + t + kept) * p.channels + channel]);
}

/// A channel's taps by lag.
GDN2_DEVICE void load_taps(float (&taps)[max_conv_width], const ConvParams& p, int channel) {
#pragma unroll
    for (int lag = 0; lag < max_conv_width; ++lag) {
        taps[lag] = 1.0f;
        if (p.weight && lag < p.width) taps[lag] = p.weight[std::int64_t{channel} * p.width + p.width - 1 - lag];
    }
}

/// The window as it is before the chunk's first step: its last numbers are those of the tokens before.
template <class E>
GDN2_DEVICE void load_before(float (&window)[conv_window], const ConvParams& p, const ConvChunk& chunk, int channel) {
#pragma unroll
    for (int i = 0; i < conv_window; ++i) window[i] = 0.0f;
#pragma unroll
    for (int lag = 1; lag < max_conv_width; ++lag)
        if (lag < p.width && chunk.count > 0)
            window[conv_window - lag] = x_at<E>(p, chunk, channel, chunk.first - lag);
}

/// Moves the window on: its last numbers become its first.
GDN2_DEVICE void slide(float (&window)[conv_window]) {
#pragma unroll
    for (int i = 0; i < conv_window - conv_step; ++i) window[i] = window[i + conv_step];
}

/// 8 tokens of one channel as the window's last; zeros from `left` on.
template <class E>
GDN2_DEVICE void load_step(float* last, const E* from, int channels, int left) {
#pragma unroll
    for (int i = 0; i < conv_step; ++i) last[i] = i < left ? Element<E>::to_float(from[i * channels]) : 0.0f;
}

/// pre of the window's last 8 tokens.
GDN2_DEVICE void convolve(float (&pre)[conv_step], const float (&x)[conv_window],
                          const float (&taps)[max_conv_width], int width, float bias) {
#pragma unroll
    for (int i = 0; i < conv_step; ++i) pre[i] = bias;
#pragma unroll
    for (int lag = 0; lag < max_conv_width; ++lag)
        if (lag < width) {
#pragma unroll
            for (int i = 0; i < conv_step; ++i)
                pre[i] = fmaf(taps[lag], x[i + max_conv_width - 1 - lag], pre[i]);
        }
}

/// Leaves what a sequence hands on: its last width - 1 tokens, of its past where it is shorter.
template <class E>
GDN2_DEVICE void store_past(const ConvParams& p, const ConvChunk& chunk, int channel) {
    const bool is_last = chunk.first + chunk.count == chunk.tokens.length && (chunk.count > 0 || chunk.first == 0);
    if (!p.final_past || !is_last) return;
    const int kept = p.width - 1;
    E* past = static_cast<E*>(p.final_past) + chunk.sequence * kept * p.channels + channel;
    for (int i = 0; i < kept; ++i)
        past[std::int64_t{i} * p.channels] =
            Element<E>::from_float(x_at<E>(p, chunk, channel, chunk.tokens.length - kept + i));
}

/// grid (chunk slots, blocks of 128 channels), 128 threads
template <class E>
__global__ void __launch_bounds__(conv_threads) short_conv(const ConvParams p) {
    const ConvChunk chunk = conv_chunk_of(p.sequences, blockIdx.x);
    const int channel = static_cast<int>(blockIdx.y) * conv_threads + static_cast<int>(threadIdx.x);
    if (channel >= p.channels) return;
    const E* x = static_cast<const E*>(p.x) + offset_of(chunk, p.channels, channel);
    E* y = static_cast<E*>(p.y) + offset_of(chunk, p.channels, channel);
    const float bias = p.bias ? p.bias[channel] : 0.0f;
    float taps[max_conv_width], window[conv_window], pre[conv_step];
    load_taps(taps, p, channel);
    load_before<E>(window, p, chunk, channel);
#pragma unroll 1
    for (int t = 0; t < chunk.count; t += conv_step, x += conv_step * p.channels, y += conv_step * p.channels) {
        slide(window);
        load_step(window + max_conv_width - 1, x, p.channels, chunk.count - t);
        convolve(pre, window, taps, p.width, bias);
#pragma unroll
        for (int i = 0; i < conv_step; ++i)
            if (t + i < chunk.count) y[i * p.channels] = Element<E>::from_float(activate(p.activation, pre[i]));
    }
    store_past<E>(p, chunk, channel);
}

/// A thread's part of the gradients of the taps, by lag, and of the bias.
struct TapGradient {
    float taps[max_conv_width], bias;
};

/// Turns the window's last 8 numbers, which are dy, into dpre; `own` of them are the chunk's and go into `d` too.
GDN2_DEVICE void convolve_backward(float (&dpre)[conv_window], TapGradient& d, const float (&x)[conv_window],
                                   const float (&pre)[conv_step], Activation activation, int own) {
#pragma unroll
    for (int i = 0; i < conv_step; ++i) {
        // forward: y = activation(pre)
        dpre[i + max_conv_width - 1] *= slope_of(activation, pre[i]);
        // forward: pre_t = bias + sum_j taps_j x_{t-j}
        const float mine = i < own ? dpre[i + max_conv_width - 1] : 0.0f;
        d.bias += mine;
#pragma unroll
        for (int lag = 0; lag < max_conv_width; ++lag)
            d.taps[lag] = fmaf(mine, x[i + max_conv_width - 1 - lag], d.taps[lag]);
    }
}

/// dx of the window's first 8 tokens, which are those from t on: all that sees them is in the window.
template <class E>
GDN2_DEVICE void store_input_gradient(E* dx, const ConvParams& p, const float (&dpre)[conv_window],
                                      const float (&taps)[max_conv_width], int t, int count) {
#pragma unroll
    for (int i = 0; i < conv_step; ++i) {
        float sum = 0.0f;
#pragma unroll
        for (int lag = 0; lag < max_conv_width; ++lag)
            if (lag < p.width) sum = fmaf(taps[lag], dpre[i + lag], sum);
        if (t + i >= 0 && t + i < count) dx[(t + i) * p.channels] = Element<E>::from_float(sum);
    }
}

GDN2_DEVICE void store_partials(const ConvGradientParams& p, const TapGradient& d, int channel) {
    const int width = p.forward.width;
    const std::int64_t at = std::int64_t{blockIdx.x} * p.forward.channels + channel;
#pragma unroll
    for (int lag = 0; lag < max_conv_width; ++lag)
        if (p.weight_partials && lag < width) p.weight_partials[at * width + width - 1 - lag] = d.taps[lag];
    if (p.bias_partials) p.bias_partials[at] = d.bias;
}

/// grid (chunk slots, blocks of 128 channels), 128 threads
template <class E>
__global__ void __launch_bounds__(conv_threads) short_conv_gradient(const ConvGradientParams all) {
    const ConvParams& p = all.forward;
    const ConvChunk chunk = conv_chunk_of(p.sequences, blockIdx.x);
    const int channel = static_cast<int>(blockIdx.y) * conv_threads + static_cast<int>(threadIdx.x);
    if (channel >= p.channels) return;
    const std::int64_t first = offset_of(chunk, p.channels, channel);
    const E *x = static_cast<const E*>(p.x) + first, *dy = static_cast<const E*>(all.dy) + first;
    const float bias = p.bias ? p.bias[channel] : 0.0f;
    float taps[max_conv_width], window[conv_window], dpre[conv_window] = {}, pre[conv_step];
    TapGradient d{};
    load_taps(taps, p, channel);
    load_before<E>(window, p, chunk, channel);
    const int steps = chunk.count > 0 ? chunk.count + max_conv_width - 1 : 0;
#pragma unroll 1
    for (int t = 0; t < steps; t += conv_step, x += conv_step * p.channels, dy += conv_step * p.channels) {
        slide(window);
        slide(dpre);
        load_step(window + max_conv_width - 1, x, p.channels, chunk.seen - t);
        load_step(dpre + max_conv_width - 1, dy, p.channels, chunk.seen - t);
        convolve(pre, window, taps, p.width, bias);
        convolve_backward(dpre, d, window, pre, p.activation, chunk.count - t);
        store_input_gradient(static_cast<E*>(all.dx) + first, p, dpre, taps, t - (max_conv_width - 1), chunk.count);
    }
    store_partials(all, d, channel);
}

}  // namespace gdn2::cuda
