// See trainer.h.
#include "reference/train/trainer.h"

#include <cmath>
#include <functional>
#include <utility>

#include "reference/io/text.h"
#include "reference/train/evaluation.h"

namespace gdn2 {
namespace {

void require_between(const char* name, double value, double low, double high) {
    require(low <= value && value <= high, std::string("`") + name + "` must be from " + io::number(low) +
                                               " to " + io::number(high) + ", got " + io::number(value));
}

TrainingOptions validated(TrainingOptions options) {
    const Schedule& schedule = options.schedule;
    const AdamWOptions& adamw = options.adamw;
    require(options.batch >= 1, "`batch` must be at least 1, got " + std::to_string(options.batch));
    require(schedule.steps >= 1, "`steps` must be at least 1, got " + std::to_string(schedule.steps));
    require_between("learning_rate", schedule.peak, 0, 1e3);
    require_between("warm_up", schedule.warm_up, 0, 1);
    require_between("last", schedule.last, 0, 1);
    require(adamw.beta1 >= 0 && adamw.beta1 < 1, "`beta1` must be in [0, 1), got " + io::number(adamw.beta1));
    require(adamw.beta2 >= 0 && adamw.beta2 < 1, "`beta2` must be in [0, 1), got " + io::number(adamw.beta2));
    require_between("epsilon", adamw.epsilon, 1e-30, 1);
    require_between("weight_decay", adamw.weight_decay, 0, 1e3);
    require_between("most_norm", options.most_norm, 0, 1e30);
    return options;
}

LanguageModel<float> first_model(ModelConfig config, const TrainingOptions& options,
                                 const std::function<void()>& before_block) {
    return {settled(std::move(config), options).config, options.seed, before_block};
}

}  // namespace

RunSettings settled(ModelConfig config, TrainingOptions training) {
    training = validated(std::move(training));
    const Task task = make_task(training.task);
    training.task = task.spec();
    config.vocabulary = task.tokens.size();
    validate(config);
    return {std::move(config), std::move(training)};
}

double bytes_of(const RunSettings& run) {
    constexpr Index group = BatchGradient<float, LanguageModel>::group_size;
    const Index gradients = (run.training.batch + group - 1) / group;
    return parameter_count(run.config) * static_cast<double>(sizeof(float)) * static_cast<double>(3 + gradients);
}

Trainer::Trainer(ModelConfig config, TrainingOptions options, const std::function<void()>& before_block)
    : options_(validated(std::move(options))),
      task_(make_task(options_.task)),
      model_(first_model(std::move(config), options_, before_block)),
      state_(adamw_start(model_.parameters())) {
    options_.task = task_.spec();
}

Trainer::Trainer(LanguageModel<float> model, AdamWState<float> state, TrainingOptions options)
    : options_(validated(std::move(options))),
      task_(make_task(options_.task)),
      model_(std::move(model)),
      state_(std::move(state)) {
    options_.task = task_.spec();
    require_vocabulary(model_.config(), task_);
    require(state_.steps >= 0 && state_.steps <= options_.schedule.steps,
            "a run of " + std::to_string(options_.schedule.steps) + " steps cannot have taken " +
                std::to_string(state_.steps));
}

StepReport Trainer::step(int threads) {
    StepReport report;
    report.learning_rate = learning_rate(options_.schedule, steps());
    const TaskBatch batch = training_batch(task_, options_.seed, steps(), options_.batch);
    report.tokens = batch.batch.tokens();
    report.on_batch = gradient_.compute(model_, {batch.batch, batch.tokens, batch.targets}, threads);

    const Parameters<float> gradients = gradient_.gradients();
    report.gradient_norm = norm_of(gradients);
    require(std::isfinite(report.gradient_norm),
            "step " + std::to_string(steps() + 1) + ": the gradient's norm is " +
                io::number(report.gradient_norm) + "; a smaller learning rate may help");
    clip(gradients, report.gradient_norm, options_.most_norm);
    adamw_step(model_.parameters(), gradients, report.learning_rate, options_.adamw, state_);
    report.step = steps();
    return report;
}

}  // namespace gdn2
