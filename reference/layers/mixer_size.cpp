// See mixer_size.h. In floating point, so that no product of sizes overflows.
#include "reference/layers/mixer_size.h"

#include <cmath>

#include "reference/layers/delta_family.h"

namespace gdn2 {
namespace {

/// The sizes of MixerOptions, to calculate with.
struct Sizes {
    explicit Sizes(const MixerOptions& o)
        : d_model(static_cast<double>(o.d_model)),
          heads(static_cast<double>(o.heads)),
          value_heads(static_cast<double>(o.groups_of_values())),
          key_dim(static_cast<double>(o.key_dim)),
          value_dim(static_cast<double>(o.value_dim)),
          conv_width(static_cast<double>(o.conv_width)) {}

    double keys() const { return heads * key_dim; }
    double values() const { return value_heads * value_dim; }

    double d_model, heads, value_heads, key_dim, value_dim, conv_width;
};

double of_conv(const Sizes& s, double channels, bool bias) {
    return s.conv_width > 0 ? channels * (s.conv_width + (bias ? 1 : 0)) : 0;
}

/// A weight and its convolution for each of q, k and v.
double of_branches(const MixerOptions& o, const Sizes& s) {
    const double channels = 2 * s.keys() + s.values();
    return s.d_model * channels + of_conv(s, channels, o.conv_bias);
}

double of_projection(double in, Index rank, double out, bool low_rank_bias) {
    const auto middle = static_cast<double>(rank);
    return rank == 0 ? in * out : middle * (in + out) + (low_rank_bias ? out : 0);
}

double of_delta(const MixerOptions& o, const DeltaRule& rule) {
    const Sizes s(o);
    const double heads = rule.of_value_heads ? s.value_heads : s.heads;
    double count = of_branches(o, s) + s.value_dim + s.values() * s.d_model;
    if (rule.decay == DeltaDecay::channel)
        count += of_projection(s.d_model, o.decay_rank, heads * s.key_dim, false) + heads + heads * s.key_dim;
    if (rule.decay == DeltaDecay::head) count += heads * (s.d_model + 2);
    if (rule.erase == Erase::beta) count += s.d_model * heads;
    if (rule.erase == Erase::channels || rule.erase == Erase::mean)
        count += s.d_model * (heads * s.key_dim + s.values());
    if (o.output_gate != "none") count += of_projection(s.d_model, o.output_gate_rank, s.values(), true);
    return count;
}

double of_mamba2(const MixerOptions& o) {
    const Sizes s(o);
    const double heads = s.value_heads, inner = s.values();
    return s.d_model * (2 * inner + 2 * s.key_dim + heads) + of_conv(s, inner + 2 * s.key_dim, true) + 3 * heads +
           inner + inner * s.d_model;
}

double of_mamba3(const MixerOptions& o) {
    const Sizes s(o);
    const bool mimo = o.rule == "mamba3_mimo";
    const double heads = s.value_heads, inner = s.values(), ranks = mimo ? static_cast<double>(o.rank) : 1;
    const double angles = std::floor(std::floor(s.key_dim * o.rope_fraction) / 2);
    return s.d_model * (2 * inner + 2 * ranks * s.key_dim + 3 * heads + angles) + 2 * heads + 2 * s.key_dim +
           2 * heads * ranks * s.key_dim + (mimo ? 3 * ranks * inner : 0) + inner * s.d_model;
}

}  // namespace

double parameter_count(const MixerOptions& options) {
    validate(options);
    if (const DeltaRule* rule = find_delta_rule(options.rule)) return of_delta(options, *rule);
    if (options.rule == "mamba2") return of_mamba2(options);
    if (options.rule == "mamba3" || options.rule == "mamba3_mimo") return of_mamba3(options);
    const Sizes s(options);
    return of_branches(options, s) + s.values() * s.d_model;  // attention
}

}  // namespace gdn2
