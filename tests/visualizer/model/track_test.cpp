// A head's run: every state and vector is the reference's, whatever the memory cap lets it keep.
#include "visualizer/model/track.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/delta_rule/heads.h"
#include "reference/scenarios/scenario.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using viewer::Head;
using viewer::Track;

constexpr std::size_t bytes_of_state = 5 * 7 * sizeof(double);

/// Three packed sequences, one empty; two value heads on each of two key heads; a state at the start.
Problem<double> packed() {
    return draw_problem({{1, 60, 2, 4, 5, 7, 3}, Decay::slow, 2, false, true, true, {0, 37, 37, 60}, 9});
}

TEST_CASE("a head's track gives the outputs, the final state and every state of the whole problem's run") {
    const Problem<double> problem = packed();
    const Result<double> whole = forward(problem, {.path = Path::recurrent});
    const std::vector<Index>& starts = *problem.cu_seqlens;
    for (Index sequence = 0; sequence < 3; ++sequence)
        for (Index head = 0; head < 4; ++head) {
            const auto n = static_cast<std::size_t>(sequence);
            const Track track(viewer::head_of(problem, sequence, head));
            REQUIRE(track.length() == starts[n + 1] - starts[n]);
            CHECK(track.o() == Matrix<double>(head_rows(whole.o, 0, head, starts[n], track.length())));
            CHECK(track.S(track.length() - 1) == Matrix<double>(state_of(whole.final_state, sequence, head)));
            CHECK(track.S(-1) == Matrix<double>(state_of(*problem.initial_state, sequence, head)));
        }
}

TEST_CASE("a track replays the same bits whatever its cap, and stays under it") {
    const Head head = viewer::head_of(packed(), 0, 1);
    const Track all(head);
    CHECK(all.keyframe_interval() == 1);
    for (const std::size_t states : {13, 16, 24, 38}) {
        const Track track(head, states * bytes_of_state);
        INFO(states);
        CHECK((states == 38) == (track.keyframe_interval() == 1));
        for (const Index t : {36, 0, 17, 35, 1, 18, -1}) {
            CHECK(track.S(t) == all.S(t));
            CHECK(track.S(t, 4, 6) == all.S(t)(4, 6));
        }
        CHECK(track.state_bytes() <= states * bytes_of_state);
    }
}

TEST_CASE("a frame holds the five equations of its token") {
    const Track track(viewer::head_of(packed(), 2, 3));
    for (Index t = 0; t < track.length(); ++t) {
        const viewer::TokenFrame x = track.frame(t);
        CHECK(x.S_before == track.S(t - 1));
        CHECK((x.alpha.array() - x.g.array().exp()).abs().maxCoeff() <= 1e-15);  // lanes of exp() may differ
        CHECK(x.S_decayed == Matrix<double>(x.alpha.asDiagonal() * x.S_before));
        CHECK(x.e == Vector<double>(x.b.cwiseProduct(x.k)));
        CHECK(x.u == Vector<double>(x.z - x.r));
        CHECK((x.S - x.S_decayed - x.k * x.u.transpose()).norm() <= 1e-14);
        CHECK((x.o - track.head().scale * x.S.transpose() * x.q).norm() <= 1e-14);
    }
}

TEST_CASE("a track knows its largest number and its first token that is not finite") {
    Head head = viewer::head_of(scenario("overwrite").problem, 0, 0);
    const Track clean(head);
    CHECK(clean.largest_S() == 1);
    CHECK_FALSE(clean.first_non_finite());
    const AllowFpExceptions allowed;
    head.v(2, 3) = std::numeric_limits<double>::infinity();
    const Track broken(head);
    REQUIRE(broken.first_non_finite());
    CHECK(*broken.first_non_finite() == 2);
    CHECK(std::isfinite(broken.largest_S()));
}

TEST_CASE("an empty sequence has a track of no tokens") {
    const Track track(viewer::head_of(packed(), 1, 0));
    CHECK(track.length() == 0);
    CHECK_THROWS_WITH_AS(track.S(0), doctest::Contains("no token 0"), Error);
    CHECK(track.S(-1).rows() == 5);
}

}  // namespace
}  // namespace gdn2::test
