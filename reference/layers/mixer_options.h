// Which mixer, how large, how it starts: what a model's configuration says of one.
//   tests  tests/reference/layers/mixers_test.cpp
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reference/core/random.h"
#include "reference/layers/mixer.h"

namespace gdn2 {

/// Options of every mixer; a rule ignores what it has no use for, and make_mixer refuses what contradicts it.
struct MixerOptions {
    std::string rule = "gdn2";  ///< a name of mixer_rules()
    Index d_model = 64;
    Index heads = 1;        ///< of q and k
    Index value_heads = 0;  ///< of v, a multiple of heads; 0: as many
    Index key_dim = 16;     ///< of a head; Mamba's state size N
    Index value_dim = 16;   ///< of a head; Mamba's P
    Index conv_width = 4;   ///< of the short convolutions of q, k and v; 0: none
    bool conv_bias = false;

    std::string output_gate = "silu";  ///< "silu", "sigmoid" or "none", of the delta family
    Index output_gate_rank = 0;        ///< 0: full rank; else the low-rank form with a bias, as in KDA
    Index decay_rank = 0;              ///< 0: full rank; else low rank; of decays per channel
    bool negative_eigenvalues = false; ///< b (or beta) in [0, 2]
    std::optional<double> decay_lower_bound;  ///< of the bounded decay gate, below 0
    double A_low = 1, A_high = 1;      ///< A = exp(A_log) starts uniform in (low, high]; official: 1, 16

    Index window = 0;         ///< softmax attention: tokens seen, itself included; 0: all
    Index rank = 1;           ///< Mamba-3: 1 is SISO, more is MIMO
    double rope_fraction = 0.5;  ///< Mamba-3: part of the state that turns
    double gain = 1;          ///< of xavier_uniform for every projection; official: 2^-2.5
    double norm_epsilon = 1e-5;

    Index groups_of_values() const { return value_heads == 0 ? heads : value_heads; }
    bool operator==(const MixerOptions&) const = default;
};

/// A rule by its name, and in one line what it is.
struct MixerRule {
    std::string name, says;
};

/// Every rule that make_mixer knows.
const std::vector<MixerRule>& mixer_rules();

/// Throws Error on a name that is not in mixer_rules(), on sizes below 1 and on options that contradict each other, by
/// name.
void validate(const MixerOptions& options);

/// A mixer with its first parameters, drawn from `random` in float64 whatever Scalar is. Throws Error as validate does.
template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mixer(const MixerOptions& options, Random& random);

}  // namespace gdn2
