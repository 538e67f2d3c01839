// The numeric gradient at a token: central differences of the loss that agree with the adjoint, and notice a wrong one.
#include "visualizer/model/numeric_gradient.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/delta_rule/heads.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Head head(Index length, Decay decay = Decay::slow) {
    return head_of(draw_problem({{1, length, 1, 1, 5, 7, 1}, decay, 2, false, true, true, {}, 4}), 0, 0);
}

double loss_by_recurrence(const Head& head) {
    const Loss loss = loss_of(head);
    const Result<double> run = forward(problem_of(head), {.path = Path::recurrent});
    return loss.d_o.cwiseProduct(head_rows(run.o, 0, 0, 0, head.length())).sum() +
           loss.d_final_state.cwiseProduct(state_of(run.final_state, 0, 0)).sum();
}

Matrix<double>& input_of(Head& head, const std::string& gradient) {
    if (gradient == "dq") return head.q;
    if (gradient == "dk") return head.k;
    if (gradient == "dg") return head.g;
    if (gradient == "db") return head.b;
    return gradient == "dv" ? head.v : head.w;
}

TEST_CASE("every channel is the central difference of the loss of the whole run") {
    const Head own = head(70);
    const Track track(own);
    const GradientView gradients(track);
    NumericRun run(track, gradients, 3);
    CHECK_FALSE(run.advance(1e12));
    REQUIRE(run.result().complete);
    for (const ChannelGradient& tensor : run.result().tensors)
        for (Index channel = 0; channel < tensor.numeric.size(); ++channel) {
            constexpr double step = 0x1p-13;
            Head up = own, down = own;
            input_of(up, tensor.name)(3, channel) += step;
            input_of(down, tensor.name)(3, channel) -= step;
            const double difference = (loss_by_recurrence(up) - loss_by_recurrence(down)) / (2 * step);
            INFO(tensor.name << " " << channel);
            CHECK(std::abs(tensor.numeric[channel] - difference) <= 1e-8 * (1 + std::abs(difference)));
        }
}

TEST_CASE("it agrees with the adjoint at every kind of token: first, last, where a chunk ends, under any decay") {
    for (const Decay decay : {Decay::zero, Decay::slow, Decay::fast, Decay::wiped}) {
        const Track track(head(131, decay));
        const GradientView gradients(track);
        for (const Index token : {0, 1, 63, 64, 66, 129, 130}) {
            INFO(name_of(decay) << " token " << token);
            NumericRun run(track, gradients, token);
            run.advance(1e12);
            for (const ChannelGradient& tensor : run.result().tensors) {
                INFO(tensor.name);
                INFO(tensor.why);
                CHECK(tensor.verdict == GradientVerdict::agrees);
                CHECK(tensor.difference == Vector<double>(tensor.numeric - tensor.analytic));
                CHECK((tensor.difference.array().abs() <= tensor.error.array()).all());
                CHECK(tensor.relative <= 1e-10);
                CHECK(tensor.largest == tensor.analytic.cwiseAbs().maxCoeff());
                CHECK(tensor.largest_difference == tensor.difference.cwiseAbs().maxCoeff());
                CHECK(tensor.largest_error == tensor.error.maxCoeff());
            }
        }
    }
}

TEST_CASE("a wrong gradient is seen, in its tensor and channel") {
    Head own = head(20);
    const Track track(own);
    own.b(6, 2) += 0.01;  // the gradients of another run
    const Track other(own);
    const GradientView gradients(track), wrong(other);
    NumericRun run(track, wrong, 6);
    run.advance(1e12);
    const ChannelGradient& dk = run.result().tensors[5];
    CHECK(std::string(dk.name) == "dk");
    CHECK(dk.verdict == GradientVerdict::differs);
    CHECK(dk.why.find("relative; allowed 1e-07") != std::string::npos);
    Index worst = 0;
    CHECK(dk.difference.cwiseAbs().maxCoeff(&worst) > 1e-4);
    CHECK(worst == 2);
}

TEST_CASE("values of any size are judged, each tensor by its own scale") {
    for (const double size : {1e-20, 1.0, 1e16, 1e40}) {
        Head own = head(40);
        own.v *= size;
        own.initial_state *= size;
        const Track track(own);
        const GradientView gradients(track);
        NumericRun run(track, gradients, 5);
        run.advance(1e12);
        for (const ChannelGradient& tensor : run.result().tensors) {
            INFO(size << " " << tensor.name << " " << tensor.why);
            CHECK(tensor.verdict == GradientVerdict::agrees);
            CHECK(tensor.largest > 0);
        }
    }
}

TEST_CASE("a gradient that drowns in the rounding of a large state is not judged, were it right or wrong") {
    Head own = head(30);
    own.initial_state.setConstant(1e20);
    own.g.setZero();
    const Track track(own);
    GradientView gradients(track);
    NumericRun run(track, gradients, 5);
    run.advance(1e12);
    const ChannelGradient& dv = run.result().tensors[1];
    CHECK(dv.verdict == GradientVerdict::undecided);
    CHECK(dv.why.starts_with("cannot be judged: the gradient is up to "));
    CHECK(dv.error.minCoeff() > dv.largest * 1e-7);
    CHECK(dv.allowed >= dv.error.minCoeff());
    CHECK(run.result().tensors[0].verdict == GradientVerdict::agrees);  // dq is as large as the state
}

TEST_CASE("a gradient that is 0 in every term is known to be 0") {
    Head own = head(30);
    own.initial_state.setZero();
    const Track track(own);
    const GradientView gradients(track);
    NumericRun run(track, gradients, 0);
    run.advance(1e12);
    for (const std::size_t i : {3, 4}) {  // nothing is stored that could decay or be erased
        const ChannelGradient& tensor = run.result().tensors[i];
        CHECK(tensor.largest == 0);
        CHECK(tensor.numeric.isZero(0));
        CHECK(tensor.error.isZero(0));
        CHECK(tensor.verdict == GradientVerdict::agrees);
    }
}

