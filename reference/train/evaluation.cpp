// See evaluation.h.
#include "reference/train/evaluation.h"

#include <algorithm>

#include "reference/core/parallel.h"
#include "reference/layers/cross_entropy.h"

namespace gdn2 {
namespace {

constexpr Index sequences_at_once = 16;

Evaluation evaluate_size(const Task& task, const TaskSize& size, const Answer& answer,
                         const EvaluationOptions& options) {
    const Index pieces = (options.sequences + sequences_at_once - 1) / sequences_at_once;
    std::vector<Metrics> scores(static_cast<std::size_t>(pieces));
    parallel_for(pieces, options.threads, [&](Index piece) {
        const Index first = piece * sequences_at_once,
                    count = std::min(sequences_at_once, options.sequences - first);
        const TaskBatch batch = evaluation_batch(task, options.seed, first, count, size);
        scores[static_cast<std::size_t>(piece)] = score(batch, answer(batch));
    });
    Evaluation evaluation{size, {}};
    for (const Metrics& metrics : scores) add(metrics, evaluation.metrics);
    return evaluation;
}

}  // namespace

std::vector<Evaluation> evaluate(const Task& task, const Answer& answer, const EvaluationOptions& options) {
    require(options.sequences > 0, "an evaluation needs sequences, not " + std::to_string(options.sequences));
    std::vector<Evaluation> evaluations;
    for (const TaskSize& size : task.evaluation_sizes)
        evaluations.push_back(evaluate_size(task, size, answer, options));
    return evaluations;
}

template <class Scalar>
Answer answers_of(const LanguageModel<Scalar>& model) {
    return [&model](const TaskBatch& batch) {
        return largest_columns(model.forward(batch.tokens, batch.batch));
    };
}

void require_vocabulary(const ModelConfig& config, const Task& task) {
    require(config.vocabulary == task.tokens.size(), "a model of " + std::to_string(config.vocabulary) +
                                                         " tokens cannot answer " + task.spec() +
                                                         ", which has " + std::to_string(task.tokens.size()));
}

template Answer answers_of(const LanguageModel<float>&);
template Answer answers_of(const LanguageModel<double>&);

}  // namespace gdn2
