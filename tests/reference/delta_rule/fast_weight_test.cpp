// The edit as the minimiser of a loss: Eqs. 13-15. (The gradient against dual numbers: operators_test.cpp.)
#include "reference/delta_rule/fast_weight.h"

#include <doctest/doctest.h>

#include "reference/core/random.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

TEST_CASE("the token's edit minimises the fast-weight loss") {
    const Problem<double> p =
        test::draw_problem({{1, 6, 1, 1, 5, 4, 1}, test::Decay::mild, 2, false, true, true, {}, 41});
    const auto rows = [](const Tensor<double>& t) { return head_rows(t, 0, 0, 0, 6); };
    const Sequence<double> x{rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 1.0};
    Random random(42);
    Matrix<double> S = state_of(std::as_const(*p.initial_state), 0, 0);
    for (Index t = 0; t < 6; ++t) {
        const Token<double> token = token_of(x, t);
        const Matrix<double> before = S;
        step(token, S);
        CHECK((fast_weight_minimiser(token, before) - S).norm() <= 1e-14);                    // Eq. 15
        CHECK(fast_weight_gradient(token, before, S).norm() <= 1e-14);                        // Eq. 14
        const double least = fast_weight_loss(token, before, S);                              // Eq. 13
        for (int i = 0; i < 20; ++i) {
            const Matrix<double> away = Matrix<double>(5, 4).unaryExpr([&](double) { return random.normal(); });
            CHECK(fast_weight_loss(token, before, Matrix<double>(S + 0.1 * away)) > least);
        }
    }
}

}  // namespace
}  // namespace gdn2
