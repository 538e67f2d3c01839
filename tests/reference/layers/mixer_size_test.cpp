// A mixer has as many parameters as its options said it would.
#include "reference/layers/mixer_size.h"

#include <doctest/doctest.h>

using namespace gdn2;

namespace {

double count_of(const MixerOptions& options) {
    Random random(0);
    const auto mixer = make_mixer<float>(options, random);
    Parameters<float> parameters;
    mixer->collect("", parameters);
    Index count = 0;
    for (const Parameter<float>& p : parameters) count += p.size();
    return static_cast<double>(count);
}

/// No two sizes alike.
MixerOptions options_of(const std::string& rule) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = 11;
    options.heads = 2;
    options.key_dim = 14;
    options.value_dim = 5;
    options.conv_width = 3;
    options.rank = 4;
    return options;
}

}  // namespace

TEST_CASE("a mixer's parameters are counted before it is made") {
    for (const MixerRule& rule : mixer_rules()) {
        CAPTURE(rule.name);
        const MixerOptions options = options_of(rule.name);
        CHECK(parameter_count(options) == count_of(options));
        MixerOptions bare = options;
        bare.conv_width = 0;
        bare.output_gate = "none";
        bare.rope_fraction = 1;
        CHECK(parameter_count(bare) == count_of(bare));
        MixerOptions full = options;
        full.value_heads = rule.name == "attention" ? 0 : 6;
        full.conv_bias = true;
        full.decay_rank = 7;
        full.output_gate_rank = 8;
        CHECK(parameter_count(full) == count_of(full));
    }
}

TEST_CASE("the count of parameters has no limit") {
    MixerOptions options = options_of("linear_attention");
    options.d_model = options.heads = options.key_dim = Index(1) << 24;
    CHECK(parameter_count(options) > 2 * 0x1p72);
    options.key_dim = 0;
    CHECK_THROWS_WITH_AS(parameter_count(options), "`key_dim` must be at least 1, got 0", Error);
    options = options_of("gdn3");
    CHECK_THROWS_WITH_AS(parameter_count(options), doctest::Contains("got gdn3"), Error);
}
