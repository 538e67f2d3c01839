// See train_options.h.
#include "tools/gdn2/train_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <set>

#include "reference/layers/delta_family.h"
#include "reference/layers/linear.h"
#include "tools/gdn2/common.h"

namespace gdn2::tools {
namespace {

constexpr std::int64_t many = 1'000'000'000;

bool is_mimo(const std::string& rule) { return rule == "mamba3_mimo"; }
bool is_attention(const std::string& rule) { return rule == "attention"; }
bool decays_by_channel(const std::string& rule) {
    const DeltaRule* found = find_delta_rule(rule);
    return found != nullptr && found->decay == DeltaDecay::channel;
}
bool has_output_gate(const std::string& rule) { return find_delta_rule(rule) != nullptr; }

/// The names of --mixer, each once; `all` is every mixer there is.
std::vector<std::string> mixers_of(const TrainArguments& arguments) {
    std::vector<std::string> mixers;
    std::set<std::string> seen;
    const auto add = [&](const std::string& name) {
        if (seen.insert(name).second) mixers.push_back(name);
    };
    for (const std::string& name : arguments.mixers) {
        if (name != "all") add(name);
        if (name == "all")
            for (const MixerRule& rule : mixer_rules()) add(rule.name);
    }
    return mixers;
}

/// Throws Error when an option was given that changes none of the runs.
void require_of_use(const TrainArguments& a) {
    struct OfSome {
        bool given;
        bool (*fits)(const std::string& rule);
        const char *name, *whose;
    };
    const char* gates = "delta rules and linear_attention, which have an output gate";
    const std::array<OfSome, 4> options{{
        {a.rank.has_value(), is_mimo, "--rank", "mamba3_mimo"},
        {a.decay_rank.has_value(), decays_by_channel, "--decay-rank", "gdn2, its controls and kda: decays per channel"},
        {a.output_gate.has_value(), has_output_gate, "--output-gate", gates},
        {a.output_gate_rank.has_value(), has_output_gate, "--output-gate-rank", gates},
    }};
    const std::vector<std::string> mixers = mixers_of(a);
    for (const OfSome& option : options)
        require(!option.given || std::any_of(mixers.begin(), mixers.end(), option.fits),
                fmt::format("{} is for {}; not for {}", option.name, option.whose, fmt::join(mixers, ", ")));
    require(!a.window || a.config.hybrid || std::any_of(mixers.begin(), mixers.end(), is_attention),
            fmt::format("--window is for attention and for --hybrid; not for {}", fmt::join(mixers, ", ")));
    require(!a.attention_heads || a.config.hybrid, "--attention-heads is for --hybrid");
    require(!a.output_gate_rank || a.output_gate != "none", "--output-gate-rank is for an output gate, not for none");
}

/// The model's configuration. In a hybrid the window is that of the attention beside the mixer.
ModelConfig config_of(const TrainArguments& a, const std::string& rule) {
    ModelConfig config = a.config;
    MixerOptions& mixer = config.mixer;
    mixer.rule = rule;
    if (is_mimo(rule)) mixer.rank = a.rank.value_or(4);  // of Mamba-3's paper
    if (decays_by_channel(rule)) mixer.decay_rank = a.decay_rank.value_or(mixer.decay_rank);
    if (has_output_gate(rule)) {
        mixer.output_gate = a.output_gate.value_or(mixer.output_gate);
        mixer.output_gate_rank = a.output_gate_rank.value_or(mixer.output_gate_rank);
    }
    if (config.hybrid) config.window = a.window.value_or(config.window);
    if (!config.hybrid && is_attention(rule)) mixer.window = a.window.value_or(mixer.window);
    config.attention_heads = a.attention_heads.value_or(config.attention_heads);
    if (!a.published_start) return config;
    mixer.A_high = 16;
    mixer.gain = official_gain;
    return config;
}

RunPlan plan_of(const TrainArguments& arguments, const std::string& mixer, std::uint64_t seed) {
    const bool hybrid = arguments.config.hybrid;
    RunPlan plan{fmt::format("{}{}-seed{}", mixer, hybrid ? "-hybrid" : "", seed),
                 mixer + (hybrid ? " hybrid" : ""), config_of(arguments, mixer), arguments.training};
    plan.training.seed = seed;
    plan.training.task = arguments.task;
    return plan;
}

/// Adds an option that takes a whole number in [low, high].
template <class Number>
CLI::Option* add_number(CLI::App& command, const char* name, Number& number, std::int64_t low, std::int64_t high,
                        const std::string& says) {
    return command.add_option(name, number, says)->check(whole_number(low, high))->capture_default_str();
}

void add_size_options(CLI::App& command, ModelConfig& config) {
    add_number(command, "--layers", config.layers, 1, 100, "layers");
    add_number(command, "--d-model", config.mixer.d_model, 1, 8192, "channels between layers");
    add_number(command, "--heads", config.mixer.heads, 1, 256, "heads of a mixer");
    add_number(command, "--key-dim", config.mixer.key_dim, 1, 1024, "key channels of a head");
    add_number(command, "--value-dim", config.mixer.value_dim, 1, 1024, "value channels of a head");
    add_number(command, "--mlp", config.mlp_hidden, 0, 65536,
               "hidden channels of an MLP after each mixer, 0 for none");
    command.add_flag("--hybrid", config.hybrid, "sliding-window attention after each mixer");
}

void add_form_options(CLI::App& command, TrainArguments& a) {
    add_number(command, "--window", a.window, 1, 1'000'000,
               "tokens that attention sees: the hybrid's (else 16), or the mixer's (else all)");
    add_number(command, "--attention-heads", a.attention_heads, 1, 256, "heads of the hybrid's attention (else 1)");
    add_number(command, "--rank", a.rank, 1, 64, "keys and values a token of mamba3_mimo (else 4)");
    add_number(command, "--decay-rank", a.decay_rank, 1, 8192,
               "width between the two maps of a decay per channel (else one map)");
    command.add_option("--output-gate", a.output_gate, "activation of the output gate (else silu)")
        ->check(CLI::IsMember({"silu", "sigmoid", "none"}));
    add_number(command, "--output-gate-rank", a.output_gate_rank, 1, 8192,
               "width between the two maps of the output gate (else one map)");
    command.add_flag("--published-start", a.published_start,
                     "first parameters as published: A uniform from 1 to 16, gain 2^-2.5; else A = 1, gain 1");
}

void add_training_options(CLI::App& command, TrainArguments& arguments) {
    TrainingOptions& training = arguments.training;
    add_number(command, "--steps", training.schedule.steps, 1, many, "steps of training");
    add_number(command, "--batch", training.batch, 1, 65536, "sequences of a step");
    command
        .add_option("--lr", training.schedule.peak,
                    "learning rate after a warm-up of 5 % of the steps; then a cosine")
        ->capture_default_str();
    command.add_option("--weight-decay", training.adamw.weight_decay, "AdamW's, of matrices")
        ->capture_default_str();
    command.add_option("--clip", training.most_norm, "the largest norm of a step's gradient, 0 for any")
        ->capture_default_str();
    command
        .add_option("--device", training.device,
                    "where the memories of the delta family are computed, forward and backward, in float32: cpu, "
                    "emulator or cuda")
        ->check(CLI::IsMember({"cpu", "emulator", "cuda"}))
        ->capture_default_str();
    add_number(command, "--seed", training.seed, 0, many, "of first parameters and batches");
    add_number(command, "--seeds", arguments.seeds, 1, 1000, "train with so many seeds, from --seed on");
}

void add_run_options(CLI::App& command, RunOptions& run) {
    command.add_option("-o,--output", run.folder, "folder for models, checkpoints and logs; made if need be")
        ->check([](const std::string& name) { return name.empty() ? "names no folder" : ""; });
    command.add_flag("--resume", run.resume,
                     "go on with what is in the folder; runs that have ended stay as they are");
    add_number(command, "--checkpoint-every", run.checkpoint_every, 1, many, "steps between checkpoints");
    add_number(command, "--log-every", run.log_every, 1, many, "steps between lines of the log");
    add_number(command, "--eval-every", run.evaluate_every, 0, many,
               "steps between evaluations, 0 for one at the end");
    add_number(command, "--eval-sequences", run.evaluation.sequences, 1, 10'000'000,
               "sequences of each evaluation size");
    add_number(command, "--threads", run.threads, 0, max_threads,
               "threads, 0 for all; they do not change the model");
}

}  // namespace

TrainArguments::TrainArguments() { training.schedule.steps = 1800; }

void add_train_options(CLI::App& command, TrainArguments& arguments) {
    std::vector<std::string> names{"all"};
    for (const MixerRule& rule : mixer_rules()) names.push_back(rule.name);
    command.add_option("TASK", arguments.task, "a name of --list, with options: overwrite:M=8,W=24");
    command.add_option("--mixer", arguments.mixers, "names with commas between them, or all")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(names))
        ->capture_default_str();
    add_size_options(command, arguments.config);
    add_form_options(command, arguments);
    add_training_options(command, arguments);
    add_run_options(command, arguments.run);
    command.add_flag("--list", arguments.list, "print the tasks and mixers there are");
    command.add_flag("--json", arguments.as_json, "print a JSON document (docs/json.md)");
}

std::vector<RunPlan> plans_of(const TrainArguments& arguments) {
    require_of_use(arguments);
    std::vector<RunPlan> plans;
    for (Index i = 0; i < arguments.seeds; ++i)
        for (const std::string& mixer : mixers_of(arguments))
            plans.push_back(plan_of(arguments, mixer, arguments.training.seed + static_cast<std::uint64_t>(i)));
    return plans;
}

}  // namespace gdn2::tools
