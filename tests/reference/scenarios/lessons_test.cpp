// What each lesson claims, in numbers.
#include "reference/scenarios/lessons.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/tied.h"
#include "reference/scenarios/rivals.h"

using namespace gdn2;

namespace {

/// What key `key` answers under `problem` after its last token.
Reading last_reading(const Scenario& scenario, const Problem<double>& problem, std::size_t key) {
    return walk(*scenario.recall, problem).back().at(key);
}

std::string last_answer(const Scenario& scenario, const Problem<double>& problem, std::size_t key) {
    return to_string(*scenario.recall, last_reading(scenario, problem, key).answer);
}

Score score_of(const Scenario& scenario) { return score(walk(*scenario.recall, scenario.problem)); }

}  // namespace

TEST_CASE("lesson 1: while keys do not overlap every rule answers everything right") {
    const Scenario lesson = lesson_a_memory_is_a_matrix();
    for (const Rival& rival : rivals(lesson)) {
        CAPTURE(rival.name);
        const Score total = score(walk(*lesson.recall, rival.problem));
        CHECK(total.right == total.checks);
        CHECK(total.checks == 7);
        CHECK(total.error == 0);
    }
}

TEST_CASE("lesson 2: after A=7 linear attention answers 3+7 and the delta rule 7") {
    const Scenario lesson = lesson_overwrite();
    CHECK(last_answer(lesson, lesson.problem, 0) == "7");
    CHECK(last_answer(lesson, linear_attention(lesson.problem), 0) == "3+7");
    CHECK(last_answer(lesson, linear_attention(lesson.problem), 1) == "5");
    CHECK(score_of(lesson).error == 0);
}

TEST_CASE("lesson 2: the outputs at the queries are the values themselves") {
    const Scenario lesson = lesson_overwrite();
    const Result<double> result = forward(lesson.problem, {.path = Path::chunk, .chunk = 2});
    const auto o = head_rows(std::as_const(result.o), 0, 0, 0, 5);
    CHECK((o.row(3) - lesson.recall->values.row(7)).norm() <= 1e-14);
    CHECK((o.row(4) - lesson.recall->values.row(5)).norm() <= 1e-14);
}

TEST_CASE("lesson 3: two gates erase and write alone") {
    const Scenario lesson = lesson_erase_and_write_alone();
    CHECK(last_answer(lesson, lesson.problem, 0) == "none");
    CHECK(last_answer(lesson, lesson.problem, 1) == "5+2");
    CHECK(score_of(lesson).right == 11);
    CHECK(score_of(lesson).error == 0);
}

TEST_CASE("lesson 3: no single gate comes near either of the two") {
    const Scenario lesson = lesson_erase_and_write_alone();
    Tensor<double> beta = mean_gates(lesson.problem);
    for (int i = 0; i <= 200; ++i) {
        beta[2] = beta[3] = i / 100.0;  // del A and B+=2
        const Problem<double> tied = tie_kda(lesson.problem, beta);
        CHECK(last_reading(lesson, tied, 0).answer.norm >= 0.7);  // sqrt((1 - beta)^2 + beta^2)
        CHECK(last_reading(lesson, tied, 1).error >= 0.499);      // (beta)^2 + (1 - beta)^2
    }
}

TEST_CASE("lesson 4: the erase gate on the channels that differ answers all 22 questions exactly") {
    const Score total = score_of(lesson_shared_context_keys());
    CHECK(total.right == 22);
    CHECK(total.checks == 22);
    CHECK(total.error <= 1e-28);
}

TEST_CASE("lesson 4: with b at most 1 half of what is overwritten stays and one question is wrong") {
    const Score total = score_of(shared_context_keys(1, 0));
    CHECK(total.right == 21);
    CHECK(total.error == doctest::Approx(1.5 / 22));  // 6 readings with a quarter of a value left: 0.068
}

TEST_CASE("lesson 4: erasing along whole keys damages the neighbours") {
    const Scenario lesson = shared_context_keys(1, 1);
    CHECK(score_of(lesson).right == 21);
    CHECK(score_of(lesson).error == doctest::Approx(0.3046).epsilon(1e-3));
    // D was written once and never touched again; what is read in its place has lost strength to the others'
    // writes.
    CHECK(last_reading(lesson, lesson.problem, 3).error > 0.05);
}

TEST_CASE("lesson 4: linear attention keeps everything and so ties or misses what was overwritten") {
    const Scenario lesson = lesson_shared_context_keys();
    const Problem<double> linear = linear_attention(lesson.problem);
    const Score total = score(walk(*lesson.recall, linear));
    CHECK(total.right == 16);
    CHECK(total.error == doctest::Approx(7.0 / 22));  // A three times, C twice, each 1; B once, 2: 0.318
    CHECK(last_answer(lesson, linear, 0) == "0|4");
}

TEST_CASE("lesson 5: the fast channel fades by halves and the slow one stays") {
    const Scenario lesson = lesson_decay();
    const auto readings = walk(*lesson.recall, lesson.problem);
    CHECK(readings.back()[0].answer.norm == doctest::Approx(std::pow(0.5, 7)));
    CHECK(readings.back()[1].answer.norm == doctest::Approx(std::pow(0.99, 6)));
    CHECK(readings[1][0].right);
    CHECK(readings[2][0].right);  // none from here on
    CHECK(readings[2][0].expected == Recall::none);
    CHECK(score(readings).right == score(readings).checks);
}

TEST_CASE("lesson 6: the lesson has two whole chunks of 64 and half of one") {
    const Scenario lesson = lesson_chunk_equals_recurrent();
    const trace::Recorder layout({}, recorder_sizes(lesson.problem, 64));
    CHECK(layout.chunk_starts() == std::vector<Index>{0, 64, 128});
    CHECK(validate_shapes(lesson.problem).length == 160);
}
