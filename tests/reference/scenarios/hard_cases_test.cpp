// What each hard case claims, in numbers.
#include "reference/scenarios/hard_cases.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"

using namespace gdn2;

TEST_CASE("the expansive pair multiplies the state by 1.25 with every two tokens") {
    const Scenario hard = hard_expansive_pair();
    const std::vector<Matrix<double>> states = states_of(hard.problem);
    const double growth = states[63].norm() / states[61].norm();
    CHECK(growth == doctest::Approx(1.25).epsilon(0.005));
    CHECK(states[63].norm() > 500);
    CHECK(states[63].allFinite());
}

TEST_CASE("the expansive pair is the same token by token and in chunks relative to its size") {
    const Scenario hard = hard_expansive_pair();
    const Result<double> reference = forward(hard.problem, {.path = Path::recurrent}),
                         chunked = forward(hard.problem, {.path = Path::chunk, .chunk = 16});
    const auto a = state_of(reference.final_state, 0, 0), b = state_of(chunked.final_state, 0, 0);
    CHECK((a - b).norm() <= 1e-11 * a.norm());
}

TEST_CASE("the killer has what wrong code trips over") {
    const Problem<double> problem = hard_killer().problem;
    const Sizes sizes = validate_shapes(problem);
    CHECK(sizes.length == 150);
    CHECK(sizes.key_dim == 13);
    CHECK(sizes.value_dim == 29);
    CHECK(sizes.group() == 2);
    CHECK(problem.initial_state.has_value());
    CHECK(problem.d_final_state.has_value());
    for (const double g : problem.g.values()) CHECK((g <= -0.001 && g >= -0.05));
    CHECK(problem.b.values() != problem.w.values());
}

TEST_CASE("after 256 tokens two of four half-lives have faded and two have not") {
    const Scenario hard = hard_long_decay();
    const auto readings = walk(*hard.recall, hard.problem);
    CHECK(score(readings).right == score(readings).checks);
    const double half_lives[] = {8, 64, 512, 4096};
    for (std::size_t key = 0; key < 4; ++key) {
        const double age = 255.0 - static_cast<double>(key);
        CHECK(readings.back()[key].answer.norm == doctest::Approx(std::exp2(-age / half_lives[key])));
        CHECK((readings.back()[key].expected == Recall::none) == (key < 2));
    }
}

TEST_CASE("of two colliding keys the later write wins and rewriting one spoils the other") {
    const Scenario hard = hard_two_keys_collide();
    const auto readings = walk(*hard.recall, hard.problem);
    CHECK(to_string(*hard.recall, readings[0][0].answer) == "3");
    CHECK(to_string(*hard.recall, readings[1][0].answer) == "5");
    CHECK(to_string(*hard.recall, readings[1][1].answer) == "5");
    CHECK(to_string(*hard.recall, readings[2][0].answer) == "3");
    CHECK(!readings[2][1].right);
    const auto S = states_of(hard.problem)[1];
    const auto A = (S.transpose() * hard.recall->queries.row(0).transpose()).transpose().eval();
    CHECK((A - 0.36 * hard.recall->values.row(3) - 0.8 * hard.recall->values.row(5)).norm() <= 1e-14);
}
