// One run of gdn2 train: trains, logs, evaluates, writes checkpoints and the model, and stops in order when asked to.
//   tests  tests/tools/gdn2/train_test.cpp, tests/tools/gdn2/train_kill_test.cpp
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reference/train/evaluation.h"
#include "reference/train/trainer.h"
#include "tools/gdn2/interrupt.h"

namespace gdn2::tools {

/// How to go about a run. None of it changes the model that comes out.
struct RunOptions {
    std::string folder;  ///< where its files go; empty: it writes none
    bool resume = false;
    Index checkpoint_every = 200, log_every = 10;
    Index evaluate_every = 0;  ///< steps; 0: at the end only
    EvaluationOptions evaluation;
    int threads = 0;
    std::function<void(Index)> on_steps;  ///< told how many more were taken; else a run has a bar of its own
};

/// What to train.
struct RunPlan {
    std::string name;   ///< "gdn2-seed0": of its files
    std::string mixer;  ///< "gdn2", "gdn2 hybrid": of its row in a table
    ModelConfig config;
    TrainingOptions training;
};

/// A run that has ended.
struct FinishedRun {
    std::string name, mixer;
    std::uint64_t seed = 0;
    Index parameters = 0;
    Index state = 0;     ///< numbers, after a sequence of the first evaluation size
    double seconds = 0;  ///< of its steps
    std::vector<Evaluation> evaluations;
};

/// Throws Error when the plan makes no run, and when it would overwrite an earlier one. Draws nothing yet.
void require_startable(const RunPlan& plan, const RunOptions& options);

/// Trains from the beginning, or from where an earlier run stopped. Throws Interrupted after it has written a
/// checkpoint and said so; Error when files cannot be read or written, or a checkpoint is of another run.
FinishedRun train(const RunPlan& plan, const RunOptions& options, const InterruptWatch& watch);

}  // namespace gdn2::tools
