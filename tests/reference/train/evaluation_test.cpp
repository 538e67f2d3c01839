// The evaluation set asked of answerers that are known: one that is always right, one that never is.
#include "reference/train/evaluation.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "tests/reference/train/small_run.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

std::vector<TokenId> right(const TaskBatch& batch) { return batch.targets; }
std::vector<TokenId> wrong(const TaskBatch& batch) { return std::vector<TokenId>(batch.tokens.size(), 0); }

/// Right in every third sequence, counted from the first of the set whichever batch it is in.
std::vector<TokenId> by_first_token(const TaskBatch& batch) {
    std::vector<TokenId> answers = batch.targets;
    const auto length = static_cast<std::size_t>(batch.batch.length);
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (batch.tokens[i - i % length] % 3 != 0) answers[i] = 0;
    return answers;
}

}  // namespace

TEST_CASE("an evaluation asks every size the same questions and counts each once") {
    const Task task = make_task("overwrite:M=4,W=6");
    for (const Evaluation& size : evaluate(task, right, {.sequences = 37, .threads = 2})) {
        CHECK(size.metrics.at("accuracy") == Metric{37 * 4, 37 * 4});
        CHECK(size.metrics.at("stale rate").sum == 0);
    }
    const std::vector<Evaluation> none = evaluate(task, wrong, {.sequences = 5});
    REQUIRE(none.size() == task.evaluation_sizes.size());
    for (std::size_t i = 0; i < none.size(); ++i) {
        CHECK(none[i].size.name == task.evaluation_sizes[i].name);
        CHECK(none[i].metrics.at("accuracy") == Metric{0, 5 * 4});
    }
}

TEST_CASE("an evaluation depends on its seed and not on the threads") {
    const Task task = make_task("mqar:N=6,keys=12,values=4");
    const auto asked = [&](std::uint64_t seed, int threads) {
        return evaluate(task, by_first_token, {seed, 50, threads})[0].metrics;
    };
    CHECK(asked(1, 1) == asked(1, 3));
    CHECK(asked(1, 1) != asked(2, 1));
}

TEST_CASE("an evaluation without sequences and a model of other tokens are refused") {
    const Task task = make_task("mqar");
    CHECK_THROWS_WITH_AS(evaluate(task, right, {.sequences = 0}), "an evaluation needs sequences, not 0",
                         Error);
    ModelConfig config = small_config("gdn2");
    config.vocabulary = 3;
    CHECK_THROWS_WITH_AS(require_vocabulary(config, task),
                         ("a model of 3 tokens cannot answer " + task.spec() + ", which has 64").c_str(),
                         Error);
}
