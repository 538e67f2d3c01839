// What a session holds against what: its own file, a second one, the reference.
#include <doctest/doctest.h>

#include "tests/visualizer/model/everything.h"
#include "visualizer/model/actions.h"
#include "visualizer/model/difference_shown.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("a session compares what its files hold, and forgets with them") {
    const Everything file;
    Session session;
    CHECK(session.comparisons().empty());
    CHECK(session.difference() == nullptr);
    CHECK(session.difference_map() == nullptr);
    session.open(document_of(file));
    CHECK(session.comparisons() == std::vector<Versus>{Versus::own_reference});
    REQUIRE(session.difference());
    CHECK(session.difference()->complete());
    CHECK(session.difference()->candidate_name() == "ours.npz");

    ClaimFile second;
    second.path = "/somewhere/theirs.npz";
    second.layers.push_back({"", file.claim, {}, file.problem});
    second.layers[0].claim.tensors.at("dv").values[0] += 1;
    session.open_claim(second);
    CHECK(session.comparisons().size() == 3);
    CHECK(session.ui.versus == Versus::second_reference);
    CHECK(session.difference()->candidate_name() == "theirs.npz");
    CHECK(session.difference()->find("dv")->verdict == Verdict::fail);
    CHECK(session.difference()->find("S") == nullptr);
    session.ui.versus = Versus::second_own;
    CHECK(session.difference()->reference_name() == "ours.npz");
    next_versus(session);
    CHECK(session.ui.versus == Versus::own_reference);
    next_versus(session);
    next_versus(session);
    CHECK(session.ui.versus == Versus::second_own);
    CHECK(session.difference()->find("dv")->verdict == Verdict::fail);
    session.ui.versus = Versus::own_reference;
    CHECK(session.difference()->find("dv")->verdict == Verdict::pass);
    session.close_claim();
    CHECK(session.comparisons().size() == 1);
    session.open("overwrite");
    CHECK(session.difference() == nullptr);
}

/// Too large to be compared at once; o is wrong in head 1 at token 600.
Document large() {
    Document document;
    document.layers.push_back(
        {"", draw_problem({{1, 1000, 1, 2, 32, 32, 1}, Decay::slow, 1, false, true, false, {}, 2}), {}, {}, {}});
    Layer& layer = document.layers[0];
    layer.sizes = validate_shapes(layer.problem);
    layer.claim.tensors["o"] = {forward(layer.problem).o, io::DType::f64};
    layer.claim.tensors["o"].values[(600 * 2 + 1) * 32 + 5] += 1;
    document.labels.assign(1000, "x");
    return document;
}

void wait(Session& session) {
    for (int frames = 0; session.tick(0) && frames < 100;) ++frames;
}

TEST_CASE("a session goes on comparing while the tab or the overlay shows") {
    for (const bool overlay : {false, true}) {
        Session session;
        session.open(large());
        REQUIRE(session.difference());
        CHECK_FALSE(session.tick(0));
        session.ui.tab = overlay ? Tab::state : Tab::difference;
        session.ui.show_error = overlay;
        wait(session);
        CHECK(session.difference()->complete());
        CHECK(session.difference()->find("o")->verdict == Verdict::fail);
        CHECK(session.ui.head == 0);
    }
}

TEST_CASE("what is compared after the tab was opened is shown where it is wrong, unless one has moved on") {
    for (const bool moves : {false, true}) {
        Session session;
        session.open(large());
        show_tab(session, Tab::difference);
        if (session.difference()->complete()) return;  // a fast machine
        if (moves) session.stand(at_token(3, 1000));
        wait(session);
        REQUIRE(session.difference()->complete());
        CHECK(session.ui.head == (moves ? 0 : 1));
        CHECK(session.ui.cursor.token == (moves ? 3 : 600));
    }
}

TEST_CASE("on the Diff tab the key for a check asks for the comparison, elsewhere for the gradient") {
    Session session;
    session.open("overwrite");
    session.ui.tab = Tab::difference;
    apply(Action::check, session);
    CHECK_FALSE(session.computes_numeric_gradient());
    session.open(document_of(Everything()));
    session.ui.sequence = 2;
    apply(Action::check, session);
    CHECK(session.difference()->complete());
}

}  // namespace
}  // namespace gdn2::test
