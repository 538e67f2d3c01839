// Changing gates, and taking it back.
#include "visualizer/model/edits.h"

#include <doctest/doctest.h>

#include "reference/scenarios/scenario.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/track.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Head overwrite() { return head_of(scenario("overwrite").problem, 0, 0); }

TEST_CASE("an edit changes one channel of one token, the past stays and the future follows") {
    const Head original = overwrite(), changed = edited(original, {{Gate::b, 2, 0, 0}}, {});
    CHECK(changed.b(2, 0) == 0);
    CHECK((changed.b - original.b).cwiseAbs().sum() == 1);
    const Track before(original), after(changed);
    for (Index t = 0; t < 2; ++t) CHECK(after.S(t) == before.S(t));
    for (Index t = 2; t < before.length(); ++t) CHECK((after.S(t) - before.S(t)).norm() > 1);
}

TEST_CASE("an edit of all channels, of later ones over earlier ones, of places that are not there") {
    const Head original = overwrite();
    const Head changed = edited(original, {{Gate::w, 0, Edit::all_channels, 0.25}, {Gate::w, 0, 1, 0.75}}, {});
    CHECK(changed.w(0, 0) == 0.25);
    CHECK(changed.w(0, 1) == 0.75);
    const Head same = edited(original, {{Gate::b, 99, 0, 0}, {Gate::b, -1, 0, 0}, {Gate::b, 0, 99, 0}}, {});
    CHECK(same.b == original.b);
}

TEST_CASE("values stay inside what a gate may be") {
    const Head original = overwrite();
    CHECK(edited(original, {{Gate::b, 0, 0, 7}}, {}).b(0, 0) == 1);
    CHECK(edited(original, {{Gate::b, 0, 0, 7}}, {.wide_b = true}).b(0, 0) == 2);
    CHECK(edited(original, {{Gate::b, 0, 0, -7}}, {}).b(0, 0) == 0);
    CHECK(edited(original, {{Gate::w, 0, 0, 7}}, {.wide_b = true}).w(0, 0) == 1);
    CHECK(edited(original, {{Gate::g, 0, 0, 7}}, {}).g(0, 0) == 0);
    CHECK(edited(original, {{Gate::g, 0, 0, -7}}, {}).g(0, 0) == -7);
}

TEST_CASE("tied gates are one number a token, after the edits") {
    const Head tied = edited(overwrite(), {{Gate::w, 0, Edit::all_channels, 0}}, {.tie = true});
    CHECK(tied.b.row(0).isConstant(0.5));
    CHECK(tied.w.row(0).isConstant(0.5));
    CHECK(tied.b.row(1).isConstant(1));
}

TEST_CASE("where there are no tokens there is nothing to edit or to tie") {
    const Problem<double> problem =
        draw_problem({{1, 4, 1, 1, 3, 5, 2}, Decay::slow, 1, false, true, true, {0, 0, 4}, 1});
    const Head none = edited(head_of(problem, 0, 0), {{Gate::b, 0, 0, 0}}, {.tie = true});
    CHECK(none.length() == 0);
    CHECK(none.initial_state == head_of(problem, 0, 0).initial_state);
}

TEST_CASE("undo takes back one edit or one drag, redo makes it again, a new edit forgets what was undone") {
    EditHistory history;
    CHECK_FALSE(history.undo());
    const Edit first{Gate::b, 0, 1, 0.5}, second{Gate::w, 1, 0, 0.1};
    history.make(first);
    history.make(second);
    for (const double value : {0.2, 0.3, 0.4}) history.make({Gate::w, 1, 0, value}, true);
    REQUIRE(history.edits().size() == 2);
    CHECK(history.edits()[1].value == 0.4);
    CHECK(history.undo());
    CHECK(history.edits() == std::vector<Edit>{first});
    CHECK(history.redo());
    CHECK(history.edits()[1].value == 0.4);
    CHECK_FALSE(history.redo());
    history.reset();
    CHECK(history.edits().empty());
    CHECK(history.undo());
    CHECK(history.edits().size() == 2);
    history.make(second);
    CHECK_FALSE(history.redo());
    history.replace({first});
    CHECK_FALSE(history.undo());
    CHECK(history.edits() == std::vector<Edit>{first});
}

TEST_CASE("edits made together are one step, and a drag of them too") {
    EditHistory history;
    CHECK_FALSE(history.can_undo());
    history.make({Gate::b, 0, 1, 0.5});
    const auto pair = [](double beta) {
        return std::vector<Edit>{{Gate::b, 3, Edit::all_channels, beta}, {Gate::w, 3, Edit::all_channels, beta}};
    };
    for (const double beta : {0.2, 0.3, 0.4}) history.make(pair(beta), beta > 0.2);
    CHECK(history.edits().size() == 3);
    CHECK(history.edits().back().value == 0.4);
    CHECK(history.undo());
    CHECK(history.edits().size() == 1);
    CHECK(history.can_undo());
    CHECK(history.can_redo());
    history.redo();
    CHECK_FALSE(history.can_redo());
    history.make({Gate::w, 3, 0, 0.9}, true);
    CHECK(history.edits().size() == 4);
    history.make(pair(0), true);
    CHECK(history.edits().size() == 6);
}

}  // namespace
}  // namespace gdn2::test
