// How a model answers the fixed questions of a task: every size the task names, sequence by sequence.
//   tests  tests/reference/train/evaluation_test.cpp
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reference/model/language_model.h"
#include "reference/tasks/score.h"

namespace gdn2 {

/// What to ask.
struct EvaluationOptions {
    std::uint64_t seed = 0;  ///< of the evaluation sets; no training batch shares a sequence with them
    Index sequences = 1000;  ///< of each size
    int threads = 0;         ///< 0: all; the answers do not depend on it
};

/// One size's score.
struct Evaluation {
    TaskSize size;
    Metrics metrics;
};

/// A token for every position of a batch, [batch * length]. Called by several threads at once.
using Answer = std::function<std::vector<TokenId>(const TaskBatch&)>;

/// Scores in the order of task.evaluation_sizes. Throws Error when sequences is not positive, and as `answer` does.
std::vector<Evaluation> evaluate(const Task& task, const Answer& answer, const EvaluationOptions& options);

/// The most likely token after each, by a model, which the result must not outlive.
template <class Scalar>
Answer answers_of(const LanguageModel<Scalar>& model);

/// Throws Error unless the model has a logit for every token of the task, and no more.
void require_vocabulary(const ModelConfig& config, const Task& task);

}  // namespace gdn2
