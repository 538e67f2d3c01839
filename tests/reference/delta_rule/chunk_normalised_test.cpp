// Eq. 19 taken literally: right while 1 / gamma fits, and where it stops.
#include "reference/delta_rule/chunk_normalised.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/chunk.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

/// One chunk of 64 tokens, every log-decay g.
template <class Scalar>
struct Constant {
    Problem<Scalar> p;

    explicit Constant(double g) {
        Problem<double> drawn =
            test::draw_problem({{1, 64, 1, 1, 8, 8, 1}, test::Decay::mild, 1, false, true, true, {}, 9});
        drawn.g = Tensor<double>(drawn.g.shape(), g);
        p = cast_problem<Scalar>(drawn);
    }

    Sequence<Scalar> view() const {
        const auto rows = [](const Tensor<Scalar>& t) { return head_rows(t, 0, 0, 0, 64); };
        return {rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), Scalar(1)};
    }
    Matrix<Scalar> S() const { return state_of(*p.initial_state, 0, 0); }

    bool normalised_is_finite() const {
        const Forward<Scalar> run = chunk_normalised(view(), S(), 64);
        return run.o.allFinite() && run.final_state.allFinite();
    }
    bool chunk_is_finite() const {
        const Forward<Scalar> run = chunk(view(), S(), 64);
        return run.o.allFinite() && run.final_state.allFinite();
    }
};

TEST_CASE("chunk_normalised equals chunk while the decay is mild") {
    const Problem<double> p = test::draw_problem(test::killer());
    const auto rows = [](const Tensor<double>& t) { return head_rows(t, 0, 0, 0, 150); };
    const Sequence<double> x{rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 0.5};
    const Matrix<double> S = state_of(std::as_const(*p.initial_state), 0, 0);
    const Forward<double> literal = chunk_normalised(x, S, 64), ratio = chunk(x, S, 64);
    CHECK((literal.o - ratio.o).norm() <= 1e-11 * ratio.o.norm());
    CHECK((literal.final_state - ratio.final_state).norm() <= 1e-11 * ratio.final_state.norm());
}

TEST_CASE("chunk_normalised breaks where its exponents overflow and chunk does not") {
    const test::AllowFpExceptions allowed;
    CHECK(Constant<float>(-1.3).normalised_is_finite());
    CHECK_FALSE(Constant<float>(-5).normalised_is_finite());
    CHECK_FALSE(Constant<double>(-12).normalised_is_finite());
    for (const double g : {-1.3, -5.0, -12.0, -50.0, -1e4}) {
        CHECK(Constant<float>(g).chunk_is_finite());
        CHECK(Constant<double>(g).chunk_is_finite());
    }
}

}  // namespace
}  // namespace gdn2
