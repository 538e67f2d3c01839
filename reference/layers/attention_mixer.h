// Causal softmax attention as a layer: the anchor among the mixers, and with a window the hybrid's other half.
//     q, k, v = conv(x W_q), conv(x W_k), conv(x W_v)      without convolutions where conv_width is 0; no SiLU
//     q, k    turned by their positions, all channels (rope.h)
//     o_t     = sum_s p_ts v_s,  p_ts = softmax over s of q_t . k_s / sqrt(key_dim),  s in (t - window, t]
//     y       = o W_o
// The convolutions are not in the usual layer: a layer without them cannot tell which token came before a key, which
// every other mixer of this room can.
//   paper  Vaswani et al. 2017, arXiv 1706.03762; Su et al. 2021, arXiv 2104.09864
//   tests  tests/reference/layers/attention_mixer_test.cpp, mixers_test.cpp, operators_test.cpp
#pragma once

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// Throws Error on an odd key_dim and on grouped value heads.
void validate_attention(const MixerOptions& options);

/// Rule "attention". A state is a cache of keys and values: the window's last ones, or all. Throws Error as
/// validate_attention does.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_attention_mixer(const MixerOptions& options, Random& random);

}  // namespace gdn2
