// A session: what is open, what was chosen, and runs that always belong to both.
#include "visualizer/model/session.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Document grouped() {
    Document document;
    document.layers.push_back(
        {"", draw_problem({{1, 9, 2, 4, 3, 5, 2}, Decay::slow, 1, false, true, true, {0, 4, 9}, 2}), {}, {}, {}});
    document.layers[0].sizes = validate_shapes(document.layers[0].problem);
    for (int t = 0; t < 9; ++t) document.labels.push_back("t" + std::to_string(t));
    return document;
}

TEST_CASE("a session begins with the first lesson, paused before its first token, and stays there") {
    Session session;
    CHECK(session.document().source == "a_memory_is_a_matrix");
    CHECK_FALSE(session.tick(10));
    CHECK(session.ui.cursor == first_cursor());
    CHECK(session.ghost() == nullptr);
}

TEST_CASE("playing runs to the end and stops there") {
    Session session;
    session.ui.playing = true;
    int frames = 0;
    while (session.tick(0.1) && frames < 1000) ++frames;
    CHECK(session.ui.cursor == last_cursor(session.length()));
    CHECK_FALSE(session.ui.playing);
    CHECK(frames > 50);
}

TEST_CASE("an edit changes the run and leaves a ghost of the original, and undo brings it back bit for bit") {
    Session session;
    session.open("overwrite");
    const Matrix<double> original = session.track().S(4);
    session.edits().make({Gate::b, 2, Edit::all_channels, 0});
    CHECK((session.track().S(4) - original).norm() > 1);
    REQUIRE(session.ghost());
    CHECK(session.ghost()->S(4) == original);
    session.edits().undo();
    CHECK(session.track().S(4) == original);
    CHECK(session.ghost() == nullptr);
    session.ui.gates.tie = true;
    CHECK(session.ghost());
}

TEST_CASE("runs follow the chosen head, sequence and rule") {
    Session session;
    session.open(grouped());
    for (Index sequence = 0; sequence < 2; ++sequence)
        for (Index head = 0; head < 4; ++head) {
            session.ui.sequence = sequence;
            session.ui.head = head;
            const Head own = head_of(session.layer().problem, sequence, head);
            CHECK(session.track().o() == Track(own).o());
            CHECK(session.track(Mixer::kda).o() == Track(tie(own, Mixer::kda, "").head).o());
        }
    CHECK(session.label(1) == "t5");
}

TEST_CASE("lesson 4's searched gates are for its own tokens: an edit goes back to the mean") {
    Session session;
    session.open("shared_context_keys");
    CHECK(session.gates_of(Mixer::kda).find("search") != std::string::npos);
    session.edits().make({Gate::w, 0, 0, 0.5});
    CHECK(session.gates_of(Mixer::kda).find("mean") != std::string::npos);
}

TEST_CASE("what cannot be opened leaves a session as it was") {
    Session session;
    session.open("overwrite");
    session.ui.cursor = at_token(2, session.length());
    session.edits().make({Gate::b, 2, 0, 0});
    CHECK_THROWS_AS(session.open("nowhere.npz"), Error);
    CHECK_THROWS_AS(session.open("no_such_scenario"), Error);
    CHECK_THROWS_AS(session.open_claim("nowhere.npz"), Error);
    CHECK(session.document().source == "overwrite");
    CHECK(session.ui.cursor.token == 2);
    CHECK(session.edits().edits().size() == 1);
    CHECK_FALSE(session.claim());
    session.open("decay");
    CHECK(session.edits().edits().empty());
    CHECK(session.ui.cursor == first_cursor());
}

TEST_CASE("what is opened begins at its beginning, looked at as before") {
    Session session;
    session.ui.lesson = {true, 3, 1};
    session.ui.cursor = session.ui.stop_at.emplace(Cursor{2, Phase::write, 1});
    session.ui.playing = session.ui.gates.tie = session.ui.symlog = true;
    session.ui.pinned = Cell{3, 7};
    session.ui.mixer = Mixer::kda;
    session.open("decay");
    UiState expected;
    expected.symlog = true;
    expected.mixer = Mixer::kda;
    CHECK(session.ui == expected);
}

TEST_CASE("playing stops exactly where it was asked to, and a stop that lies behind is passed over") {
    Session session;
    session.ui.playing = true;
    session.ui.stop_at = Cursor{1, Phase::write, 1};
    for (int frame = 0; frame < 1000 && session.tick(0.07); ++frame) {
    }
    CHECK(session.ui.cursor == Cursor{1, Phase::write, 1});
    CHECK_FALSE(session.ui.stop_at);
    session.ui.playing = true;
    session.ui.stop_at = Cursor{0, Phase::write, 1};
    session.tick(0.07);
    CHECK(session.ui.playing);
    CHECK(session.ui.cursor.token == 1);
    session.stand({99, Phase::decay, 1});
    CHECK(session.ui.cursor == Cursor{3, Phase::decay, 1});
    CHECK_FALSE(session.ui.playing);
}

TEST_CASE("choices beyond what there is are brought inside") {
    Session session;
    session.open(grouped());
    session.ui.layer = 7;
    session.ui.sequence = -1;
    session.ui.head = 99;
    session.ui.cursor = {99, Phase::write, 1};
    session.ui.speed = 1e9;
    session.clamp();
    CHECK(session.ui.layer == 0);
    CHECK(session.ui.sequence == 0);
    CHECK(session.ui.head == 3);
    CHECK(session.ui.cursor.token == 3);
    CHECK(session.ui.speed == 16);
}

TEST_CASE("the colour scale is the whole run's, the step's or the one asked for") {
    Session session;
    session.open("decay");
    session.ui.cursor = at_token(7, session.length());
    const double locked = session.scale();
    CHECK(locked == session.track().largest_S());
    session.ui.scale_mode = ScaleMode::per_step;
    CHECK(session.scale() == session.track().S(7).cwiseAbs().maxCoeff());
    CHECK(session.scale() < locked);
    session.ui.scale_mode = ScaleMode::manual;
    session.ui.manual_scale = 0.125;
    CHECK(session.scale() == 0.125);
}

}  // namespace
}  // namespace gdn2::test
