// The norm and gate of what leaves a head's memory, and its adjoint; a warp takes a row at a time.
//     y = r x w act(gate)      r = 1 / sqrt(mean x^2 + epsilon)
//     dh = dy act(gate) w      dx = r (dh - r^2 (x . dh) x / dim)      dw = sum dy act(gate) r x
//     d_gate = dy r x w act'(gate)
// The adjoint computes r again: nothing but x and gate is kept.
//   tests  tests/cuda/kernels/gated_rms_norm_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/layers/activation.cuh"
#include "cuda/kernels/tile/warp.h"

namespace gdn2::cuda {

inline constexpr int norm_warps = 4;
inline constexpr int norm_rows = 64;   ///< of a block of the adjoint
inline constexpr int norm_parts = 8;   ///< numbers of a row that a lane has: dims up to 256

/// A row spread over a warp: lane l has channels l, l + 32 and so on; zeros beyond dim.
using NormRow = float[norm_parts];

GDN2_DEVICE int norm_channel(int i) { return 32 * i + lane_index(); }

template <class E>
GDN2_DEVICE void load_row(NormRow& x, const void* tensor, std::int64_t row, int dim) {
    const E* first = static_cast<const E*>(tensor) + row * dim;
#pragma unroll
    for (int i = 0; i < norm_parts; ++i)
        x[i] = norm_channel(i) < dim ? Element<E>::to_float(first[norm_channel(i)]) : 0.0f;
}

template <class E>
GDN2_DEVICE void store_row(void* tensor, const NormRow& x, std::int64_t row, int dim) {
    E* first = static_cast<E*>(tensor) + row * dim;
#pragma unroll
    for (int i = 0; i < norm_parts; ++i)
        if (norm_channel(i) < dim) first[norm_channel(i)] = Element<E>::from_float(x[i]);
}

/// The sum over the row of a_i b_i, in every lane.
GDN2_DEVICE float row_dot(const NormRow& a, const NormRow& b) {
    float sum = 0.0f;
#pragma unroll
    for (int i = 0; i < norm_parts; ++i) sum = fmaf(a[i], b[i], sum);
    return warp_sum(sum);
}

GDN2_DEVICE float inverse_rms(const NormRow& x, const NormParams& p) {
    return 1.0f / sqrtf(row_dot(x, x) / static_cast<float>(p.dim) + p.epsilon);
}

/// grid (blocks of 4 rows), 128 threads
template <class E>
__global__ void __launch_bounds__(32 * norm_warps) gated_rms_norm(const NormParams p) {
    const std::int64_t row = std::int64_t{blockIdx.x} * norm_warps + warp_index();
    if (row >= p.rows) return;
    NormRow x, w, gate;
    load_row<E>(x, p.x, row, p.dim);
    load_row<float>(w, p.weight, 0, p.dim);
    if (p.gate) load_row<E>(gate, p.gate, row, p.dim);
    const float r = inverse_rms(x, p);
#pragma unroll
    for (int i = 0; i < norm_parts; ++i)
        x[i] = r * x[i] * w[i] * (p.gate ? activate(p.activation, gate[i]) : 1.0f);
    store_row<E>(p.y, x, row, p.dim);
}

/// One row's dx and d_gate; adds its part of d_weight to `dw`.
template <class E>
GDN2_DEVICE void norm_row_backward(const NormGradientParams& all, const NormRow& w, std::int64_t row, NormRow& dw) {
    const NormParams& p = all.forward;
    NormRow x, dh;
    load_row<E>(x, p.x, row, p.dim);
    load_row<E>(dh, all.dy, row, p.dim);
    const float r = inverse_rms(x, p);
    if (p.gate) {
        NormRow gate;
        load_row<E>(gate, p.gate, row, p.dim);
#pragma unroll
        for (int i = 0; i < norm_parts; ++i) {
            // forward: y = (r x w) act(gate)
            const float dy = dh[i];
            dh[i] = dy * activate(p.activation, gate[i]);
            gate[i] = dy * r * x[i] * w[i] * slope_of(p.activation, gate[i]);
        }
        store_row<E>(all.d_gate, gate, row, p.dim);
    }
#pragma unroll
    for (int i = 0; i < norm_parts; ++i) {
        // forward: h w, h = r x
        dw[i] = fmaf(dh[i], r * x[i], dw[i]);
        dh[i] *= w[i];
    }
    // forward: h = r x, r = (mean x^2 + epsilon)^(-1/2)
    const float along = r * r * row_dot(x, dh) / static_cast<float>(p.dim);
#pragma unroll
    for (int i = 0; i < norm_parts; ++i) x[i] = r * (dh[i] - along * x[i]);
    store_row<E>(all.dx, x, row, p.dim);
}

/// grid (blocks of 64 rows), 128 threads
template <class E>
__global__ void __launch_bounds__(32 * norm_warps) gated_rms_norm_gradient(const NormGradientParams p) {
    __shared__ float sums[norm_warps][32 * norm_parts];
    NormRow w, dw = {};
    load_row<float>(w, p.forward.weight, 0, p.forward.dim);
    for (int i = warp_index(); i < norm_rows; i += norm_warps) {
        const std::int64_t row = std::int64_t{blockIdx.x} * norm_rows + i;
        if (row < p.forward.rows) norm_row_backward<E>(p, w, row, dw);
    }
#pragma unroll
    for (int i = 0; i < norm_parts; ++i) sums[warp_index()][norm_channel(i)] = dw[i];
    __syncthreads();
    for (int channel = static_cast<int>(threadIdx.x); channel < p.forward.dim; channel += 32 * norm_warps) {
        float sum = 0.0f;
        for (int warp = 0; warp < norm_warps; ++warp) sum += sums[warp][channel];
        p.partials[std::int64_t{blockIdx.x} * p.forward.dim + channel] = sum;
    }
}

}  // namespace gdn2::cuda
