// Mamba-3's layer: Mamba-2's memory with a trapezoid for a rectangle, keys and queries that turn, and no convolution.
//     z | x | B | C | dt | a | trap | angles = h W_in        of the layer's input h
//     k_r  = Rot(theta) (RMSNorm(B_r) + B_bias_r)            q_r from C likewise
//     Delta, lambda, theta, alpha = exp(Delta A)             mamba3_steps.h
//     S_t  = alpha S_{t-1} + (1 - lambda) Delta alpha sum_r k_{t-1,r} v_{t-1,r}^T + lambda Delta sum_r k_t,r v_t,r^T
//     y_r  = S_t^T q_t,r + D v_r
//   SISO  one pair a token: v = x                            y = (y SiLU(z)) W_out
//   MIMO  rank pairs a token: v_r = x * mimo_x_r             y = (sum_r mimo_o_r * y_r * SiLU(z * mimo_z_r)) W_out
// x and z are as wide in both forms, and so is S. Norms' weights are shared by heads and ranks; the biases are not, and
// start at 1, as does mimo_z; mimo_x and mimo_o start at 1 / rank. Nothing norms the output.
// Options: there are key_dim * rope_fraction / 2 angles, rounded down; the heads are groups_of_values(); conv_width is
// not used.
//   paper  Mamba-3, ICLR 2026
//   tests  tests/reference/layers/mamba3_mixer_test.cpp, mixers_test.cpp, operators_test.cpp
#pragma once

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// Rules "mamba3" (SISO, whatever options.rank says) and "mamba3_mimo" (of options.rank). Names in files are the
/// published layer's: in_proj.weight, dt_bias, B_bias, C_bias, B_norm.weight, C_norm.weight, mimo_x, mimo_z, mimo_o, D,
/// out_proj.weight.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mamba3_mixer(const MixerOptions& options, Random& random);

}  // namespace gdn2
