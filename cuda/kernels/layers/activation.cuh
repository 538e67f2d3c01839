// Functions of single numbers, and their slopes.
//   sigmoid' = s (1 - s)      silu' = s (1 + x (1 - s)),  s = sigmoid(x)
//   tests  tests/cuda/kernels/gated_rms_norm_test.cpp, short_conv_test.cpp, linear_test.cpp
#pragma once

#include "cuda/kernels/layer_params.h"
#include "cuda/kernels/tile/platform.h"

namespace gdn2::cuda {

/// 1 / (1 + exp(-x)); far out 0 and 1.
GDN2_DEVICE float sigmoid_of(float x) { return 1.0f / (1.0f + expf(-x)); }

GDN2_DEVICE float activate(Activation activation, float x) {
    if (activation == Activation::none) return x;
    const float s = sigmoid_of(x);
    return activation == Activation::silu ? x * s : s;
}

/// What activate's result changes by where x does.
GDN2_DEVICE float slope_of(Activation activation, float x) {
    if (activation == Activation::none) return 1.0f;
    const float s = sigmoid_of(x);
    return activation == Activation::silu ? s * (1.0f + x * (1.0f - s)) : s * (1.0f - s);
}

}  // namespace gdn2::cuda
