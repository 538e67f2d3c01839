// Training a language model on a task: a step draws a batch, and AdamW follows its clipped gradient. Every number of a
// run follows from its options, bit for bit, whatever the number of threads; a run that goes on from a checkpoint is
// the same run.
//   tests  tests/reference/train/trainer_test.cpp
#pragma once

#include <string>

#include "reference/model/language_model.h"
#include "reference/tasks/task.h"
#include "reference/train/adamw.h"
#include "reference/train/batch_gradient.h"
#include "reference/train/schedule.h"

namespace gdn2 {

/// What a run is, beside its model's configuration.
struct TrainingOptions {
    std::string task;  ///< "mqar:N=16,...": what make_task reads
    Index batch = 32;  ///< sequences of a step
    Schedule schedule;
    AdamWOptions adamw;
    double most_norm = 1;    ///< of the gradient, which is clipped to it; 0: no limit
    std::uint64_t seed = 0;  ///< of the first parameters and of the batches
    /// Where the memories of the delta family are computed: "cpu", or what the program has set (delta_device.h); its
    /// name is kept so that a run does not go on elsewhere unnoticed.
    std::string device = "cpu";

    bool operator==(const TrainingOptions&) const = default;
};

/// A run that could begin: the configuration has the task's vocabulary, the task all its options.
struct RunSettings {
    ModelConfig config;
    TrainingOptions training;
};

/// Throws Error on a task that is not, on options out of range, and as validate(config) does; config.vocabulary is the
/// task's, whatever it says. Nothing is drawn yet.
RunSettings settled(ModelConfig config, TrainingOptions training);

/// Bytes that a run holds from its first step on: parameters, AdamW's moments, gradients; activations come on top.
double bytes_of(const RunSettings& run);

/// What one step did.
struct StepReport {
    Index step = 0;      ///< 1 after the first
    BatchLoss on_batch;  ///< before the parameters moved
    double learning_rate = 0;
    double gradient_norm = 0;  ///< before it was clipped
    Index tokens = 0;
};

/// A run somewhere between its first and its last step.
class Trainer {
public:
    /// A new run. Throws Error as settled does. Calls `before_block` as LanguageModel does.
    Trainer(ModelConfig config, TrainingOptions options, const std::function<void()>& before_block = {});
    /// Goes on after state.steps steps. Throws Error also when the model is not for the task.
    Trainer(LanguageModel<float> model, AdamWState<float> state, TrainingOptions options);

    /// The next step. Throws Error when there is none left, and when the gradient is not finite; the parameters are
    /// then as before.
    StepReport step(int threads);

    bool done() const { return state_.steps == options_.schedule.steps; }
    Index steps() const { return state_.steps; }  ///< taken
    const TrainingOptions& options() const { return options_; }
    const Task& task() const { return task_; }
    LanguageModel<float>& model() { return model_; }
    const LanguageModel<float>& model() const { return model_; }
    const AdamWState<float>& state() const { return state_; }

private:
    TrainingOptions options_;
    Task task_;
    LanguageModel<float> model_;
    AdamWState<float> state_;
    BatchGradient<float, LanguageModel> gradient_;
};

}  // namespace gdn2
