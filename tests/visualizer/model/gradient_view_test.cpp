// The Grad tab: every gradient of a run, token by token, and the same bits whatever was looked at before.
#include "visualizer/model/gradient_view.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Two sequences on two value heads, with gradients from above.
Problem<double> packed() {
    return draw_problem({{1, 60, 1, 2, 5, 7, 2}, Decay::slow, 2, false, true, true, {0, 37, 60}, 9});
}

TEST_CASE("a head's gradients are the whole problem's by the chunkwise adjoint") {
    Problem<double> problem = packed();
    const Result<double> whole = gradient(problem, {.path = Path::chunk});
    const std::vector<Index>& starts = *problem.cu_seqlens;
    Matrix<double> dk = Matrix<double>::Zero(60, 5), dg = dk;
    for (Index sequence = 0; sequence < 2; ++sequence)
        for (Index head = 0; head < 2; ++head) {
            const Track track(head_of(problem, sequence, head));
            const GradientView view(track);
            const Index first = starts[static_cast<std::size_t>(sequence)], length = track.length();
            const auto rows = [&](const Tensor<double>& t) -> Matrix<double> {
                return head_rows(t, 0, head, first, length);
            };
            CHECK((view.gradient().dv - rows(whole.dv)).norm() <= 1e-11 * rows(whole.dv).norm());
            CHECK((view.gradient().dw - rows(whole.dw)).norm() <= 1e-11 * rows(whole.dw).norm());
            const Matrix<double> d_initial = state_of(whole.d_initial_state, sequence, head);
            CHECK((view.dS(-1) - d_initial).norm() <= 1e-11 * d_initial.norm());
            dk.middleRows(first, length) += view.gradient().dk;
            dg.middleRows(first, length) += view.gradient().dg;
        }
    const Matrix<double> all_dk = head_rows(whole.dk, 0, 0, 0, 60), all_dg = head_rows(whole.dg, 0, 0, 0, 60);
    CHECK((dk - all_dk).norm() <= 1e-11 * all_dk.norm());
    CHECK((dg - all_dg).norm() <= 1e-10 * all_dg.norm());
}

TEST_CASE("dS, du and de of every token are what the adjoint records over the whole sequence, in any order") {
    using trace::Field;
    const Head head = head_of(packed(), 0, 1);
    const Problem<double> alone = problem_of(head);
    trace::Recorder recorder({Field::dS, Field::du, Field::de}, recorder_sizes(alone, 64));
    (void)gradient(alone, {.path = Path::recurrent, .recorder = &recorder});
    const Track track(head);
    const GradientView view(track);
    CHECK(view.span() == 6);
    CHECK(view.state_bytes() <= 13 * 5 * 7 * sizeof(double));
    const auto all = head_rows(recorder.tensor(Field::du), 0, 0, 0, 37);
    CHECK((view.du() - all).norm() <= 1e-13 * all.norm());
    CHECK((view.de() - head_rows(recorder.tensor(Field::de), 0, 0, 0, 37)).norm() <= 1e-13 * view.de().norm());
    double largest = 0;
    for (const Index t : {36, 0, 5, 6, 17, 35, 1}) {
        const Eigen::Map<const Matrix<double>> dS(recorder.tensor(Field::dS).data() + t * 35, 5, 7);
        CHECK((view.dS(t) - dS).norm() <= 1e-13 * dS.norm());
        CHECK(view.norm_dS()[static_cast<std::size_t>(t)] == view.dS(t).norm());
    }
    for (Index t = 0; t < 37; ++t) largest = std::max(largest, view.dS(t).cwiseAbs().maxCoeff());
    CHECK(view.largest_dS() == largest);
    for (Index t = -1; t < 37; ++t)
        for (const Index i : {0, 4}) CHECK(view.dS(t, i, 6) == view.dS(t)(i, 6));
    CHECK_THROWS_WITH_AS(view.dS(37, 0, 0), doctest::Contains("no token 37"), Error);
    CHECK_THROWS_WITH_AS(view.dS(-2, 0, 0), doctest::Contains("no token -2"), Error);
    CHECK_THROWS_WITH_AS(view.dS(37), doctest::Contains("no token 37"), Error);
}

