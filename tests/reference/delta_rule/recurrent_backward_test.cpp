// The token-by-token adjoint against central differences of the loss, number by number, on a small problem; the
// dot-product test against dual numbers is in operators_test.cpp, other people's gradients in golden_test.cpp.
#include "reference/delta_rule/recurrent_backward.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

double loss_of(const Problem<double>& p) {
    const Result<double> r = forward(p, {.path = Path::recurrent, .threads = 1});
    double loss = 0;
    for (Index i = 0; i < r.o.size(); ++i) loss += r.o[i] * (*p.d_o)[i];
    for (Index i = 0; i < r.final_state.size(); ++i) loss += r.final_state[i] * (*p.d_final_state)[i];
    return loss;
}

/// Largest difference between `claimed` and the central difference by each number of `x`, a tensor of `p`.
double worst_difference(Problem<double>& p, Tensor<double>& x, const Tensor<double>& claimed) {
    constexpr double h = 1e-5;
    double worst = 0;
    for (Index i = 0; i < x.size(); ++i) {
        const double at = x[i];
        x[i] = at + h;
        const double up = loss_of(p);
        x[i] = at - h;
        const double down = loss_of(p);
        x[i] = at;
        const double difference = std::abs((up - down) / (2 * h) - claimed[i]);
        if (!(difference <= worst)) worst = difference;
    }
    return worst;
}

TEST_CASE("recurrent_backward equals central differences in every number") {
    Problem<double> p = test::draw_problem({{1, 7, 1, 2, 3, 2, 1}, test::Decay::mild, 2, false, true, true, {}, 5});
    const Result<double> d = gradient(p, {.path = Path::recurrent, .threads = 1});
    CHECK(worst_difference(p, p.q, d.dq) <= 1e-8);
    CHECK(worst_difference(p, p.k, d.dk) <= 1e-8);
    CHECK(worst_difference(p, p.v, d.dv) <= 1e-8);
    CHECK(worst_difference(p, p.g, d.dg) <= 1e-8);
    CHECK(worst_difference(p, p.b, d.db) <= 1e-8);
    CHECK(worst_difference(p, p.w, d.dw) <= 1e-8);
    CHECK(worst_difference(p, *p.initial_state, d.d_initial_state) <= 1e-8);
}

TEST_CASE("recurrent_backward of an empty sequence hands d_final_state through") {
    Problem<double> p =
        test::draw_problem({{1, 4, 1, 1, 3, 2, 1}, test::Decay::mild, 1, false, true, true, {0, 0, 4}, 5});
    const Result<double> d = gradient(p, {.path = Path::recurrent});
    CHECK(state_of(std::as_const(d.d_initial_state), 0, 0) == state_of(std::as_const(*p.d_final_state), 0, 0));
}

}  // namespace
}  // namespace gdn2
