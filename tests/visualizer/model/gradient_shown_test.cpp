// What the Grad tab paints: one token's gradients, each on its own scale, with its check.
#include "visualizer/model/gradient_shown.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Session killer(Index token) {
    Session session;
    session.open("killer");
    session.ui.cursor = at_token(token, session.length());
    return session;
}

TEST_CASE("every strip of a gradient picture is the gradient of its name at the cursor's token") {
    const Session session = killer(12);
    const GradientPicture picture = gradient_picture(session);
    const Gradient<double>& d = session.gradients().gradient();
    CHECK(picture.token == 12);
    CHECK(picture.dS == session.gradients().dS(12));
    const Matrix<double>* key_side[] = {&d.dg, &d.db, &d.dk, &session.gradients().de(), &d.dq};
    const char* names[] = {"dg", "db", "dk", "de", "dq"};
    for (std::size_t i = 0; i < 5; ++i) {
        CHECK(std::string(picture.key_side[i].symbol) == names[i]);
        CHECK(picture.key_side[i].values == key_side[i]->row(12).transpose());
    }
    CHECK(picture.value_side[0].values == d.dv.row(12).transpose());
    CHECK(picture.value_side[3].values == Vector<double>(-picture.value_side[4].values));
    CHECK(std::string(picture.value_side[5].symbol) == "do");
}

TEST_CASE("only what differences move has a check, and it is of the same numbers") {
    const Session session = killer(12);
    const GradientPicture picture = gradient_picture(session);
    for (const GradientStrip& strip : picture.key_side) {
        CHECK((strip.check != nullptr) == (std::string(strip.symbol) != "de"));
        if (strip.check) CHECK(strip.check->analytic == strip.values);
    }
    for (std::size_t i = 0; i < 6; ++i) CHECK((picture.value_side[i].check != nullptr) == (i < 2));
}

TEST_CASE("a gradient's colours reach its own largest number of the run, or of the token, but never down to rounding") {
    Session session = killer(12);
    const Matrix<double>& db = session.gradients().gradient().db;
    CHECK(gradient_picture(session).key_side[1].half == db.cwiseAbs().maxCoeff());
    CHECK(gradient_picture(session).half == session.gradients().largest_dS());
    session.ui.scale_mode = ScaleMode::per_step;
    CHECK(gradient_picture(session).key_side[1].half == db.row(12).cwiseAbs().maxCoeff());
    CHECK(gradient_scale(session) == session.gradients().dS(12).cwiseAbs().maxCoeff());
    session.ui.scale_mode = ScaleMode::manual;
    session.ui.manual_scale = 3;
    CHECK(gradient_scale(session) == 3);
    session.open("shared_context_keys");
    session.ui.cursor = at_token(5, session.length());  // dq is the rounding of a sum that is zero there
    session.ui.scale_mode = ScaleMode::per_step;
    const GradientStrip dq = gradient_picture(session).key_side[4];
    CHECK(dq.values.cwiseAbs().maxCoeff() < 1e-14);
    CHECK(dq.half == dq.noise);
    CHECK(dq.check->verdict == GradientVerdict::undecided);
}

TEST_CASE("a gradient that is small beside those of another unit shows all the same") {
    Session session = killer(12);
    Document document = session.document();
    Problem<double>& problem = document.layers[0].problem;
    problem.initial_state.reset();
    for (double& x : problem.v.values()) x *= 1e-20;
    session.open(std::move(document));
    session.ui.cursor = at_token(12, session.length());
    const GradientPicture picture = gradient_picture(session);
    const GradientStrip& dq = picture.key_side[4];
    CHECK(session.gradients().largest("dq") < 1e-15 * session.gradients().largest("dv"));
    CHECK(dq.noise < 1e-9 * dq.half);
    CHECK(dq.half == session.gradients().largest("dq"));
}

TEST_CASE("a column shows the largest of its tokens, and that one of them is no number") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(largest_by_column({1, 3, 2, 5, 4, 0}, 3) == Vector<double>({{3, 5, 4}}));
    CHECK(largest_by_column({1, 2}, 10) == Vector<double>({{1, 2}}));
    CHECK(largest_by_column({}, 10).size() == 0);
    CHECK(largest_by_column({1, 2}, 0).size() == 0);
    const Vector<double> bad = largest_by_column({1, nan, 7, 2, 3, 4}, 2);
    CHECK(std::isnan(bad[0]));
    CHECK(bad[1] == 4);
}

}  // namespace
}  // namespace gdn2::test
