// What a session holds against what: its own file, a second one, the reference.
#include <doctest/doctest.h>

#include "tests/visualizer/model/everything.h"

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
    CHECK(session.difference()->find("dv")->verdict == Verdict::fail);
    session.ui.versus = Versus::own_reference;
    CHECK(session.difference()->find("dv")->verdict == Verdict::pass);
    session.close_claim();
    CHECK(session.comparisons().size() == 1);
    session.open("overwrite");
    CHECK(session.difference() == nullptr);
}

TEST_CASE("a session goes on comparing while the tab shows, a large file only when asked") {
    Document large;
    large.layers.push_back(
        {"", draw_problem({{1, 1000, 1, 2, 32, 32, 1}, Decay::slow, 1, false, true, false, {}, 2}), {}, {}, {}});
    Layer& layer = large.layers[0];
    layer.sizes = validate_shapes(layer.problem);
    layer.claim.tensors["o"] = {forward(layer.problem).o, io::DType::f64};
    large.labels.assign(1000, "x");
    Session session;
    session.open(std::move(large));
    REQUIRE(session.difference());
    CHECK_FALSE(session.tick(0));
    if (!session.difference()->complete()) {
        session.ui.tab = Tab::difference;
        int frames = 0;
        while (session.tick(0) && frames < 100) ++frames;
    }
    CHECK(session.difference()->complete());
    CHECK(session.difference()->find("o")->verdict == Verdict::pass);
}

}  // namespace
}  // namespace gdn2::test
