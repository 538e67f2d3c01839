// Metrics of a batch made by hand, every number worked out on paper.
#include "reference/tasks/score.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace gdn2;

namespace {

/// Two sequences of three tokens. The first asks at 1 and 2 for one answer of two parts; the second at 0 and 2.
TaskBatch by_hand() {
    TaskBatch batch;
    batch.batch = {2, 3};
    batch.tokens = {0, 0, 0, 0, 0, 0};
    batch.targets = {no_target, 5, 6, 7, no_target, 8};
    batch.questions = {{{1, 0, 0, {}, 0, ""}, {2, 0, 0, {}, 0, ""}},
                       {{0, 0, 1, {}, 5, "A"}, {2, 1, 4, {5, 6}, 5, "NONE"}}};
    return batch;
}

}  // namespace

TEST_CASE("all right is all right") {
    const Metrics metrics = score(by_hand(), {99, 5, 6, 7, 99, 8});
    const Metrics expected{{"accuracy", {4, 4}},         {"exact match", {3, 3}},
                           {"accuracy A", {1, 1}},       {"accuracy NONE", {1, 1}},
                           {"accuracy 1 write", {1, 1}}, {"accuracy 4+ writes", {1, 1}},
                           {"stale rate", {0, 2}}};
    CHECK(metrics == expected);
}

TEST_CASE("half an answer is no match and an older value is stale") {
    const Metrics metrics = score(by_hand(), {99, 5, 5, 5, 99, 6});
    CHECK(metrics.at("accuracy") == Metric{1, 4});
    CHECK(metrics.at("exact match") == Metric{0, 3});
    CHECK(metrics.at("stale rate") == Metric{1, 2});
    CHECK(metrics.at("stale of wrong") == Metric{1, 2});
    CHECK(metrics.at("stale of wrong by chance") == Metric{0.5, 2});  // 2 of the 4 others, and 0
    CHECK(score(by_hand(), {99, 6, 6, 7, 99, 8}).at("exact match") ==
          Metric{2, 3});  // the last part is right
}

TEST_CASE("a wrong value that was never there is not stale") {
    const Metrics metrics = score(by_hand(), {99, 5, 6, 7, 99, 9});
    CHECK(metrics.at("stale rate") == Metric{0, 2});
    CHECK(metrics.at("stale of wrong") == Metric{0, 1});
    CHECK(metrics.at("accuracy 4+ writes") == Metric{0, 1});
    CHECK(metrics.at("accuracy 1 write") == Metric{1, 1});
}

TEST_CASE("metrics of batches add up") {
    Metrics total = score(by_hand(), {99, 5, 6, 7, 99, 8});
    add(score(by_hand(), {99, 5, 5, 5, 99, 6}), total);
    CHECK(total.at("accuracy") == Metric{5, 8});
    CHECK(total.at("accuracy").mean() == doctest::Approx(0.625));
    CHECK(total.at("stale of wrong") == Metric{1, 2});
    CHECK(Metric{}.mean() == 0);
}

TEST_CASE("predictions that are not one for each token are refused") {
    CHECK_THROWS_WITH_AS(score(by_hand(), {1, 2}), "expected a prediction for each of 6 tokens, not 2",
                         Error);
}

TEST_CASE("answering the targets scores 1 everywhere and on every task") {
    for (const TaskKind& kind : task_kinds()) {
        const Task task = make_task(kind.name);
        const TaskBatch batch = training_batch(task, 1, 0, 8);
        for (const auto& [name, metric] : score(batch, batch.targets))
            CHECK(metric.mean() == (name == "stale rate" ? 0 : 1));
        for (const auto& [name, metric] : score(batch, std::vector<TokenId>(batch.tokens.size(), no_target)))
            if (name != "stale of wrong by chance") CHECK(metric.sum == 0);
    }
}

TEST_CASE("answering the first value of every key is right once and stale after") {
    const Task task = make_task("overwrite:values=4096");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 50, task.evaluation_sizes.front());
    std::vector<TokenId> first(batch.tokens.size(), no_target);
    for (Index row = 0; row < batch.batch.tokens(); ++row) {
        const auto begin = batch.tokens.begin() + row / batch.batch.length * batch.batch.length;
        first[static_cast<std::size_t>(row)] =
            *(std::find(begin, batch.tokens.end(), batch.tokens[static_cast<std::size_t>(row)]) + 1);
    }
    const Metrics metrics = score(batch, first);
    CHECK(metrics.at("accuracy 1 write").mean() == 1);
    CHECK(metrics.at("accuracy 2 writes").mean() < 0.02);
    CHECK(metrics.at("stale of wrong").mean() == 1);
    CHECK(metrics.at("stale of wrong by chance").mean() < 0.01);
}
