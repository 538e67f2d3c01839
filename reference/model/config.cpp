// See config.h. One list of fields serves both directions.
#include "reference/model/config.h"

#include <nlohmann/json.hpp>
#include <set>

#include "reference/core/error.h"
#include "reference/layers/mixer_size.h"

namespace gdn2 {
namespace {

/// Calls field(name, member) for every field, in the order of a file.
template <class Config, class Field>
void each_field(Config& c, const Field& field) {
    field("rule", c.mixer.rule);
    field("vocabulary", c.vocabulary);
    field("layers", c.layers);
    field("d_model", c.mixer.d_model);
    field("mlp_hidden", c.mlp_hidden);
    field("hybrid", c.hybrid);
    field("window", c.window);
    field("attention_heads", c.attention_heads);
    field("embedding_deviation", c.embedding_deviation);
    field("heads", c.mixer.heads);
    field("value_heads", c.mixer.value_heads);
    field("key_dim", c.mixer.key_dim);
    field("value_dim", c.mixer.value_dim);
    field("conv_width", c.mixer.conv_width);
    field("conv_bias", c.mixer.conv_bias);
    field("output_gate", c.mixer.output_gate);
    field("output_gate_rank", c.mixer.output_gate_rank);
    field("decay_rank", c.mixer.decay_rank);
    field("decay_lower_bound", c.mixer.decay_lower_bound);
    field("negative_eigenvalues", c.mixer.negative_eigenvalues);
    field("A_low", c.mixer.A_low);
    field("A_high", c.mixer.A_high);
    field("mixer_window", c.mixer.window);
    field("rank", c.mixer.rank);
    field("rope_fraction", c.mixer.rope_fraction);
    field("gain", c.mixer.gain);
    field("norm_epsilon", c.mixer.norm_epsilon);
}

[[noreturn]] void refuse(const char* name, const char* expected, const nlohmann::ordered_json& given) {
    throw Error("configuration: `" + std::string(name) + "` must be " + expected + ", got " +
                given.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace).substr(0, 60));
}

void read(const char* name, const nlohmann::ordered_json& given, std::string& into) {
    if (!given.is_string()) refuse(name, "text", given);
    into = given.get<std::string>();
}
void read(const char* name, const nlohmann::ordered_json& given, bool& into) {
    if (!given.is_boolean()) refuse(name, "true or false", given);
    into = given.get<bool>();
}
void read(const char* name, const nlohmann::ordered_json& given, Index& into) {
    constexpr std::int64_t most = 1 << 24;  // products of two sizes stay countable
    if (!given.is_number_integer() || given < 0 || given > most)
        refuse(name, "a whole number from 0 to 16777216", given);
    into = given.get<Index>();
}
void read(const char* name, const nlohmann::ordered_json& given, double& into) {
    if (!given.is_number()) refuse(name, "a number", given);
    into = given.get<double>();
}
void read(const char* name, const nlohmann::ordered_json& given, std::optional<double>& into) {
    if (!given.is_null()) read(name, given, into.emplace());
}

nlohmann::ordered_json written(const std::optional<double>& value) {
    return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
}
template <class Value>
nlohmann::ordered_json written(const Value& value) {
    return value;
}

}  // namespace

std::string to_json(const ModelConfig& config) {
    nlohmann::ordered_json json;
    each_field(config, [&](const char* name, const auto& value) { json[name] = written(value); });
    return json.dump();
}

ModelConfig config_from_json(const std::string& text) {
    // What lies deeper is left out: no field does, and writing it into a message is recursive.
    const auto shallow = [](int depth, nlohmann::ordered_json::parse_event_t, const auto&) { return depth <= 1; };
    const auto json = nlohmann::ordered_json::parse(text, shallow, false);
    require(json.is_object(), "configuration: expected a JSON object");
    ModelConfig config;
    std::set<std::string> known;
    each_field(config, [&](const char* name, auto& value) {
        known.insert(name);
        if (json.contains(name)) read(name, json[name], value);
    });
    for (const auto& [name, value] : json.items())
        require(known.count(name) == 1, "configuration: unknown field `" + name.substr(0, 60) + "`");
    validate(config);
    return config;
}

MixerOptions attention_of(const ModelConfig& config) {
    MixerOptions options;
    options.rule = "attention";
    options.d_model = config.mixer.d_model;
    options.heads = config.attention_heads;
    options.key_dim = options.value_dim = config.mixer.d_model / config.attention_heads;
    options.conv_width = 0;
    options.window = config.window;
    options.gain = config.mixer.gain;
    return options;
}

void validate(const ModelConfig& config) {
    const auto at_least = [](const char* name, Index value, Index least) {
        require(value >= least, "`" + std::string(name) + "` must be at least " + std::to_string(least) + ", got " +
                                    std::to_string(value));
    };
    at_least("vocabulary", config.vocabulary, 1);
    at_least("layers", config.layers, 1);
    at_least("d_model", config.mixer.d_model, 1);
    at_least("mlp_hidden", config.mlp_hidden, 0);
    at_least("window", config.window, 1);
    at_least("attention_heads", config.attention_heads, 1);
    require(config.embedding_deviation > 0, "`embedding_deviation` must be above 0");
    require(!config.hybrid || config.mixer.d_model % config.attention_heads == 0,
            "`d_model` must be a multiple of attention_heads, got " + std::to_string(config.mixer.d_model) + " and " +
                std::to_string(config.attention_heads));
    require(!config.hybrid || config.mixer.d_model / config.attention_heads % 2 == 0,
            "`d_model` must be an even multiple of attention_heads, for rotary positions, got " +
                std::to_string(config.mixer.d_model) + " and " + std::to_string(config.attention_heads));
    validate(config.mixer);
    if (config.hybrid) validate(attention_of(config));
}

double parameter_count(const ModelConfig& config) {
    validate(config);
    const auto vocabulary = static_cast<double>(config.vocabulary), d_model = static_cast<double>(config.mixer.d_model);
    const double mlp = config.mlp_hidden == 0 ? 0 : d_model * (1 + 3 * static_cast<double>(config.mlp_hidden));
    double layer = d_model + parameter_count(config.mixer) + mlp;
    if (config.hybrid) layer += d_model + parameter_count(attention_of(config)) + mlp;
    return 2 * vocabulary * d_model + static_cast<double>(config.layers) * layer + d_model;
}

}  // namespace gdn2
