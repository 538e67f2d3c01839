// Tied gates against the older rules, written here from their own equations (Eqs. 47-48).
#include "reference/delta_rule/tied.h"

#include <doctest/doctest.h>

#include <functional>

#include "reference/delta_rule/heads.h"
#include "tests/support/expect_close.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

using State = Matrix<double>;
using Key = Vector<double>;

Problem<double> drawn() {
    return test::draw_problem({{1, 50, 1, 1, 6, 4, 1}, test::Decay::mild, 1, false, true, true, {}, 31});
}

Tensor<double> drawn_beta(const Problem<double>& p) {
    Random random(32);
    return random_uniform({1, p.q.shape()[1], p.q.shape()[2]}, random, 0, 1);
}

/// Runs a rule S <- rule(t, S, k_t, v_t) over the problem and compares o with the project's.
void expect_rule(const Problem<double>& p,
                 const std::function<State(Index, const State&, const Key&, const Key&)>& rule) {
    for (const Path path : {Path::recurrent, Path::chunk, Path::residual}) {
        const Result<double> run = forward(p, {.path = path, .chunk = 16});
        State S = state_of(std::as_const(*p.initial_state), 0, 0);
        for (Index t = 0; t < p.q.shape()[1]; ++t) {
            const Key k = head_rows(p.k, 0, 0, t, 1).transpose(), v = head_rows(p.v, 0, 0, t, 1).transpose();
            S = rule(t, S, k, v);
            const Key o = scale_of(p) * S.transpose() * head_rows(p.q, 0, 0, t, 1).transpose();
            CHECK((o - head_rows(run.o, 0, 0, t, 1).transpose()).norm() <= 1e-13);
        }
    }
}

TEST_CASE("with tied gates the rule is KDA") {
    const Problem<double> p = drawn();
    const Tensor<double> beta = drawn_beta(p);
    expect_rule(tie_kda(p, beta), [&](Index t, const State& S, const Key& k, const Key& v) -> State {
        const State decayed = Key(head_rows(p.g, 0, 0, t, 1).transpose().array().exp()).asDiagonal() * S;
        return decayed - beta[t] * k * (k.transpose() * decayed) + beta[t] * k * v.transpose();      // Eq. 47
    });
}

TEST_CASE("with a scalar decay too the rule is Gated DeltaNet") {
    const Problem<double> p = drawn();
    const Tensor<double> beta = drawn_beta(p);
    expect_rule(tie_gated_deltanet(p, beta), [&](Index t, const State& S, const Key& k, const Key& v) -> State {
        const double alpha = std::exp(head_rows(p.g, 0, 0, t, 1).mean());
        const State I = State::Identity(6, 6);
        return alpha * (I - beta[t] * k * k.transpose()) * S + beta[t] * k * v.transpose();          // Eq. 48
    });
}

TEST_CASE("without decay it is DeltaNet") {
    const Problem<double> p = drawn();
    const Tensor<double> beta = drawn_beta(p);
    expect_rule(tie_deltanet(p, beta), [&](Index t, const State& S, const Key& k, const Key& v) -> State {
        return S + beta[t] * k * (v - S.transpose() * k).transpose();
    });
}

TEST_CASE("without erasing it is gated linear attention") {
    const Problem<double> p = drawn();
    expect_rule(linear_attention(p), [&](Index t, const State& S, const Key& k, const Key& v) -> State {
        const Key alpha = head_rows(p.g, 0, 0, t, 1).transpose().array().exp();
        return State(alpha.asDiagonal() * S) + k * v.transpose();
    });
}

TEST_CASE("the gradient of beta is the sum of the gates' gradients over channels and group") {
    Problem<double> p = test::draw_problem({{1, 9, 2, 4, 3, 2, 1}, test::Decay::mild, 1, false, true, true, {}, 33});
    Tensor<double> beta = drawn_beta(p);
    const Tensor<double> claimed = beta_gradient(gradient(tie_kda(p, beta), {}));
    const auto loss = [&] {
        const Result<double> r = forward(tie_kda(p, beta), {});
        double sum = 0;
        for (Index i = 0; i < r.o.size(); ++i) sum += r.o[i] * (*p.d_o)[i];
        for (Index i = 0; i < r.final_state.size(); ++i) sum += r.final_state[i] * (*p.d_final_state)[i];
        return sum;
    };
    for (Index i = 0; i < beta.size(); ++i) {
        const double at = beta[i], h = 1e-5;
        beta[i] = at + h;
        const double up = loss();
        beta[i] = at - h;
        const double down = loss();
        beta[i] = at;
        CHECK(claimed[i] == doctest::Approx((up - down) / (2 * h)).epsilon(1e-7));
    }
}

TEST_CASE("mean_gates is what a tied problem was tied with and a wrong beta is refused") {
    const Problem<double> p = drawn();
    const Tensor<double> beta = drawn_beta(p);
    test::expect_close("beta", beta, mean_gates(tie_kda(p, beta)), 1e-15);
    CHECK_THROWS_WITH_AS(tie_kda(p, Tensor<double>({1, 50, 2})),
                         "`beta` must be [batch, length, key_heads] = [1, 50, 1], got [1, 50, 2]", Error);
}

TEST_CASE("mean gates are the same bits wherever in memory the gates lie") {
    Problem<double> p =
        test::draw_problem({{1, 50, 1, 1, 13, 29, 1}, test::Decay::mild, 1, false, true, false, {}, 33});
    Random random(34);
    p.b = random_uniform(p.b.shape(), random, 0, 1);  // with all their bits: sums of few bits would be exact
    p.g = random_uniform(p.g.shape(), random, -1, 0);
    std::vector<Problem<double>> copies;
    std::vector<std::vector<std::byte>> between;
    for (std::size_t i = 1; i < 40; ++i) {
        between.emplace_back(24 * i);
        copies.push_back(p);
    }
    const Tensor<double> means = mean_gates(p);
    const Problem<double> tied = tie_gated_deltanet(p, means);
    for (const Problem<double>& copy : copies) {
        const Tensor<double> again = mean_gates(copy);
        CHECK(again.values() == means.values());
        const Problem<double> tied_again = tie_gated_deltanet(copy, means);
        CHECK(tied_again.g.values() == tied.g.values());
    }
}

}  // namespace
}  // namespace gdn2
