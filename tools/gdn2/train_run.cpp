// See train_run.h. A log line is on disk before the checkpoint that comes after it, and the last checkpoint before the
// model: wherever a run is killed, what is there can be gone on with.
#include "tools/gdn2/train_run.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "reference/io/file.h"
#include "reference/io/text.h"
#include "reference/model/model_file.h"
#include "reference/train/checkpoint.h"
#include "tools/gdn2/common.h"
#include "tools/gdn2/progress.h"
#include "tools/gdn2/train_log.h"

namespace gdn2::tools {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

/// The files of a run.
struct Paths {
    std::string model, checkpoint, log;

    Paths(const RunPlan& plan, const RunOptions& options) {
        if (options.folder.empty()) return;
        const std::string start = options.folder + "/" + plan.name;
        model = start + ".safetensors";
        checkpoint = start + ".checkpoint.safetensors";
        log = start + ".jsonl";
    }
};

/// Throws Error naming the first field in which a checkpoint's options are not those asked for.
void require_same(const std::string& found, const std::string& asked) {
    const json there = json::parse(found).flatten(), here = json::parse(asked).flatten();
    for (const auto& [name, value] : here.items()) {
        const auto other = there.find(name);
        require(other != there.end() && *other == value,
                fmt::format("is of another run: its `{}` is {}, not {}", name.substr(1),
                            other == there.end() ? "absent" : other->dump(), value.dump()));
    }
}

Trainer resumed(const RunPlan& plan, const std::string& file) {
    const io::Archive archive = io::read_file(file);
    return io::naming(file, [&] {
        Trainer trainer = trainer_of(archive);
        const RunSettings asked = settled(plan.config, plan.training);
        require_same(to_json(trainer.options()), to_json(asked.training));
        require_same(to_json(trainer.model().config()), to_json(asked.config));
        return trainer;
    });
}

/// The run's first parameters. Asked to stop meanwhile, it throws Interrupted: there is nothing to keep.
Trainer begun(const RunPlan& plan, const InterruptWatch& watch) {
    return Trainer(plan.config, plan.training, [&] {
        if (watch.signal() == 0) return;
        say("gdn2 train: " + plan.name + ": stopped before its first step");
        throw Interrupted{watch.signal()};
    });
}

/// False also where the folder may not be looked into: what is then written or read says why.
bool is_there(const std::string& file) {
    std::error_code failure;
    return fs::exists(file, failure);
}

/// What a run that was killed left of a file it was writing.
void remove_remains(const std::string& folder, const std::string& run) {
    std::vector<fs::path> remains;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with(run + ".") && name.find(".partial-") != std::string::npos)
            remains.push_back(entry.path());
    }
    for (const fs::path& file : remains) fs::remove(file);
}

Index parameter_count(LanguageModel<float>& model) {
    Index count = 0;
    for (const Parameter<float>& parameter : model.parameters()) count += parameter.size();
    return count;
}

/// A run while it goes on.
class Run {
public:
    Run(const RunPlan& plan, const RunOptions& options, const InterruptWatch& watch)
        : plan_(plan),
          options_(options),
          watch_(watch),
          paths_(plan, options),
          resumes_(options.resume && is_there(paths_.checkpoint)),
          trainer_(resumes_ ? resumed(plan, paths_.checkpoint) : begun(plan, watch)),
          log_(resumes_ ? TrainLog(paths_.log, trainer_.steps()) : TrainLog(paths_.log)),
          seconds_(log_.seconds()) {
        if (options.resume) remove_remains(options.folder, plan.name);
    }

    FinishedRun to_the_end() {
        try {
            return trained();
        } catch (const Interrupted&) {
            throw;
        } catch (...) {
            if (!diverged_ && !paths_.log.empty() && !is_there(paths_.checkpoint)) remove_log();
            throw;
        }
    }

private:
    FinishedRun trained() {
        take_steps();
        stop_if_asked();
        FinishedRun finished{
            plan_.name, plan_.mixer, trainer_.options().seed, parameter_count(trainer_.model()), state_size(),
            seconds_,   evaluation()};
        log_.evaluation(trainer_.steps(), finished.evaluations, true);
        write_checkpoint();
        write_model();
        return finished;
    }

    /// Of a run of which nothing else is left: a log without a checkpoint cannot be gone on with.
    void remove_log() const {
        std::error_code failure;
        fs::remove(paths_.log, failure);
    }

