// Models and runs that train in a moment.
#pragma once

#include <algorithm>
#include <string>

#include "reference/train/trainer.h"

namespace gdn2::test {

/// One layer of a few channels.
inline ModelConfig small_config(const std::string& rule) {
    ModelConfig config;
    config.mixer.rule = rule;
    config.mixer.d_model = 16;
    config.mixer.key_dim = config.mixer.value_dim = 8;
    return config;
}

/// `steps` steps of 10 sequences: two groups of four and one of two.
inline TrainingOptions small_run(Index steps, std::uint64_t seed = 0) {
    TrainingOptions options;
    options.task = "overwrite:M=3,W=6,keys=6,values=4";
    options.batch = 10;
    options.seed = seed;
    options.schedule.steps = steps;
    options.adamw.weight_decay = 0.01;
    return options;
}

/// Whether all parameters have the same bits.
inline bool same_parameters(LanguageModel<float>& a, LanguageModel<float>& b) {
    const Parameters<float> x = a.parameters(), y = b.parameters();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const auto& p, const auto& q) {
        return p.name == q.name && std::equal(p.data, p.data + p.size(), q.data, q.data + q.size());
    });
}

}  // namespace gdn2::test