TEST_CASE("a frame holds one token's row of everything") {
    const Track track(head_of(packed(), 1, 0));
    const GradientView view(track);
    const GradientFrame x = view.frame(4);
    const TokenFrame forward = track.frame(4);
    CHECK(x.dS == view.dS(4));
    CHECK(x.dz == view.du().row(4).transpose());
    CHECK(x.dr == Vector<double>(-x.du));
    CHECK((x.du - x.dS.transpose() * forward.k).norm() <= 1e-13);
    CHECK(x.db == Vector<double>(x.de.cwiseProduct(forward.k)));
    CHECK(x.dv == Vector<double>(x.dz.cwiseProduct(forward.w)));
    CHECK(x.dw == Vector<double>(x.dz.cwiseProduct(forward.v)));
    CHECK((x.dq - track.head().scale * forward.S * x.d_o).norm() <= 1e-13);
    CHECK(x.dg == view.gradient().dg.row(4).transpose());
    CHECK(x.dk == view.gradient().dk.row(4).transpose());
}

TEST_CASE("the largest number of each gradient is over all tokens") {
    const Track track(head_of(packed(), 1, 0));
    const GradientView view(track);
    CHECK(view.largest("dg") == view.gradient().dg.cwiseAbs().maxCoeff());
    CHECK(view.largest("dr") == view.du().cwiseAbs().maxCoeff());
    CHECK(view.largest("de") == view.de().cwiseAbs().maxCoeff());
    CHECK(view.largest("do") == view.loss().d_o.cwiseAbs().maxCoeff());
    CHECK_THROWS_WITH_AS(view.largest("dS"), "there is no gradient dS", Error);
}

TEST_CASE("the loss is the problem's own, or the sum of o, and says so") {
    Head head = head_of(packed(), 0, 0);
    CHECK(loss_of(head).says == "<d_o, o> + <d_final_state, final_state>");
    const Track track(head);
    const double both = GradientView(track).loss_value();
    const double of_o = track.o().cwiseProduct(*head.d_o).sum();
    CHECK(both == of_o + track.S(36).cwiseProduct(*head.d_final_state).sum());
    head.d_final_state.reset();
    CHECK(loss_of(head).says == "<d_o, o>");
    CHECK(loss_of(head).d_final_state.isZero(0));
    head.d_o.reset();
    const Track plain(head);
    const GradientView view(plain);
    CHECK(view.loss().says.find("the sum of o") == 0);
    CHECK(view.loss_value() == plain.o().sum());
    head.d_final_state = Matrix<double>::Ones(5, 7);
    CHECK(loss_of(head).says == "<d_final_state, final_state>");
    CHECK(loss_of(head).d_o.isZero(0));
}

TEST_CASE("an empty sequence has no gradients but the state's own") {
    Head head = head_of(packed(), 0, 0);
    for (Matrix<double>* rows : {&head.q, &head.k, &head.g, &head.b, &head.v, &head.w, &*head.d_o})
        *rows = Matrix<double>(0, rows->cols());
    const Track track(head);
    const GradientView view(track);
    CHECK(view.dS(-1) == *head.d_final_state);
    CHECK(view.gradient().dq.rows() == 0);
    CHECK_THROWS_AS(view.frame(0), Error);
}

TEST_CASE("a session's gradients follow its edits") {
    Session session;
    session.open("killer");
    const Matrix<double> before = session.gradients().gradient().db;
    session.edits().make({Gate::w, 0, Edit::all_channels, 0.25});
    CHECK_FALSE(session.gradients().gradient().db == before);
    session.edits().undo();
    CHECK(session.gradients().gradient().db == before);
}

}  // namespace
}  // namespace gdn2::test
