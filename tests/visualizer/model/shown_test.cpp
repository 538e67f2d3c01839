// What the State panel paints: the state, what a token changed, or what the edits changed.
#include "visualizer/model/shown.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/allow_fp_exceptions.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Session edited_session() {
    Session session;
    session.open("shared_context_keys");
    session.edits().make({Gate::b, 2, Edit::all_channels, 0.3});
    session.stand({4, Phase::read_out, 1});
    return session;
}

TEST_CASE("the state shows as it is, as its change, or as its difference from the run without edits") {
    Session session = edited_session();
    const Matrix<double> S = session.track().S(4), before = session.track().S(3), other = session.ghost()->S(4);
    CHECK(shown_state(session, picture_of(session)) == S);
    session.ui.show_ghost = true;
    CHECK(shown_state(session, picture_of(session)) == S - other);
    CHECK_FALSE(S == other);
    session.ui.show_change = true;
    CHECK(shown_state(session, picture_of(session)) == S - before);
    session.ui.show_change = false;
    session.edits().reset();
    CHECK(shown_state(session, picture_of(session)) == session.track().S(4));
}

TEST_CASE("a cell is called what it is: its number is the one that shows, in every phase of every token") {
    Session session;
    session.open("decay");
    for (Index t = 0; t < session.length(); ++t)
        for (const Phase phase : {Phase::decay, Phase::erase_read, Phase::residual, Phase::write, Phase::read_out})
            for (const double fraction : {0.0, 1.0}) {
                session.stand({t, phase, fraction});
                Number cell = name_of_state(session);
                cell.index.insert(cell.index.end(), {1, 2});
                CHECK(value_of(session, cell) == picture_of(session).S(1, 2));
            }
    CHECK(name_of_state(first_cursor()) == Number{"initial_state", {}});
    CHECK(name_of_state({3, Phase::decay, 0}) == Number{"S", {2}});
    CHECK(name_of_state({3, Phase::decay, 0.5}) == Number{"S_decayed", {3}});
    CHECK(name_of_state({3, Phase::write, 0}) == Number{"S_decayed", {3}});
    CHECK(name_of_state({3, Phase::write, 0.5}) == Number{"S", {3}});
    session.ui.reduce_motion = true;  // the picture stands where the last phase ended
    session.ui.cursor = {3, Phase::write, 0.5};
    CHECK(name_of_state(session) == Number{"S_decayed", {3}});
}

TEST_CASE("the first token's change is from the initial state") {
    Session session = edited_session();
    session.stand({0, Phase::read_out, 1});
    session.ui.show_change = true;
    CHECK(shown_state(session, picture_of(session)) == session.track().S(0) - session.track().head().initial_state);
}

TEST_CASE("a difference has colours of its own only where every step has") {
    Session session = edited_session();
    session.ui.show_change = true;
    const Matrix<double> change = shown_state(session, picture_of(session));
    CHECK(shown_scale(session, change) == session.scale());
    session.ui.scale_mode = ScaleMode::per_step;
    CHECK(shown_scale(session, change) == change.cwiseAbs().maxCoeff());
    CHECK(shown_scale(session, Matrix<double>::Zero(2, 2)) == 1);
    session.ui.show_change = false;
    CHECK(shown_scale(session, change) == session.track().S(4).cwiseAbs().maxCoeff());
}

TEST_CASE("a state that its colours leave dark says how large it is") {
    const AllowFpExceptions one_is_not_a_number;
    Session session = edited_session();
    const auto of = [&](double largest) {
        Matrix<double> S = Matrix<double>::Zero(2, 3);
        S(1, 2) = -largest * session.scale();
        return dark_in_words(session, S);
    };
    CHECK(of(0) == "all 0");
    CHECK(of(0.0625) == "");
    CHECK(of(0.0624) == "at most 0.062 of the scale (S: colours of this step)");
    CHECK(of(3.2e-5) == "at most 3.2e-05 of the scale (S: colours of this step)");
    CHECK(of(std::nan("")) == "");
    CHECK(dark_in_words(session, Matrix<double>()) == "");
    session.ui.symlog = true;
    CHECK(of(0.00051) == "");
    CHECK(of(0.00049) == "at most 0.00049 of the scale (S: colours of this step)");
    session.ui.scale_mode = ScaleMode::per_step;
    CHECK(of(0.00049) == "at most 0.00049 of the scale");
}

TEST_CASE("the numbers of a step are those of its run") {
    Session session = edited_session();
    const StepNumbers numbers = step_numbers(session);
    const Track& track = session.track();
    CHECK(numbers.norm_S == track.S(4).norm());
    CHECK(numbers.norm_dS == (track.S(4) - track.S(3)).norm());
    CHECK(numbers.kept == doctest::Approx(1 - track.e().row(4).dot(track.head().k.row(4))));
    REQUIRE(numbers.ghost_distance);
    CHECK(*numbers.ghost_distance == doctest::Approx((track.S(4) - session.ghost()->S(4)).norm()));
    CHECK_FALSE(numbers.first_non_finite);
    session.edits().reset();
    CHECK_FALSE(step_numbers(session).ghost_distance);
}

}  // namespace
}  // namespace gdn2::test
