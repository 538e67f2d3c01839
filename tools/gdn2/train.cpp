// gdn2 train: trains small models on a toy task, one for each mixer and seed.
//   tests  tests/tools/gdn2/train_test.cpp, train_options_test.cpp, train_kill_test.cpp
#include <fmt/format.h>
#include <malloc.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "reference/core/parallel.h"
#include "reference/io/text.h"
#include "reference/layers/mixer_options.h"
#include "reference/train/checkpoint.h"
#include "tools/gdn2/commands.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/device.h"
#include "tools/gdn2/folder_lock.h"
#include "tools/gdn2/memory_limit.h"
#include "tools/gdn2/progress.h"
#include "tools/gdn2/train_log.h"
#include "tools/gdn2/train_options.h"
#include "tools/gdn2/train_run.h"
#include "tools/gdn2/train_table.h"

namespace gdn2::tools {
namespace {

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

nlohmann::json document_of(const TrainArguments& arguments, const std::vector<FinishedRun>& runs) {
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

void print_runs(const TrainArguments& arguments, const std::vector<FinishedRun>& runs) {
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

/// How many runs go at once.
int at_once(const std::vector<RunPlan>& plans, const RunOptions& options) {
    const int threads = options.threads > 0 ? options.threads : available_threads();
    return plans.size() >= static_cast<std::size_t>(threads) ? threads : 1;
}

/// Throws Error when so many of the largest run would not fit into memory, before one begins.
void require_memory(const std::vector<RunPlan>& plans, int side_by_side) {
    const MemoryLimit limit = memory_limit();
    for (const RunPlan& plan : plans) {
        const RunSettings run = settled(plan.config, plan.training);
        const double bytes = bytes_of(run) * side_by_side;
        require(!(bytes > limit.bytes),
                fmt::format("{}: {:.0f} parameters; with their gradients and AdamW's moments{} that is {}, more than "
                            "{}, {}",
                            plan.name, parameter_count(run.config),
                            side_by_side > 1 ? fmt::format(", {} runs side by side,", side_by_side) : "",
                            gigabytes(bytes), gigabytes(limit.bytes), limit.from));
    }
}

/// As many runs as threads side by side, each on one thread: faster than all threads on one run. Fewer runs than
/// threads go one after the other, on all of them.
std::vector<FinishedRun> train_plans(const std::vector<RunPlan>& plans, RunOptions options, Index steps) {
    const InterruptWatch watch;
    const int runs_at_once = at_once(plans, options);
    const bool side_by_side = runs_at_once > 1;
    std::optional<SharedBar> bar;
    if (side_by_side) {
        bar.emplace(plans.size(), steps);
        options.on_steps = [&bar](Index taken) { bar->add(taken); };
    }
    std::vector<FinishedRun> finished(plans.size());
    parallel_for(static_cast<Index>(plans.size()), runs_at_once, [&](Index i) {
        const auto at = static_cast<std::size_t>(i);
        finished[at] = train(plans[at], options, watch);
    });
    return finished;
}

void train_all(TrainArguments arguments) {
    require(!arguments.task.empty(), "say which TASK, or --list");
    arguments.run.evaluation.threads = arguments.run.threads;
    require(!arguments.run.resume || !arguments.run.folder.empty(),
            "--resume needs -o DIR, where the earlier run's files are");
    require_device(arguments.training.device);
    const std::unique_ptr<DeltaDevice> device = make_delta_device(arguments.training.device);
    set_delta_device(device.get());
    const std::vector<RunPlan> plans = plans_of(arguments);
    for (const RunPlan& plan : plans) require_startable(plan, arguments.run);
    require_memory(plans, at_once(plans, arguments.run));
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

void run(const TrainArguments& arguments) {
    keep_large_blocks();
    if (!arguments.list)
        train_all(arguments);
    else if (arguments.as_json)
        print_json(list_document());
    else
        print_list();
}

}  // namespace

void add_train(CLI::App& program) {
    CLI::App* command =
        program.add_subcommand("train", "train small models on a toy task, one for each mixer and seed");
    const auto arguments = std::make_shared<TrainArguments>();
    add_train_options(*command, *arguments);
    command->footer(
        "Ctrl-C ends the step, writes a checkpoint and exits with code 130 (SIGTERM: 143); --resume goes "
        "on.\n"
        "Example: gdn2 train overwrite --mixer gdn2,linear_attention --seeds 3 -o runs");
    command->callback([arguments] { run(*arguments); });
}

}  // namespace gdn2::tools
