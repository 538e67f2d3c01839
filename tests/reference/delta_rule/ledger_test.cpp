// Which token owns how much of a state, and what one token's map does to it.
#include "reference/delta_rule/ledger.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/delta_rule/wy.h"
#include "reference/scenarios/scenario.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

/// One head of a drawn problem, as a sequence.
struct Drawn {
    Problem<double> problem;
    Sequence<double> x;
    Matrix<double> initial_state;

    explicit Drawn(Problem<double> given)
        : problem(std::move(given)),
          x{rows(problem.q), rows(problem.k), rows(problem.g), rows(problem.b), rows(problem.v), rows(problem.w), 1},
          initial_state(state_of(*problem.initial_state, 0, 0)) {}
    static Rows<double> rows(const Tensor<double>& t) { return head_rows(t, 0, 0, 0, t.shape()[1]); }
};

Drawn draw(Index length, Decay decay, Index key_dim = 6, double b_high = 2) {
    return Drawn(draw_problem({{1, length, 1, 1, key_dim, 5, 1}, decay, b_high, false, true, true, {}, 8}));
}

/// I - k e^T, written out.
Matrix<double> erase_of(const Token<double>& x) {
    const Vector<double> e = x.b.cwiseProduct(x.k);
    return Matrix<double>::Identity(x.k.size(), x.k.size()) - x.k * e.transpose();
}

TEST_CASE("the norm and the eigenvalue of a token's erasing are those of the matrix written out") {
    for (const Index key_dim : {1, 2, 3, 9})
        for (const double b_high : {0.0, 1.0, 2.0, 5.0}) {
            Drawn drawn = draw(20, Decay::slow, key_dim, b_high);
            if (b_high == 5) drawn.problem.k.values()[3] = 3;  // no unit key
            for (Index t = 0; t < 20; ++t) {
                const Token<double> x = token_of(drawn.x, t);
                const Eigen::JacobiSVD<Matrix<double>> svd(erase_of(x));
                INFO("key_dim " << key_dim << ", b up to " << b_high << ", token " << t);
                CHECK(std::abs(erase_norm(x) - svd.singularValues()[0]) <= 1e-13 * svd.singularValues()[0]);
                const Vector<double> k = x.k;
                CHECK((erase_of(x) * k - erase_eigenvalue(x) * k).norm() <= 1e-13 * (1 + k.squaredNorm()));
                CHECK(std::abs(erase_of(x).determinant() - erase_eigenvalue(x)) <= 1e-12);
            }
        }
}

TEST_CASE("an erase gate that differs by channel can expand, and a tied one cannot") {
    const Drawn pair(scenario("expansive_pair").problem);
    const double c = std::cos(66 * 3.14159265358979 / 180);
    const double expected = (c + std::sqrt(c * c + 4 * (1 - c * c))) / 2;
    CHECK(std::abs(erase_norm(token_of(pair.x, 0)) - expected) <= 1e-12);
    CHECK(expected > 1.13);
    const Drawn tied(draw_problem({{1, 20, 1, 1, 6, 5, 1}, Decay::slow, 1, true, true, true, {}, 8}));
    for (Index t = 0; t < 20; ++t) CHECK(std::abs(erase_norm(token_of(tied.x, t)) - 1) <= 1e-12);
}

