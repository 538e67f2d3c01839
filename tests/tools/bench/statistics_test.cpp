// tools/bench/statistics.h on samples whose quartiles are known.
#include "tools/bench/statistics.h"

#include <doctest/doctest.h>

using namespace gdn2::bench;

TEST_CASE("quartiles interpolate between neighbours whatever the order of the samples") {
    const Quartiles four = quartiles({4, 1, 3, 2});
    CHECK(four.low == 1.75);
    CHECK(four.median == 2.5);
    CHECK(four.high == 3.25);
    const Quartiles five = quartiles({50, 10, 40, 20, 30});
    CHECK(five.low == 20);
    CHECK(five.median == 30);
    CHECK(five.high == 40);
}

TEST_CASE("the quartiles of one sample are that sample and those of none are refused") {
    const Quartiles one = quartiles({7});
    CHECK(one.low == 7);
    CHECK(one.median == 7);
    CHECK(one.high == 7);
    CHECK_THROWS_AS(quartiles({}), gdn2::Error);
}

TEST_CASE("a slow round weighs on both samples so the median of ratios does not see it") {
    const std::vector<double> forward{1, 10, 1}, backward{3, 30, 3};
    CHECK(quartiles(ratios(backward, forward)).median == 3);
    CHECK(quartiles(ratios(backward, forward)).high == 3);
    CHECK(ratios({8}, {2}, 0.5) == std::vector<double>{2});
    CHECK_THROWS_AS(ratios({1, 2}, {1}), gdn2::Error);
}
