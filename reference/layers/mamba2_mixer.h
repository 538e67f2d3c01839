// Mamba-2's layer: a state that decays and is added to, never erased; keys and queries that all heads share.
//     z | xBC | dt = x W_in                       z, x: heads of value_dim; B, C: key_dim; dt: a number a head
//     x | B | C    = SiLU(conv(xBC))              depthwise, with a bias
//     dt           = softplus(dt + dt_bias)       A = -exp(A_log)
//     S_t          = exp(dt A) S_{t-1} + dt B_t x_t^T
//     u_t          = S_t^T C_t + D x_t
//     y            = RMSNorm(u * SiLU(z)) W_out   the norm over the whole row
// In memory_scan's letters k = B, q = C, z = dt x, g = dt A; nothing is normed per head and nothing is scaled.
// Options: the heads are groups_of_values(); conv_bias is not asked, the convolution has one.
//   paper  Dao and Gu 2024, arXiv 2405.21060
//   tests  tests/reference/layers/mamba2_mixer_test.cpp, mixers_test.cpp, operators_test.cpp
#pragma once

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// Rule "mamba2". Names in files are the usual layer's: in_proj.weight, conv1d.weight, conv1d.bias, dt_bias, A_log, D,
/// norm.weight, out_proj.weight.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mamba2_mixer(const MixerOptions& options, Random& random);

}  // namespace gdn2
