// How many answers are right, and in which way the others are wrong.
//   tests  tests/reference/tasks/score_test.cpp
#pragma once

#include <map>
#include <string>
#include <vector>

#include "reference/tasks/task.h"

namespace gdn2 {

/// A mean that can be added to: of `count` cases, `sum` hold.
struct Metric {
    double sum = 0;
    Index count = 0;

    double mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
    bool operator==(const Metric&) const = default;
};

/// By name. Only what the task's questions say is there:
///   accuracy                   questions answered right
///   accuracy A, B, NONE        the same, by part
///   accuracy 1 write ... 4+ writes   the same, by how often the key was written before
///   exact match                answers with every part right (accuracy, where answers are one token)
///   stale rate                 questions answered with an older value of the same key
///   stale of wrong             the same among the wrong answers,
///   stale of wrong by chance   and what it would be if wrong answers were drawn uniformly
using Metrics = std::map<std::string, Metric>;

/// Scores the predictions [batch * length], of which only those at questions are looked at. Throws Error when
/// there are not as many as tokens.
Metrics score(const TaskBatch& batch, const std::vector<TokenId>& predictions);

/// Adds a batch's metrics to those of others.
void add(const Metrics& more, Metrics& total);

}  // namespace gdn2
