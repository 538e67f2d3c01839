// The delta family as one layer: Gated DeltaNet-2, KDA, Gated DeltaNet, DeltaNet, linear attention, and the controls.
// One scaffold for all, so that only decay, erase and write differ:
//     q, k = L2(SiLU(conv(x W_q))), L2(SiLU(conv(x W_k)))     v = SiLU(conv(x W_v))
//     o    = the rule's memory, read with q / sqrt(key_dim)
//     y    = (RMSNorm(o) * act(x W_g)) W_o
//   rule               decay        erase b              write w
//   gdn2               per channel  per key channel      per value channel
//   gdn2_b_only        per channel  per key channel      mean of w's channels
//   gdn2_w_only        per channel  mean of b's channels per value channel
//   gdn2_scalars       per channel  mean of b's channels mean of w's channels
//   gdn2_tied          per channel  mean of b's channels the same number
//   kda                per channel  beta                 beta
//   gated_deltanet     per head     beta                 beta
//   deltanet           none         beta                 beta
//   linear_attention   none         none                 1
// Where value heads outnumber key heads, beta and the decay beside it belong to value heads, b of channels and its
// decay to key heads.
// Means are taken after the sigmoid, so the controls have gdn2's parameters, and names in files are the FLA layers'.
//   paper  Eqs. 8-12, Fig. 1, Table 5 (the controls)
//   tests  tests/reference/layers/delta_mixer_test.cpp, mixers_test.cpp,
//          tests/reference/model/layer_file_test.cpp
#pragma once

#include "reference/layers/mixer_options.h"

namespace gdn2 {

/// Whether `rule` is one of the table above.
bool is_delta_rule(const std::string& rule);

/// Throws Error on another rule, and on an output gate or a lower bound that is none, naming it.
void validate_delta(const MixerOptions& options);

/// A mixer of the family. Throws Error as validate_delta does.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_delta_mixer(const MixerOptions& options, Random& random);

}  // namespace gdn2
