// The learning rate of each step against values worked by hand.
#include "reference/train/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"

using namespace gdn2;

TEST_CASE("the learning rate rises in a straight line and falls along a cosine") {
    const Schedule schedule{.peak = 8, .warm_up = 0.25, .last = 0, .steps = 16};
    for (Index n = 0; n < 4; ++n) CHECK(learning_rate(schedule, n) == 2.0 * static_cast<double>(n + 1));
    CHECK(learning_rate(schedule, 4) == 8);
    CHECK(learning_rate(schedule, 7) == doctest::Approx(4 + 4 * std::sqrt(0.5)));  // an eighth of a turn
    CHECK(learning_rate(schedule, 8) == doctest::Approx(6));                       // a sixth
    CHECK(learning_rate(schedule, 10) == doctest::Approx(4));                      // a quarter
    CHECK(learning_rate(schedule, 12) == doctest::Approx(2));                      // a third
    for (Index n = 5; n < 16; ++n) CHECK(learning_rate(schedule, n) < learning_rate(schedule, n - 1));
}

TEST_CASE("the cosine ends at a part of the peak") {
    const Schedule schedule{.peak = 1, .warm_up = 0, .last = 0.1, .steps = 100001};
    CHECK(learning_rate(schedule, 0) == 1);  // the one step of warm-up
    CHECK(learning_rate(schedule, 50001) == doctest::Approx(0.55));
    CHECK(learning_rate(schedule, 100000) == doctest::Approx(0.1));
}

TEST_CASE("a short run has its warm-up and a step outside the run is refused") {
    CHECK(learning_rate({.peak = 3, .steps = 1}, 0) == 3);
    CHECK(learning_rate({.peak = 3, .steps = 2}, 1) == 3);
    CHECK(learning_rate({.peak = 1, .warm_up = 1, .steps = 4}, 3) == 1);
    CHECK_THROWS_WITH_AS(learning_rate({.steps = 2}, 2), "a schedule of 2 steps has no step 2", Error);
    CHECK_THROWS_WITH_AS(learning_rate({.steps = 2}, -1), "a schedule of 2 steps has no step -1", Error);
}
