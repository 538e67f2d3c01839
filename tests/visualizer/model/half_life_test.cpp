// Decays as half-lives.
#include "visualizer/model/half_life.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("after its half-life half of a channel is left") {
    for (const double alpha : {0.1, 0.5, 0.98, 0.999, 0.99999})
        CHECK(std::pow(alpha, half_life(alpha)) == doctest::Approx(0.5));
    CHECK(half_life(1) == std::numeric_limits<double>::infinity());
    CHECK(half_life(0) == 0);
}

TEST_CASE("the axis runs from one token to ten thousand, a factor of ten as far everywhere") {
    const auto of_half_life = [](double tokens) { return half_life_place(std::exp2(-1 / tokens)); };
    CHECK(of_half_life(1) == doctest::Approx(0));
    CHECK(of_half_life(10) == doctest::Approx(0.25));
    CHECK(of_half_life(100) == doctest::Approx(0.5));
    CHECK(of_half_life(1e4) == doctest::Approx(1));
    CHECK(of_half_life(1e6) == 1);
    CHECK(half_life_place(0) == 0);
    CHECK(half_life_place(0.1) == 0);
    CHECK(half_life_place(1) == 1);
}

TEST_CASE("a place on the axis and its log-decay go back and forth") {
    for (const double place : {0.0, 0.2, 0.7, 0.99})
        CHECK(half_life_place(std::exp(g_at_place(place))) == doctest::Approx(place));
    CHECK(g_at_place(1) == 0);
}

TEST_CASE("half-lives read as words where they are no number") {
    CHECK(half_life_text(std::exp2(-1.0 / 69)) == "69 tokens");
    CHECK(half_life_text(std::exp2(-1.0 / 69.25)) == "69.2 tokens");
    CHECK(half_life_text(0.5) == "1 token");
    CHECK(half_life_text(std::exp2(-1.0 / 999.7)) == "1,000 tokens");
    CHECK(half_life_text(std::exp2(-1.0 / 2571)) == "2,570 tokens");
    CHECK(half_life_text(std::exp2(-1.0 / 1234567)) == "1,230,000 tokens");
    CHECK(half_life_text(std::exp2(-1.0 / 4e9)) == "4e+09 tokens");
    CHECK(half_life_text(1) == "no decay");
    CHECK(half_life_text(0) == "wiped");
    CHECK(half_life_text(std::numeric_limits<double>::quiet_NaN()) == "not a number");
}

}  // namespace
}  // namespace gdn2::test
