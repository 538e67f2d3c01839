// The gates of one token as sliders show and set them.
#include "visualizer/model/token_gates.h"

#include <doctest/doctest.h>

#include <cmath>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("a gate's channels are summed up by their ends and mean, a decay's by the geometric mean") {
    Session session;
    session.open("decay");
    session.stand(at_token(3, session.length()));
    session.edits().make({Gate::b, 3, 0, 0.5});
    const Head& head = session.track().head();
    const GateSpread b = gate_spread(session, Gate::b), alpha = gate_spread(session, Gate::g);
    CHECK(b.low == head.b.row(3).minCoeff());
    CHECK(b.high == head.b.row(3).maxCoeff());
    double product = 1;
    for (Index i = 0; i < head.key_dim(); ++i) product *= session.track().alpha()(3, i);
    CHECK(alpha.mean == doctest::Approx(std::pow(product, 1.0 / static_cast<double>(head.key_dim()))));
    CHECK(alpha.low < alpha.mean);
    CHECK(alpha.mean < alpha.high);
}

TEST_CASE("a gate set under another rule is set for GDN-2, and the numbers shown are the other rule's") {
    Session session;
    session.open("erase_and_write_alone");
    session.ui.mixer = Mixer::kda;
    session.stand(at_token(2, session.length()));
    set_gate(session, Gate::b, 0.25, false);
    CHECK(gate_spread(session, Gate::b).mean == doctest::Approx(0.125));  // the mean of b and w
    CHECK(gate_spread(session, Gate::w).mean == doctest::Approx(0.125));
    session.ui.mixer = Mixer::gdn2;
    CHECK(gate_spread(session, Gate::b).mean == 0.25);
    CHECK(gate_spread(session, Gate::w).mean == 0);
}

TEST_CASE("tied gates are set together, as one step that follows the mouse") {
    Session session;
    session.open("overwrite");
    session.ui.gates.tie = true;
    session.stand(at_token(1, session.length()));
    for (const double beta : {0.75, 0.5, 0.25}) set_gate(session, Gate::b, beta, beta < 0.75);
    CHECK(gate_spread(session, Gate::b).mean == 0.25);
    CHECK(gate_spread(session, Gate::w).mean == 0.25);
    CHECK(session.edits().edits().size() == 2);
    set_gate(session, Gate::g, -0.5, false);
    CHECK(gate_spread(session, Gate::g).mean == doctest::Approx(std::exp(-0.5)));
    session.edits().undo();
    session.edits().undo();
    CHECK(session.edits().edits().empty());
}

TEST_CASE("a b above 1 is what was asked for") {
    Session session;
    session.open("overwrite");
    set_gate(session, Gate::b, 1.5, false);
    CHECK(gate_spread(session, Gate::b).mean == 1.5);
    CHECK(session.ui.gates.wide_b);
}

TEST_CASE("edited tokens are known, and from which on the future differs") {
    Session session;
    session.open("overwrite");
    CHECK_FALSE(first_edited(session));
    session.edits().make({Gate::w, 3, 0, 0.5});
    session.edits().make({Gate::b, 1, 0, 0.5});
    CHECK(first_edited(session) == 1);
    CHECK(is_edited(session, 1));
    CHECK_FALSE(is_edited(session, 2));
    CHECK(is_edited(session, 3));
    session.edits().reset();
    session.ui.gates.tie = true;
    CHECK(first_edited(session) == 0);
    CHECK_FALSE(is_edited(session, 0));
}

}  // namespace
}  // namespace gdn2::test