TEST_CASE("a sum of terms that cancel is not judged where only rounding is left of it") {
    Head own = head(1);
    own.d_final_state->setZero();
    own.initial_state.setZero();
    own.v.setOnes();
    own.w.setOnes();
    own.d_o->setZero();
    (*own.d_o)(0, 0) = 0.1, (*own.d_o)(0, 1) = 0.2, (*own.d_o)(0, 2) = -0.3;  // 5.6e-17 in all
    const Track track(own);
    const GradientView gradients(track);
    const NumericRun run(track, gradients, 0);
    const ChannelGradient& dq = run.result().tensors[0];
    CHECK(dq.largest < 1e-15);
    CHECK(dq.verdict == GradientVerdict::undecided);
}

TEST_CASE("what is not finite is never judged to agree") {
    const AllowFpExceptions allowed;
    Head own = head(20);
    own.v(7, 3) = std::numeric_limits<double>::quiet_NaN();
    const Track track(own);
    const GradientView gradients(track);
    NumericRun run(track, gradients, 7);
    run.advance(1e12);
    for (const ChannelGradient& tensor : run.result().tensors) {
        const bool finite = tensor.analytic.allFinite() && tensor.numeric.allFinite();
        CHECK((finite || tensor.verdict == GradientVerdict::undecided));
    }
    own.v(7, 3) = 0;
    const Track sound(own);
    NumericRun wrong(sound, gradients, 9);  // the gradients of the other run
    wrong.advance(1e12);
    CHECK(wrong.result().tensors[0].verdict == GradientVerdict::differs);
    CHECK(wrong.result().tensors[0].why == "the analytic gradient is not finite");
}

TEST_CASE("pieces add up to the same bits") {
    const Track track(head(200));
    const GradientView gradients(track);
    NumericRun whole(track, gradients, 10), pieces(track, gradients, 10);
    whole.advance(1e12);
    CHECK_FALSE(pieces.result().complete);
    CHECK(pieces.result().cost.starts_with("dv dw db dg dk: 35 cells of the state to run over 189 tokens"));
    int calls = 1;
    double left = pieces.result().flops_left;
    while (pieces.advance(1)) {
        ++calls;
        CHECK(pieces.result().flops_left < left);
        left = pieces.result().flops_left;
        for (const ChannelGradient& tensor : pieces.result().tensors)
            CHECK(tensor.numeric.hasNaN() == (tensor.verdict == GradientVerdict::open));
    }
    CHECK(calls == 3);
    CHECK(pieces.result().cost.empty());
    CHECK(pieces.result().flops_left == 0);
    CHECK(pieces.result().flops == whole.result().flops);
    for (std::size_t i = 0; i < 6; ++i)
        CHECK(pieces.result().tensors[i].numeric == whole.result().tensors[i].numeric);
}

TEST_CASE("what fits is computed, and dq always") {
    const Track track(head(200));
    const GradientView gradients(track);
    NumericRun run(track, gradients, 10);
    run.fill(run.result().flops_left / 3);
    CHECK(run.result().tensors[0].verdict == GradientVerdict::agrees);
    CHECK(run.result().tensors[2].verdict == GradientVerdict::open);
    CHECK_FALSE(run.result().complete);
    run.fill(1e12);
    CHECK(run.result().complete);
}

TEST_CASE("wide states are run in batches") {
    const Head own = head_of(draw_problem({{1, 12, 1, 1, 6, 600, 1}, Decay::slow, 1, false, true, true, {}, 4}), 0, 0);
    const Track track(own);
    const GradientView gradients(track);
    NumericRun run(track, gradients, 2);
    run.advance(1e12);
    for (const ChannelGradient& tensor : run.result().tensors) CHECK(tensor.verdict == GradientVerdict::agrees);
}

TEST_CASE("a session computes small heads at once and the rest when asked, while the cursor stays") {
    Session session;
    session.open("killer");
    session.ui.cursor = at_token(20, session.length());
    CHECK(session.numeric_gradient().complete);
    CHECK_FALSE(session.tick(0));
    Document large;
    large.layers.push_back(
        {"", draw_problem({{1, 600, 1, 1, 80, 64, 1}, Decay::slow, 1, false, true, true, {}, 2}), {}, {}, {}});
    large.layers[0].sizes = validate_shapes(large.layers[0].problem);
    large.labels.assign(600, "x");
    session.open(std::move(large));
    session.ui.cursor = at_token(1, session.length());
    CHECK_FALSE(session.numeric_gradient().complete);
    CHECK(session.numeric_gradient().tensors[0].verdict == GradientVerdict::agrees);
    CHECK_FALSE(session.tick(0));
    CHECK_FALSE(session.computes_numeric_gradient());
    session.ask_numeric_gradient();
    CHECK(session.computes_numeric_gradient());
    CHECK(session.tick(0));
    session.ui.cursor = at_token(2, session.length());
    CHECK_FALSE(session.computes_numeric_gradient());
    CHECK_FALSE(session.tick(0));
    session.ui.cursor = at_token(1, session.length());
    int frames = 0;
    while (session.tick(0) && frames < 1000) ++frames;
    CHECK(session.numeric_gradient().complete);
    CHECK(frames > 2);
    CHECK_FALSE(session.computes_numeric_gradient());
    session.edits().make({Gate::b, 300, 0, 0});
    CHECK_FALSE(session.numeric_gradient().complete);
    CHECK_FALSE(session.tick(0));
}

}  // namespace
}  // namespace gdn2::test
