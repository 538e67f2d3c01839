// What is painted: exact at rest, in between while it moves, and the same however the cursor got there.
#include "visualizer/model/picture.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Track track() {
    return Track(head_of(draw_problem({{1, 5, 1, 1, 6, 4, 1}, Decay::mild, 2, false, true, true, {}, 3}), 0, 0));
}

TEST_CASE("at rest every phase shows exact numbers") {
    const Track run = track();
    for (Index t = 0; t < run.length(); ++t) {
        const TokenFrame x = run.frame(t);
        CHECK(picture_of(run, {t, Phase::decay, 0}).S == x.S_before);
        for (const Phase phase : {Phase::decay, Phase::erase_read, Phase::residual})
            CHECK(picture_of(run, {t, phase, 1}).S == x.S_decayed);
        for (const Phase phase : {Phase::write, Phase::read_out}) CHECK(picture_of(run, {t, phase, 1}).S == x.S);
        CHECK_FALSE(picture_of(run, {t, Phase::write, 1}).moving);
    }
}

TEST_CASE("a phase moves from the one before to its own end") {
    const Track run = track();
    const TokenFrame x = run.frame(2);
    const Picture half = picture_of(run, {2, Phase::write, 0.5});
    CHECK(half.moving);
    CHECK((half.S - (x.S_decayed + 0.5 * x.k * x.u.transpose())).norm() <= 1e-14);
    CHECK(picture_of(run, {2, Phase::write, 0}).S == x.S_decayed);
    CHECK((picture_of(run, {2, Phase::decay, 0.25}).S - (0.75 * x.S_before + 0.25 * x.S_decayed)).norm() <= 1e-14);
}

TEST_CASE("strips appear in the phase that makes them and stay for the rest of the token") {
    const Track run = track();
    const auto shown = [&run](Phase phase, double fraction) {
        std::string text;
        const Picture picture = picture_of(run, {1, phase, fraction});
        for (const Strip& strip : picture.key_side) text += strip.shown >= 1 ? strip.symbol : "";
        for (const Strip& strip : picture.value_side) text += strip.shown >= 1 ? strip.symbol : "";
        return text;
    };
    CHECK(shown(Phase::decay, 0).empty());
    CHECK(shown(Phase::decay, 1) == "alpha");
    CHECK(shown(Phase::erase_read, 0.5) == "alpha");
    CHECK(shown(Phase::erase_read, 1) == "alphabker");
    CHECK(shown(Phase::residual, 1) == "alphabkevwzru");
    CHECK(shown(Phase::read_out, 1) == "alphabkeqvwzruo");
}

TEST_CASE("reading lights the rows that the erase gate opens, and no others") {
    Head head = track().head();
    head.b.row(1).setZero();
    head.b(1, 4) = 1;
    const Picture picture = picture_of(Track(head), {1, Phase::erase_read, 1});
    for (Index i = 0; i < 6; ++i) CHECK(picture.row_light[i] == (i == 4 ? 1 : 0));
}

}  // namespace
}  // namespace gdn2::test
