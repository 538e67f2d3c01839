// From the gradient of a gate to that of its logits, number by number.
//     y = most sigmoid(logit)      d_logit = dy y (1 - y / most)      or d_logit = dy, rounded, where there is no y
//   equations  adjoint of Eq. 12     tests  tests/cuda/kernels/mixer_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/tile/element.h"

namespace gdn2::cuda {

/// grid (blocks of 1024 numbers), 256 threads
template <class E>
__global__ void __launch_bounds__(256) logit_gradient(const LogitGradientParams p) {
    const E* y = static_cast<const E*>(p.y);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
        const std::int64_t at = std::int64_t{blockIdx.x} * 1024 + 256 * i + threadIdx.x;
        if (at >= p.count) return;
        float d = p.dy_is_float ? static_cast<const float*>(p.dy)[at]
                                : Element<E>::to_float(static_cast<const E*>(p.dy)[at]);
        if (y) d *= Element<E>::to_float(y[at]) * (1.0f - Element<E>::to_float(y[at]) / p.most);
        static_cast<E*>(p.d_logits)[at] = Element<E>::from_float(d);
    }
}

}  // namespace gdn2::cuda
