// See mixer_options.h.
#include "reference/layers/mixer_options.h"

#include <algorithm>

#include "reference/core/instantiate.h"
#include "reference/layers/attention_mixer.h"
#include "reference/layers/delta_mixer.h"
#include "reference/layers/mamba2_mixer.h"
#include "reference/layers/mamba3_mixer.h"

namespace gdn2 {
namespace {

void require_at_least(const char* name, Index value, Index least) {
    require(value >= least,
            "`" + std::string(name) + "` must be at least " + std::to_string(least) + ", got " + std::to_string(value));
}

void validate_sizes(const MixerOptions& o) {
    require_at_least("d_model", o.d_model, 1);
    require_at_least("heads", o.heads, 1);
    require_at_least("value_heads", o.value_heads, 0);
    require_at_least("key_dim", o.key_dim, 1);
    require_at_least("value_dim", o.value_dim, 1);
    require_at_least("conv_width", o.conv_width, 0);
    require_at_least("output_gate_rank", o.output_gate_rank, 0);
    require_at_least("decay_rank", o.decay_rank, 0);
    require_at_least("window", o.window, 0);
    require_at_least("rank", o.rank, 1);
    require(o.groups_of_values() % o.heads == 0, "`value_heads` must be a multiple of heads, got " +
                                                     std::to_string(o.value_heads) + " and " + std::to_string(o.heads));
    require(0 < o.A_low && o.A_low <= o.A_high, "`A_low` must be above 0 and at most A_high");
    require(o.norm_epsilon > 0, "`norm_epsilon` must be above 0");
    require(0 <= o.rope_fraction && o.rope_fraction <= 1, "`rope_fraction` must be in [0, 1]");
}

void require_known(const std::string& rule) {
    std::string names;
    for (const MixerRule& each : mixer_rules()) {
        if (each.name == rule) return;
        names += (names.empty() ? "" : ", ") + each.name;
    }
    throw Error("`rule` must be one of " + names + "; got " + rule);
}

}  // namespace

const std::vector<MixerRule>& mixer_rules() {
    static const std::vector<MixerRule> rules{
        {"gdn2", "Gated DeltaNet-2: an erase gate per key channel, a write gate per value channel"},
        {"kda", "Kimi Delta Attention: one beta for both gates, decay per channel"},
        {"gated_deltanet", "one beta for both gates, decay per head"},
        {"deltanet", "one beta for both gates, no decay"},
        {"linear_attention", "adds every key and value, erases and forgets nothing"},
        {"gdn2_b_only", "control: GDN-2 with w averaged over its channels"},
        {"gdn2_w_only", "control: GDN-2 with b averaged over its channels"},
        {"gdn2_scalars", "control: GDN-2 with both averaged"},
        {"gdn2_tied", "control: GDN-2's parameters under KDA's rule, b = w = the mean of b"},
        {"mamba2", "Mamba-2: decays and adds, erases nothing; keys and queries shared by all heads"},
        {"mamba3", "Mamba-3: Mamba-2 with a trapezoid, keys and queries that turn, and no convolution"},
        {"mamba3_mimo", "Mamba-3 with several keys and values a token"},
        {"attention", "causal softmax attention with rotary positions, over all tokens or a window"},
    };
    return rules;
}

void validate(const MixerOptions& options) {
    require_known(options.rule);
    validate_sizes(options);
    if (is_delta_rule(options.rule)) validate_delta(options);
    if (options.rule == "attention") validate_attention(options);
}

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> make_mixer(const MixerOptions& options, Random& random) {
    validate(options);
    if (is_delta_rule(options.rule)) return make_delta_mixer<Scalar>(options, random);
    if (options.rule == "mamba2") return make_mamba2_mixer<Scalar>(options, random);
    if (options.rule == "mamba3" || options.rule == "mamba3_mimo") return make_mamba3_mixer<Scalar>(options, random);
    return make_attention_mixer<Scalar>(options, random);
}

#define GDN2_DECLARE(Scalar) template std::unique_ptr<Mixer<Scalar>> make_mixer(const MixerOptions&, Random&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
