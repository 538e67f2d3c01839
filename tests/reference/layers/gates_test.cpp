// Decays, erase and write gates against their formulas, at their ends, and where they start.
#include "reference/layers/gates.h"

#include <doctest/doctest.h>

#include <cmath>

namespace gdn2 {
namespace {

/// Two heads of two channels: A = 1 and 3.
DecayGate<double> two_heads(std::optional<double> lower_bound) {
    return {Vector<double>{{0, std::log(3.0)}}, Vector<double>{{0.5, -1, 2, 0}}, lower_bound};
}

TEST_CASE("a decay gate is minus A times softplus, A by head and the bias by channel") {
    const Matrix<double> f{{1, 2, -3, 0}};
    const auto softplus = [](double x) { return std::log(1 + std::exp(x)); };
    const Matrix<double> expected{{-softplus(1.5), -softplus(1), -3 * softplus(-1), -3 * std::log(2.0)}};
    CHECK((forward(two_heads({}), f) - expected).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("a bounded decay gate stays between its bound and zero") {
    const Matrix<double> f{{1, 2, -3, 0}};
    const auto logistic = [](double x) { return 1 / (1 + std::exp(-x)); };
    const Matrix<double> expected{{-5 * logistic(1.5), -5 * logistic(1), -5 * logistic(-3), -2.5}};
    CHECK((forward(two_heads(-5), f) - expected).cwiseAbs().maxCoeff() <= 1e-14);
    const Matrix<double> huge = Matrix<double>::Constant(1, 4, 1e30);
    CHECK(forward(two_heads(-5), huge) == Matrix<double>::Constant(1, 4, -5));
    CHECK(forward<double>(two_heads(-5), -huge).isZero(0));
}

TEST_CASE("a decay gate far out keeps everything or forgets in proportion to f") {
    const Matrix<double> huge = Matrix<double>::Constant(1, 4, 1e30), one = Matrix<double>::Ones(1, 4);
    DecayGate<double> d = zeros_like(two_heads({}));
    CHECK(forward<double>(two_heads({}), -huge).isZero(0));
    CHECK(backward<double>(two_heads({}), -huge, one, d).isZero(0));
    CHECK((d.A_log.isZero(0) && d.dt_bias.isZero(0)));
    CHECK(forward(two_heads({}), huge)(0, 3) == doctest::Approx(-3e30));
    CHECK(backward(two_heads({}), huge, one, d)(0, 3) == doctest::Approx(-3));
}

TEST_CASE("the gradient of A_log is the sum of dg times g over a head, for g is in proportion to A") {
    const Matrix<double> f{{1, 2, -3, 0}, {0, 1, 0.5, -1}}, dg{{1, 2, 3, 4}, {-1, 0.5, 2, 1}};
    DecayGate<double> d = zeros_like(two_heads({}));
    const Matrix<double> df = backward(two_heads({}), f, dg, d);
    const Matrix<double> products = dg.cwiseProduct(forward(two_heads({}), f));
    CHECK(d.A_log(0) == doctest::Approx(products.leftCols(2).sum()).epsilon(1e-14));
    CHECK(d.A_log(1) == doctest::Approx(products.rightCols(2).sum()).epsilon(1e-14));
    CHECK((d.dt_bias.transpose() - df.colwise().sum()).cwiseAbs().maxCoeff() <= 1e-15);
}

TEST_CASE("a decay gate starts with A and time steps in their ranges, and does not decay itself") {
    Random random(1);
    DecayGate<double> gate = make_decay_gate<double>(400, 1200, {}, random);
    const Vector<double> A = gate.A_log.array().exp(), dt = (gate.dt_bias.array().exp() + 1).log();
    CHECK((A.minCoeff() > 1 && A.maxCoeff() <= 16.0001));
    CHECK(A.mean() == doctest::Approx(8.5).epsilon(0.1));
    CHECK((dt.minCoeff() >= 0.9999e-3 && dt.maxCoeff() <= 1.0001e-1));
    CHECK(dt.array().log().mean() == doctest::Approx(std::log(1e-2)).epsilon(0.03));
    CHECK(make_A_log<double>(3, 1, 1, random).isZero(0));
    Random drawn(7), same(7);  // in (low, high]: 1 may be missed, 16 may not
    for (const double A_log : make_A_log<double>(20, 1, 16, drawn)) CHECK(A_log == std::log(16 - 15 * same.uniform()));
    CHECK(make_A_log<double>(1000, 0, 16, random).allFinite());
    const Parameters<double> parameters = parameters_of(gate);
    CHECK((parameters[0].name == "A_log" && !parameters[0].weight_decay));
    CHECK((parameters[1].name == "dt_bias" && !parameters[1].weight_decay));
}

TEST_CASE("an edit gate is a sigmoid that goes up to 1 or 2") {
    const Matrix<double> x{{1, -1}, {1e30, 0}};
    EditGate<double> gate{{Matrix<double>{{2, 1}, {-1, 0}}, {}}, 2};
    const Matrix<double> y = forward(gate, x);
    CHECK(y(0, 0) == doctest::Approx(2 / (1 + std::exp(-1.0))).epsilon(1e-15));
    CHECK(y(0, 1) == doctest::Approx(2 / (1 + std::exp(1.0))).epsilon(1e-15));
    CHECK((y(1, 0) == 2 && y(1, 1) == 0));
    EditGate<double> d = zeros_like(gate);
    CHECK(backward<double>(gate, x, y, Matrix<double>::Ones(2, 2), d).row(1).isZero(0));
    gate.most = 1;
    CHECK((2 * forward(gate, x) - y).isZero(1e-15));
    CHECK(parameters_of(gate)[0].name == "weight");
}

TEST_CASE("gates take empty batches and refuse wrong shapes by name") {
    const DecayGate<double> gate = two_heads({});
    DecayGate<double> d = zeros_like(gate);
    const Matrix<double> none(0, 4);
    CHECK(forward(gate, none).rows() == 0);
    CHECK(backward(gate, none, none, d).rows() == 0);
    CHECK_THROWS_WITH_AS(forward(gate, Matrix<double>(2, 3)), "`f` must be [2, 4], got [2, 3]", Error);
    CHECK_THROWS_WITH_AS(backward(gate, Matrix<double>(2, 4), none, d), "`dg` must be [2, 4], got [0, 4]", Error);
    Random random(2);
    CHECK_THROWS_WITH_AS(make_decay_gate<double>(2, 3, {}, random),
                         "a decay gate's channels must be a multiple of its heads, got 3 and 2", Error);
    CHECK_THROWS_WITH_AS(make_decay_gate<double>(2, 4, {.lower_bound = 0}, random),
                         "a decay gate's lower bound must be below 0", Error);
    EditGate<double> edit{make_linear<double>(4, 2, {}, random)}, edit_d = zeros_like(edit);
    CHECK(forward(edit, none).rows() == 0);
    CHECK_THROWS_WITH_AS(backward(edit, none, none, none, edit_d), "`y` must be [0, 2], got [0, 4]", Error);
}

}  // namespace
}  // namespace gdn2
