// Configurations survive JSON, and what is wrong with one is said by name.
#include "reference/model/config.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "reference/model/language_model.h"

namespace gdn2 {
namespace {

TEST_CASE("every field of a configuration survives JSON") {
    ModelConfig config;
    config.vocabulary = 81;
    config.layers = 3;
    config.mlp_hidden = 128;
    config.hybrid = true;
    config.window = 8;
    config.attention_heads = 4;
    config.embedding_deviation = 0.02;
    config.mixer = {"kda", 32, 2, 4, 8, 24, 3, true, "sigmoid", 5, 6, true, -5.0, 0.5, 16, 9, 4, 0.25, 0.125, 1e-6};
    CHECK(config_from_json(to_json(config)) == config);
    config.mixer.decay_lower_bound.reset();
    CHECK(config_from_json(to_json(config)) == config);
}

TEST_CASE("fields that are absent keep their defaults") {
    const ModelConfig config = config_from_json(R"({"vocabulary": 7})");
    CHECK(config.vocabulary == 7);
    CHECK(config.mixer == MixerOptions{});
    CHECK(config.layers == 1);
}

TEST_CASE("a configuration that is wrong is refused by the name of the field") {
    const auto refuses = [](const char* text, const char* says) {
        INFO(text);
        CHECK_THROWS_WITH_AS(config_from_json(text), doctest::Contains(says), Error);
    };
    refuses("", "expected a JSON object");
    refuses("[1]", "expected a JSON object");
    refuses(R"({"vocabulary": 7, "layer": 2})", "unknown field `layer`");
    refuses(R"({"vocabulary": "7"})", "`vocabulary` must be a whole number");
    refuses(R"({"vocabulary": 7.5})", "`vocabulary` must be a whole number");
    refuses(R"({"vocabulary": -1})", "`vocabulary` must be a whole number");
    refuses(R"({"vocabulary": 99999999999999999999})", "`vocabulary` must be a whole number");
    refuses(R"({"vocabulary": 7, "hybrid": 1})", "`hybrid` must be true or false");
    refuses(R"({"vocabulary": 7, "rule": 1})", "`rule` must be text");
    refuses(R"({"vocabulary": 7, "gain": "big"})", "`gain` must be a number");
    refuses("{}", "`vocabulary` must be at least 1");
    refuses(R"({"vocabulary": 7, "layers": 0})", "`layers` must be at least 1");
    refuses(R"({"vocabulary": 7, "hybrid": true, "attention_heads": 3})", "`d_model` must be a multiple");
}

TEST_CASE("a configuration is refused for what its mixer or its attention would be refused for") {
    const auto refuses = [](const char* text, const char* says) {
        INFO(text);
        CHECK_THROWS_WITH_AS(config_from_json(text), doctest::Contains(says), Error);
    };
    refuses(R"({"vocabulary": 7, "rule": "gdn3"})", "got gdn3");
    refuses(R"({"vocabulary": 7, "output_gate": "relu"})", "got relu");
    refuses(R"({"vocabulary": 7, "decay_lower_bound": 0})", "`decay_lower_bound` must be below 0");
    refuses(R"({"vocabulary": 7, "rule": "attention", "key_dim": 3})", "`key_dim` of attention must be even");
    refuses(R"({"vocabulary": 7, "hybrid": true, "attention_heads": 64})",
            "`d_model` must be an even multiple of attention_heads, for rotary positions, got 64 and 64");
}

TEST_CASE("a model's parameters are counted before it is made") {
    ModelConfig config;
    config.vocabulary = 13;
    config.layers = 3;
    config.mixer.d_model = 12;
    config.attention_heads = 2;
    for (const Index mlp_hidden : {0, 5})
        for (const bool hybrid : {false, true}) {
            config.mlp_hidden = mlp_hidden;
            config.hybrid = hybrid;
            LanguageModel<float> model(config, 0);
            double count = 0;
            for (const Parameter<float>& p : model.parameters()) count += static_cast<double>(p.size());
            CHECK(parameter_count(config) == count);
        }
    config.vocabulary = 0;
    CHECK_THROWS_WITH_AS(parameter_count(config), "`vocabulary` must be at least 1, got 0", Error);
}

}  // namespace
}  // namespace gdn2
