// Every way of moving through a run ends in the same places.
#include "visualizer/model/cursor.h"

#include <doctest/doctest.h>

#include <vector>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr Index length = 4;

/// The start and every phase of every token at rest, in order.
std::vector<Cursor> places() {
    std::vector<Cursor> all{first_cursor()};
    for (Index t = 0; t < length; ++t)
        for (int phase = 1; phase <= phase_count; ++phase) all.push_back({t, static_cast<Phase>(phase), 1});
    return all;
}

TEST_CASE("stepping by phase visits every phase forward and back") {
    const std::vector<Cursor> all = places();
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        CHECK(next_phase(all[i], length) == all[i + 1]);
        CHECK(previous_phase(all[i + 1]) == all[i]);
    }
    CHECK(next_phase(all.back(), length) == all.back());
    CHECK(previous_phase(all.front()) == all.front());
    CHECK(all.back() == last_cursor(length));
}

TEST_CASE("playing for a phase's time is stepping by a phase, wherever it begins and however it is cut") {
    const std::vector<Cursor> all = places();
    for (const double speed : {0.5, 1.0, 8.0})
        for (std::size_t i = 0; i + 1 < all.size(); ++i) {
            Cursor at = all[i];
            for (int part = 0; part < 7; ++part) at = advance(at, 0.05 / speed, length, speed);
            CHECK(at.token == all[i + 1].token);
            CHECK(at.phase == all[i + 1].phase);
            CHECK(at.fraction > 1 - 1e-9);
        }
    CHECK(advance(all.front(), 1e9, length, 1) == all.back());
    CHECK(advance(all.back(), 1, length, 1) == all.back());
    CHECK(advance(all[3], 0, length, 1) == all[3]);
}

TEST_CASE("stepping by token ends a token, and back ends the one before") {
    CHECK(next_token(first_cursor(), length) == Cursor{0, Phase::read_out, 1});
    CHECK(next_token({1, Phase::residual, 0.4}, length) == Cursor{1, Phase::read_out, 1});
    CHECK(next_token({1, Phase::read_out, 1}, length) == Cursor{2, Phase::read_out, 1});
    CHECK(next_token(last_cursor(length), length) == last_cursor(length));
    CHECK(previous_token({2, Phase::write, 1}) == Cursor{1, Phase::read_out, 1});
    CHECK(previous_token({0, Phase::read_out, 1}) == first_cursor());
    CHECK(at_token(99, length) == last_cursor(length));
    CHECK(at_phase({2, Phase::decay, 0.1}, Phase::write) == Cursor{2, Phase::write, 1});
}

TEST_CASE("playing all tokens takes as long as it says") {
    for (const double speed : {0.5, 1.0, 4.0}) {
        const double seconds = seconds_to_play(length, speed);
        CHECK(advance(first_cursor(), seconds * 1.001, length, speed) == last_cursor(length));
        CHECK_FALSE(advance(first_cursor(), seconds * 0.999, length, speed) == last_cursor(length));
    }
}

TEST_CASE("a step settles at the end of its phase and no further") {
    const Cursor moving{1, Phase::residual, 0.5};
    CHECK(settle(moving, 0.0875, 1).fraction == doctest::Approx(0.75));
    CHECK(settle(moving, 10, 1) == Cursor{1, Phase::residual, 1});
}

TEST_CASE("reduced motion paints only phases that are done, and high speed only tokens") {
    const Cursor moving{1, Phase::residual, 0.5};
    CHECK(painted(moving, {1, false}) == moving);
    CHECK(painted(moving, {1, true}) == Cursor{1, Phase::erase_read, 1});
    CHECK(painted(moving, {16, false}) == Cursor{0, Phase::read_out, 1});
    CHECK(painted({1, Phase::residual, 1}, {16, true}) == Cursor{1, Phase::residual, 1});
}

TEST_CASE("a run of no tokens has one place") {
    CHECK(next_phase(first_cursor(), 0) == first_cursor());
    CHECK(next_token(first_cursor(), 0) == first_cursor());
    CHECK(advance(first_cursor(), 1, 0, 1) == first_cursor());
    CHECK(last_cursor(0) == first_cursor());
}

}  // namespace
}  // namespace gdn2::test
