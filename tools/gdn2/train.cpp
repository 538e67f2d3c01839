// gdn2 train: trains small models on a toy task, one for each mixer and seed.
//   tests  tests/tools/gdn2/train_test.cpp, tests/tools/gdn2/train_kill_test.cpp
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "reference/core/parallel.h"
#include "reference/io/text.h"
#include "reference/layers/mixer_options.h"
#include "reference/train/checkpoint.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/folder_lock.h"
#include "tools/gdn2/progress.h"
#include "tools/gdn2/train_log.h"
#include "tools/gdn2/train_run.h"
#include "tools/gdn2/train_table.h"

namespace gdn2::tools {
namespace {

struct Arguments {
    std::string task;
    std::vector<std::string> mixers{"gdn2"};
    Index seeds = 1;
    ModelConfig config;
    TrainingOptions training;
    RunOptions run;
    bool list = false, as_json = false;

    Arguments() {
        training.schedule.steps = 1800;
        config.mixer.rank = 4;  // of Mamba-3's paper
    }
};

/// The names of --mixer, each once; `all` is every mixer there is.
std::vector<std::string> mixers_of(const Arguments& arguments) {
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

RunPlan plan_of(const Arguments& arguments, const std::string& mixer, std::uint64_t seed) {
    const bool hybrid = arguments.config.hybrid;
    RunPlan plan{fmt::format("{}{}-seed{}", mixer, hybrid ? "-hybrid" : "", seed),
                 mixer + (hybrid ? " hybrid" : ""), arguments.config, arguments.training};
    plan.config.mixer.rule = mixer;
    if (mixer != "mamba3_mimo") plan.config.mixer.rank = 1;
    plan.training.seed = seed;
    plan.training.task = arguments.task;
    return plan;
}

/// Every mixer with the first seed, then with the next: what is compared is trained side by side.
std::vector<RunPlan> plans_of(const Arguments& arguments) {
    std::vector<RunPlan> plans;
    for (Index i = 0; i < arguments.seeds; ++i)
        for (const std::string& mixer : mixers_of(arguments))
            plans.push_back(
                plan_of(arguments, mixer, arguments.training.seed + static_cast<std::uint64_t>(i)));
    return plans;
}

void make_folder(const RunOptions& options) {
    if (options.folder.empty()) return;
    std::error_code failure;
    std::filesystem::create_directory(options.folder, failure);
    require(std::filesystem::is_directory(options.folder),
            io::quote_file(options.folder) + ": is no directory and cannot be made one");
}

void print_list() {
    fmt::print("tasks, with their options as TASK:NAME=VALUE,NAME=VALUE\n");
    for (const TaskKind& kind : task_kinds()) {
        fmt::print("  {:<20} {}\n", kind.name, kind.one_line);
        for (const TaskOption& option : kind.options)
            fmt::print("  {:<20}   {}={}  {}\n", "", option.name, option.value, option.means);
    }
    fmt::print("mixers\n");
    for (const MixerRule& rule : mixer_rules()) fmt::print("  {:<20} {}\n", rule.name, rule.says);
}

nlohmann::json list_document() {
    nlohmann::json document = new_document("train"), tasks = nlohmann::json::array(), mixers = tasks;
    for (const TaskKind& kind : task_kinds()) {
        nlohmann::json options = nlohmann::json::object();
        for (const TaskOption& option : kind.options) options[option.name] = option.value;
        tasks.push_back({{"name", kind.name}, {"asks", kind.one_line}, {"options", options}});
    }
    for (const MixerRule& rule : mixer_rules()) mixers.push_back({{"name", rule.name}, {"is", rule.says}});
    document["tasks"] = std::move(tasks);
    document["mixers"] = std::move(mixers);
    return document;
}

nlohmann::json document_of(const Arguments& arguments, const std::vector<FinishedRun>& runs) {
    nlohmann::json document = new_document("train"), entries = nlohmann::json::array();
    for (const FinishedRun& run : runs)
        entries.push_back({{"name", run.name},
                           {"mixer", run.mixer},
                           {"seed", run.seed},
                           {"parameters", run.parameters},
                           {"state", run.state},
                           {"seconds", run.seconds},
                           {"evaluation", to_json(run.evaluations)}});
    document["task"] = make_task(arguments.task).spec();
    document["steps"] = arguments.training.schedule.steps;
    document["batch"] = arguments.training.batch;
    document["sequences"] = arguments.run.evaluation.sequences;
    document["runs"] = std::move(entries);
    return document;
}

void print_runs(const Arguments& arguments, const std::vector<FinishedRun>& runs) {
    fmt::print("{}: {} of {}, {}; evaluated on {} of each size\n\n", make_task(arguments.task).spec(),
               counted(arguments.training.schedule.steps, "step"),
               counted(arguments.training.batch, "sequence"), counted(arguments.seeds, "seed"),
               counted(arguments.run.evaluation.sequences, "sequence"));
    fmt::print("{}", table_of(runs));
}

/// One bar for runs side by side.
class SharedBar {
public:
    SharedBar(std::size_t runs, Index steps)
        : bar_(counted(static_cast<Index>(runs), "run")), total_(static_cast<Index>(runs) * steps) {}

    /// Some of the steps of a run, taken by an earlier program when `taken` is more than 1.
    void add(Index taken) {
        const std::lock_guard lock(mutex_);
        done_ += taken;
        fresh_ += taken == 1;
        const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
        const double left =
            seconds * static_cast<double>(total_ - done_) / static_cast<double>(std::max<Index>(fresh_, 1));
        bar_.update(done_, total_, "  " + minutes(left) + " left");
    }

private:
    using Clock = std::chrono::steady_clock;

    Progress bar_;
    Index total_, done_ = 0, fresh_ = 0;
    Clock::time_point start_ = Clock::now();
    std::mutex mutex_;
};

/// As many runs as threads side by side, each on one thread: faster than all threads on one run. Fewer runs than threads
/// go one after the other, on all of them.
std::vector<FinishedRun> train_plans(const std::vector<RunPlan>& plans, RunOptions options, Index steps) {
    const InterruptWatch watch;
    const int threads = options.threads > 0 ? options.threads : available_threads();
    const bool side_by_side = threads > 1 && plans.size() >= static_cast<std::size_t>(threads);
    std::optional<SharedBar> bar;
    if (side_by_side) {
        bar.emplace(plans.size(), steps);
        options.on_steps = [&bar](Index taken) { bar->add(taken); };
    }
    std::vector<FinishedRun> finished(plans.size());
    parallel_for(static_cast<Index>(plans.size()), side_by_side ? threads : 1, [&](Index i) {
        const auto at = static_cast<std::size_t>(i);
        finished[at] = train(plans[at], options, watch);
    });
    return finished;
}

void train_all(Arguments arguments) {
    require(!arguments.task.empty(), "say which TASK, or --list");
    arguments.run.evaluation.threads = arguments.run.threads;
    require(!arguments.run.resume || !arguments.run.folder.empty(),
            "--resume needs -o DIR, where the earlier run's files are");
    const std::vector<RunPlan> plans = plans_of(arguments);
    for (const RunPlan& plan : plans) require_startable(plan, arguments.run);
    make_folder(arguments.run);
    const FolderLock lock(arguments.run.folder);
    if (arguments.run.folder.empty()) say("gdn2 train: without -o DIR the models are not kept");

    const std::vector<FinishedRun> finished =
        train_plans(plans, arguments.run, arguments.training.schedule.steps);
    if (arguments.as_json)
        print_json(document_of(arguments, finished));
    else
        print_runs(arguments, finished);
}

/// The allocator hands large blocks back to the kernel, and every step would fault the same pages in again.
void keep_large_blocks() {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

void run(const Arguments& arguments) {
    keep_large_blocks();
    if (!arguments.list)
        train_all(arguments);
    else if (arguments.as_json)
        print_json(list_document());
    else
        print_list();
}

/// Adds an option that takes a whole number in [low, high].
template <class Number>
void add_number(CLI::App& command, const char* name, Number& number, std::int64_t low, std::int64_t high,
                const char* says) {
    command.add_option(name, number, says)->check(whole_number(low, high))->capture_default_str();
}

void add_model_options(CLI::App& command, ModelConfig& config) {
    add_number(command, "--layers", config.layers, 1, 100, "layers");
    add_number(command, "--d-model", config.mixer.d_model, 1, 8192, "channels between layers");
    add_number(command, "--heads", config.mixer.heads, 1, 256, "heads of a mixer");
    add_number(command, "--key-dim", config.mixer.key_dim, 1, 1024, "key channels of a head");
    add_number(command, "--value-dim", config.mixer.value_dim, 1, 1024, "value channels of a head");
    add_number(command, "--rank", config.mixer.rank, 1, 64, "keys and values a token of mamba3_mimo");
    add_number(command, "--mlp", config.mlp_hidden, 0, 65536,
               "hidden channels of an MLP after each mixer, 0 for none");
    command.add_flag("--hybrid", config.hybrid, "sliding-window attention after each mixer");
    add_number(command, "--window", config.window, 1, 1'000'000, "tokens that the hybrid's attention sees");
}

void add_training_options(CLI::App& command, Arguments& arguments) {
    TrainingOptions& training = arguments.training;
    constexpr std::int64_t many = 1'000'000'000;
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
    add_number(command, "--seed", training.seed, 0, many, "of first parameters and batches");
    add_number(command, "--seeds", arguments.seeds, 1, 1000, "train with so many seeds, from --seed on");
}

void add_run_options(CLI::App& command, RunOptions& run) {
    constexpr std::int64_t many = 1'000'000'000;
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

void add_train(CLI::App& program) {
    CLI::App* command =
        program.add_subcommand("train", "train small models on a toy task, one for each mixer and seed");
    const auto arguments = std::make_shared<Arguments>();
    std::vector<std::string> names{"all"};
    for (const MixerRule& rule : mixer_rules()) names.push_back(rule.name);
    command->add_option("TASK", arguments->task, "a name of --list, with options: overwrite:M=8,W=24");
    command->add_option("--mixer", arguments->mixers, "names with commas between them, or all")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(names))
        ->capture_default_str();
    add_model_options(*command, arguments->config);
    add_training_options(*command, *arguments);
    add_run_options(*command, arguments->run);
    command->add_flag("--list", arguments->list, "print the tasks and mixers there are");
    command->add_flag("--json", arguments->as_json, "print a JSON document (docs/json.md)");
    command->footer(
        "Ctrl-C ends the step, writes a checkpoint and exits with code 130 (SIGTERM: 143); --resume goes "
        "on.\n"
        "Example: gdn2 train overwrite --mixer gdn2,linear_attention --seeds 3 -o runs");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
