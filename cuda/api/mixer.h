// A whole Gated DeltaNet-2 layer on a device: what reference/layers/delta_mixer.h computes for the rule gdn2.
//     q, k = L2(SiLU(conv(x W_q))), L2(SiLU(conv(x W_k)))     v = SiLU(conv(x W_v))
//     b, w, g = the gates of x                                                              Eqs. 11-12
//     o = the rule's memory by the chunk path, read with q / sqrt(key_dim)                  Eqs. 20-28
//     y = (RMSNorm(o) * act(x W_g)) W_o
// and its adjoint.
//   tests  tests/cuda/kernels/mixer_test.cpp
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cuda/api/options.h"
#include "cuda/kernels/layer_params.h"
#include "reference/core/tensor.h"

namespace gdn2::cuda {

/// A layer's parameters, or their gradients, by their names in files: q_proj.weight, q_conv1d.weight, A_log and so on.
/// Sizes follow from the shapes. Where q_conv1d.weight is missing there are no convolutions; f_proj and g_proj are
/// full (f_proj.weight) or through a narrow middle (f_proj.0.weight, f_proj.1.weight); any map may have a bias.
using MixerParameters = std::map<std::string, Tensor<float>>;

/// What shapes do not say.
struct MixerOptions {
    Device device = Device::emulator;
    Precision precision = Precision::f32;
    Activation output_gate = Activation::silu;         ///< none: there is no g_proj
    bool negative_eigenvalues = false;                 ///< b in [0, 2]
    std::optional<float> decay_lower_bound = {};       ///< of the bounded decay gate, below 0
    float norm_epsilon = 1e-5f;                        ///< of the output's norm
    int threads = 0;                                   ///< of the emulator; <= 0: all
};

/// y of x, both [batch, length, d_model]. With `cu_seqlens` [sequences + 1] the batch is 1 and holds packed sequences,
/// which may be empty. Matrices and activations are rounded to options.precision; A_log, dt_bias, biases, taps, the
/// norm's weight and the decay's logits stay float. Throws Error on parameters that are missing, unknown or of another
/// shape, dims above 256, widths above 8, no tokens, numbers that f16 cannot hold, or a device that is not there.
Tensor<float> forward_mixer(const MixerParameters& parameters, const Tensor<float>& x, const MixerOptions& options,
                            const std::vector<std::int64_t>& cu_seqlens = {});

/// What backward_mixer gives back.
struct MixerGradients {
    Tensor<float> y, dx;   ///< of the shape of x; dx is never rounded to options.precision
    MixerParameters d;     ///< a gradient for every parameter, of its shape
};

/// forward_mixer, and the gradients of <y, dy> by x and by every parameter. The forward pass leaves what the backward
/// pass needs; sums are added in one order always: the same bits every time. Throws Error as forward_mixer does, and
/// when dy has not the shape of x.
MixerGradients backward_mixer(const MixerParameters& parameters, const Tensor<float>& x, const Tensor<float>& dy,
                              const MixerOptions& options, const std::vector<std::int64_t>& cu_seqlens = {});

}  // namespace gdn2::cuda
