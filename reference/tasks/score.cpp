// See score.h.
#include "reference/tasks/score.h"

#include <algorithm>

namespace gdn2 {
namespace {

void count(const std::string& name, double holds, Metrics& metrics) {
    metrics[name].sum += holds;
    metrics[name].count += 1;
}

std::string by_writes(Index writes) {
    return "accuracy " + (writes < 4 ? std::to_string(writes) : "4+") + (writes == 1 ? " write" : " writes");
}

void count_staleness(const Question& question, TokenId target, TokenId prediction, Metrics& metrics) {
    const auto& older = question.older;
    const bool stale = std::find(older.begin(), older.end(), prediction) != older.end();
    count("stale rate", stale, metrics);
    if (prediction == target) return;
    count("stale of wrong", stale, metrics);
    const auto others = static_cast<double>(question.choices - 1);
    count("stale of wrong by chance", static_cast<double>(older.size()) / others, metrics);
}

void count_question(const Question& question, TokenId target, TokenId prediction, Metrics& metrics) {
    const bool right = prediction == target;
    count("accuracy", right, metrics);
    if (!question.part.empty()) count("accuracy " + question.part, right, metrics);
    if (question.writes > 0) count(by_writes(question.writes), right, metrics);
    if (question.choices > 1) count_staleness(question, target, prediction, metrics);
}

}  // namespace

Metrics score(const TaskBatch& batch, const std::vector<TokenId>& predictions) {
    require(predictions.size() == batch.tokens.size(),
            "expected a prediction for each of " + std::to_string(batch.tokens.size()) + " tokens, not " +
                std::to_string(predictions.size()));
    Metrics metrics;
    for (std::size_t s = 0; s < batch.questions.size(); ++s) {
        std::map<Index, bool> answers;
        for (const Question& question : batch.questions[s]) {
            const auto row = s * static_cast<std::size_t>(batch.batch.length) +
                             static_cast<std::size_t>(question.position);
            count_question(question, batch.targets[row], predictions[row], metrics);
            bool& all_right = answers.try_emplace(question.answer, true).first->second;
            all_right = all_right && predictions[row] == batch.targets[row];
        }
        for (const auto& [answer, right] : answers) count("exact match", right, metrics);
    }
    return metrics;
}

void add(const Metrics& more, Metrics& total) {
    for (const auto& [name, metric] : more) {
        total[name].sum += metric.sum;
        total[name].count += metric.count;
    }
}

}  // namespace gdn2