    /// Until the last step, or the one in which it was asked to stop.
    void take_steps() {
        Progress bar(plan_.name);
        const Index first = trainer_.steps();
        const double seconds_before = seconds_;
        if (options_.on_steps) options_.on_steps(first);
        while (!trainer_.done() && watch_.signal() == 0) {
            const StepReport report = timed_step();
            const double per_step = (seconds_ - seconds_before) / static_cast<double>(report.step - first);
            if (options_.on_steps)
                options_.on_steps(1);
            else
                bar.update(report.step, steps(), note(report, per_step));
            if (due(options_.evaluate_every) && !trainer_.done())
                log_.evaluation(report.step, evaluation(), false);
            if (due(options_.checkpoint_every)) write_checkpoint();
        }
    }

    StepReport timed_step() {
        const Clock::time_point start = Clock::now();
        const StepReport report = step();
        const double taken = std::chrono::duration<double>(Clock::now() - start).count();
        seconds_ += taken;
        tokens_per_second_ = static_cast<double>(report.tokens) / taken;
        if (due(options_.log_every) || report.step == 1) log_.step(report, tokens_per_second_, seconds_);
        return report;
    }

    /// The trainer's next step. One of many runs, it says whose loss was not finite, and where that can be looked at.
    StepReport step() {
        try {
            return trainer_.step(options_.threads);
        } catch (const Error& error) {
            diverged_ = true;
            const std::string log = paths_.log.empty() ? "" : "; its log stays: " + io::quote_file(paths_.log);
            throw Error(plan_.name + ": " + error.what() + log);
        }
    }

    std::string note(const StepReport& report, double seconds_per_step) const {
        const double accuracy =
            static_cast<double>(report.on_batch.correct) / static_cast<double>(report.on_batch.counted);
        const double left = seconds_per_step * static_cast<double>(steps() - report.step);
        return fmt::format("  loss {:.3f}  accuracy {:.2f}  {:.0f}k tokens/s  {} left", report.on_batch.loss,
                           accuracy, tokens_per_second_ / 1000, minutes(left));
    }

    void stop_if_asked() {
        if (watch_.signal() == 0) return;
        write_checkpoint();
        const std::string where =
            fmt::format("{}: stopped after step {} of {}", plan_.name, trainer_.steps(), steps());
        say("gdn2 train: " + where +
            (paths_.checkpoint.empty() ? "; without -o nothing was kept"
                                       : "; the same command with --resume goes on"));
        throw Interrupted{watch_.signal()};
    }

    void write_checkpoint() {
        if (!paths_.checkpoint.empty()) io::write_file(paths_.checkpoint, checkpoint_of(trainer_));
    }

    void write_model() {
        if (paths_.model.empty()) return;
        io::Archive archive = archive_of(trainer_.model());
        archive.metadata["task"] = trainer_.options().task;
        archive.metadata["training"] = to_json(trainer_.options());
        io::write_file(paths_.model, archive);
    }

    std::vector<Evaluation> evaluation() const {
        return evaluate(trainer_.task(), answers_of(trainer_.model()), options_.evaluation);
    }

    Index state_size() const {
        const TaskSize& size = trainer_.task().evaluation_sizes.front();
        return trainer_.model().state_size(evaluation_batch(trainer_.task(), 0, 0, 1, size).batch.length);
    }

    bool due(Index every) const { return every > 0 && trainer_.steps() % every == 0; }
    Index steps() const { return trainer_.options().schedule.steps; }

    const RunPlan& plan_;
    const RunOptions& options_;
    const InterruptWatch& watch_;
    Paths paths_;
    bool resumes_;
    Trainer trainer_;
    TrainLog log_;
    double seconds_;
    double tokens_per_second_ = 0;
    bool diverged_ = false;
};

}  // namespace

void require_startable(const RunPlan& plan, const RunOptions& options) {
    (void)settled(plan.config, plan.training);
    if (options.folder.empty()) return;
    const Paths paths(plan, options);
    for (const std::string& file : {paths.checkpoint, paths.model})
        require(options.resume || !is_there(file),
                io::quote_file(file) + ": is there already; --resume goes on with it, another -o leaves it");
    require(is_there(paths.checkpoint) || !is_there(paths.model),
            io::quote_file(paths.model) + ": is there, but not its checkpoint; another -o leaves it");
}

FinishedRun train(const RunPlan& plan, const RunOptions& options, const InterruptWatch& watch) {
    return Run(plan, options, watch).to_the_end();
}

}  // namespace gdn2::tools
