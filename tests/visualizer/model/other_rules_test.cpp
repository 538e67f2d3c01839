// Rules that tie no gates of GDN-2, token by token: the same numbers as the reference's own sequences give.
#include "visualizer/model/other_rules.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/baselines/mamba2.h"
#include "reference/baselines/softmax_attention.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Head random_head(Index length, Decay decay = Decay::slow) {
    return head_of(draw_problem({{1, length, 1, 1, 6, 5, 1}, decay, 1, false, true, true, {}, 4}), 0, 0);
}

bool same(const Matrix<double>& a, const Matrix<double>& b) {
    return a.rows() == b.rows() && a.cols() == b.cols() && (a - b).cwiseAbs().maxCoeff() <= 1e-12;
}

/// The first tokens of a head.
Head start_of(Head head, Index length) {
    for (Matrix<double>* rows : {&head.q, &head.k, &head.g, &head.b, &head.v, &head.w})
        *rows = Matrix<double>(rows->topRows(length));
    return head;
}

TEST_CASE("Mamba-2 keeps and answers what the baseline's whole sequence does") {
    const Head head = random_head(37);
    const OtherRun run(head, OtherRule::mamba2);
    const Matrix<double> dt = head.w.rowwise().mean();
    const double A = head.g.rowwise().mean().sum() / dt.sum();
    for (const Index token : {0, 5, 6, 36, 17}) {
        const Head start = start_of(head, token + 1);
        const Matrix<double> steps = dt.topRows(token + 1);
        const baselines::Mamba2<double> in{rows_of(start.q), rows_of(start.k), rows_of(start.v), rows_of(steps), A, 0};
        const Forward<double> known = baselines::mamba2_chunk(in, head.initial_state, Index{8});
        CHECK(same(run.memory(token), known.final_state));
        CHECK(same(run.answers(head.q.row(token), token), known.o.row(token)));
    }
    CHECK(run.memory(-1) == head.initial_state);
    CHECK(run.cached(36) == 0);
}

TEST_CASE("Mamba-2's one rate forgets as much over the run as the mean of g does") {
    Head head = random_head(9);
    head.v.setZero();
    head.g.row(4).setConstant(-3);
    const OtherRun run(head, OtherRule::mamba2);
    const double kept = std::exp(head.g.rowwise().mean().sum());
    CHECK(same(run.memory(8), kept * head.initial_state));
}

TEST_CASE("Mamba-3 writes half of each pair at once and the other half, decayed, with the next token") {
    Head head = random_head(2);
    head.initial_state.setZero();
    head.g.row(1).setConstant(-1.5);
    const OtherRun run(head, OtherRule::mamba3);
    const auto step = [&](Index t) { return head.w.row(t).mean(); };
    const auto pair = [&](Index t) -> Matrix<double> { return head.k.row(t).transpose() * head.v.row(t); };
    const double alpha = std::exp(head.g.row(1).mean());
    const Matrix<double> first = 0.5 * step(0) * pair(0);
    CHECK(same(run.memory(0), first));
    const Matrix<double> second = alpha * (first + 0.5 * step(1) * pair(0)) + 0.5 * step(1) * pair(1);
    CHECK(same(run.memory(1), second));
    CHECK(same(run.answers(head.q, 1), head.q * second));
}

TEST_CASE("a state in the middle of a run is that of the run up to there, in whatever order they are asked for") {
    const Head head = random_head(50, Decay::fast);
    for (const OtherRule rule : {OtherRule::mamba2, OtherRule::mamba3}) {
        const OtherRun run(head, rule);
        const Matrix<double> late = run.memory(49), early = run.memory(3);
        CHECK(run.memory(49) == late);
        CHECK(run.memory(3) == early);
    }
    const OtherRun whole(head, OtherRule::mamba3), part(start_of(head, 31), OtherRule::mamba3);
    CHECK(whole.memory(30) == part.memory(30));
}

TEST_CASE("softmax attention answers as the baseline does over the tokens that write") {
    Head head = random_head(90);
    head.w.setOnes();
    const OtherRun run(head, OtherRule::softmax_attention);
    const Matrix<double> known = baselines::softmax_attention(baselines::SoftmaxAttention<double>{
        rows_of(head.q), rows_of(head.k), rows_of(head.v), OtherRun::sharpness, 0});
    for (const Index token : {0, 1, 44, 89}) CHECK(same(run.answers(head.q.row(token), token), known.row(token)));
    CHECK(run.cached(-1) == 0);
    CHECK(run.cached(10) == 11);
    CHECK(run.memory(-1).rows() == 0);
    const Matrix<double> cache = run.memory(89);
    CHECK(cache.rows() == OtherRun::rows_shown);
    CHECK(cache.row(63).head(6) == head.k.row(89));
    CHECK(cache.row(0).tail(5) == head.v.row(26));
}

TEST_CASE("what is not written is not cached, and what is written in part is cached in part") {
    Head head = random_head(4);
    head.w.row(1).setZero();
    head.w.row(2).setConstant(0.25);
    const OtherRun run(head, OtherRule::softmax_attention);
    CHECK(run.cached(3) == 3);
    CHECK(run.memory(3).row(1).tail(5) == 0.25 * head.v.row(2));
    head.w.setZero();
    CHECK(OtherRun(head, OtherRule::softmax_attention).answers(head.q, 3).isZero(0));
}

TEST_CASE("a token that is wiped or writes nothing leaves finite numbers, and there may be no tokens at all") {
    Head head = random_head(6);
    head.g.row(2).setConstant(-std::numeric_limits<double>::infinity());
    head.w.row(3).setZero();
    for (const OtherRule rule : all_other_rules) {
        CHECK(OtherRun(head, rule).memory(5).allFinite());
        const OtherRun none(start_of(head, 0), rule);
        CHECK(none.memory(-1).isZero(0) == (rule == OtherRule::softmax_attention));
        CHECK_THROWS_WITH_AS(none.memory(0), "there is no token 0", Error);
    }
}

}  // namespace
}  // namespace gdn2::test