TEST_CASE("the terms of all tokens add up to the state, and their shares to 1") {
    for (const Decay decay : {Decay::zero, Decay::slow, Decay::fast, Decay::wiped})
        for (const Index length : {1, 2, 40, 100}) {
            INFO(name_of(decay) << ", " << length << " tokens");
            const Drawn drawn = draw(length, decay);
            const Matrix<double> S = recurrent(drawn.x, drawn.initial_state).final_state;
            const Ledger ledger = ledger_of(drawn.x, drawn.initial_state, S);
            CHECK(std::abs(ledger.share.sum() + ledger.initial_share - 1) <= 1e-12);

            // The same terms, each by itself: a run that starts where one token has written into an empty state.
            Matrix<double> sum = Matrix<double>::Zero(S.rows(), S.cols());
            for (Index s = -1; s < length; ++s) {
                Problem<double> later = drawn.problem;
                Matrix<double> C = drawn.initial_state;
                std::fill(later.w.values().begin(), later.w.values().end(), 0.0);
                const Sequence<double> silent{drawn.x.q, drawn.x.k, drawn.x.g, drawn.x.b, drawn.x.v,
                                              Drawn::rows(later.w), 1};
                if (s >= 0) C = drawn.x.k.row(s).transpose() * drawn.x.w.row(s).cwiseProduct(drawn.x.v.row(s));
                C = recurrent(span_of(silent, s + 1, length - s - 1), C).final_state;
                sum += C;
                const double size = s < 0 ? ledger.initial_size : ledger.size[s];
                const double share = s < 0 ? ledger.initial_share : ledger.share[s];
                CHECK(std::abs(size - C.norm()) <= 1e-12 * (1 + C.norm()));
                CHECK(std::abs(share - C.cwiseProduct(S).sum() / S.squaredNorm()) <= 1e-12);
            }
            CHECK((sum - S).norm() <= 1e-12 * S.norm());
        }
}

TEST_CASE("what is left of a chunk's keys at its end is K_tail^T A") {
    const Drawn drawn = draw(50, Decay::slow);
    const Matrix<double> S = recurrent(drawn.x, drawn.initial_state).final_state;
    const WY<double> c = wy(drawn.x);
    const Matrix<double> X = c.K_tail.transpose() * c.A;
    const Ledger ledger = ledger_of(drawn.x, drawn.initial_state, S);
    CHECK((ledger.x_norm - X.colwise().norm().transpose()).norm() <= 1e-12 * X.norm());
}

TEST_CASE("the last tokens alone, with the state before them, have the same shares") {
    const Drawn drawn = draw(60, Decay::slow);
    const Matrix<double> S_40 = recurrent(span_of(drawn.x, 0, 40), drawn.initial_state).final_state;
    const Matrix<double> S = recurrent(drawn.x, drawn.initial_state).final_state;
    const Ledger all = ledger_of(drawn.x, drawn.initial_state, S);
    const Ledger last = ledger_of(span_of(drawn.x, 40, 20), S_40, S);
    CHECK((all.share.tail(20) - last.share).norm() <= 1e-13);
    CHECK(std::abs(last.initial_share - (all.share.head(40).sum() + all.initial_share)) <= 1e-12);
}

TEST_CASE("a state of zeros is nobody's, and with no token everything is the initial state's") {
    Drawn drawn = draw(3, Decay::slow);
    std::fill(drawn.problem.w.values().begin(), drawn.problem.w.values().end(), 0.0);
    const Matrix<double> zeros = Matrix<double>::Zero(6, 5);
    const Ledger nobody = ledger_of(drawn.x, zeros, zeros);
    CHECK(nobody.share.isZero(0));
    CHECK(nobody.initial_share == 0);
    const Ledger none = ledger_of(span_of(drawn.x, 0, 0), drawn.initial_state, drawn.initial_state);
    CHECK(none.share.size() == 0);
    CHECK(std::abs(none.initial_share - 1) <= 1e-14);
}

TEST_CASE("what has faded away takes no time and has no share") {
    const Drawn drawn = draw(600, Decay::fast);
    const Matrix<double> S = recurrent(drawn.x, drawn.initial_state).final_state;
    const Ledger ledger = ledger_of(drawn.x, drawn.initial_state, S);
    CHECK(ledger.size[0] == 0);
    CHECK(ledger.initial_size == 0);
    CHECK(std::abs(ledger.share.sum() - 1) <= 1e-12);
}

}  // namespace
}  // namespace gdn2::test
