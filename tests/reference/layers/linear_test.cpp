// Linear layers against products written out, their first values against the rules' formulas.
#include "reference/layers/linear.h"

#include <doctest/doctest.h>

#include <cmath>

namespace gdn2 {
namespace {

/// [[1, 2, 3], [4, 5, 6]] and bias [10, 20].
Linear<double> two_by_three() {
    Linear<double> layer{Matrix<double>(2, 3), Vector<double>(2)};
    layer.weight << 1, 2, 3, 4, 5, 6;
    layer.bias << 10, 20;
    return layer;
}

TEST_CASE("linear multiplies by the transposed weight and adds the bias") {
    Matrix<double> x(2, 3);
    x << 1, 0, -1, 2, 1, 0;
    Matrix<double> expected(2, 2);
    expected << 8, 18, 14, 33;
    CHECK(forward(two_by_three(), x) == expected);
    Linear<double> unbiased{two_by_three().weight, {}};
    expected << -2, -2, 4, 13;
    CHECK(forward(unbiased, x) == expected);
}

TEST_CASE("linear's adjoint adds to the gradient and returns dx") {
    Matrix<double> x(2, 3), dy(2, 2), dx(2, 3), dW(2, 3);
    x << 1, 0, -1, 2, 1, 0;
    dy << 1, 0, 2, -1;
    Linear<double> d = two_by_three();
    CHECK(backward(two_by_three(), x, dy, d) == (dx << 1, 2, 3, -2, -1, 0).finished());
    CHECK(d.weight == two_by_three().weight + (dW << 5, 2, -1, -2, -1, 0).finished());
    CHECK(d.bias == Vector<double>{{13, 19}});
}

TEST_CASE("linear takes an empty batch and refuses wrong shapes by name") {
    const Linear<double> layer = two_by_three();
    Linear<double> d = zeros_like(layer);
    CHECK(d.weight.isZero(0));
    const Matrix<double> none(0, 3);
    CHECK(forward(layer, none).rows() == 0);
    CHECK(backward(layer, none, Matrix<double>(0, 2), d).rows() == 0);
    CHECK((d.weight.isZero(0) && d.bias.isZero(0)));
    CHECK_THROWS_WITH_AS(forward(layer, Matrix<double>(4, 2)), "`x` must be [4, 3], got [4, 2]", Error);
    CHECK_THROWS_WITH_AS(backward(layer, Matrix<double>(4, 3), Matrix<double>(3, 2), d),
                         "`dy` must be [4, 2], got [3, 2]", Error);
}

TEST_CASE("linear's parameters have the names of files and decay but for the bias") {
    Linear<double> layer = two_by_three();
    Parameters<double> parameters;
    collect("mixer.o_proj.", layer, parameters);
    REQUIRE(parameters.size() == 2);
    CHECK(parameters[0].name == "mixer.o_proj.weight");
    CHECK(parameters[0].weight_decay);
    CHECK(parameters[1].name == "mixer.o_proj.bias");
    CHECK_FALSE(parameters[1].weight_decay);
}

/// Largest magnitude and root mean square.
struct Spread {
    double largest, rms;

    explicit Spread(const Matrix<double>& w)
        : largest(w.cwiseAbs().maxCoeff()), rms(w.norm() / std::sqrt(static_cast<double>(w.size()))) {}
};

Linear<double> made(const LinearOptions& options) {
    Random random(1);
    return make_linear<double>(90, 60, options, random);
}

TEST_CASE("linear's first values spread as their rules say") {
    const double xavier_bound = official_gain * std::sqrt(6.0 / 150), torch_bound = 1 / std::sqrt(90.0);
    const Spread xavier(made({.scale = official_gain}).weight);
    CHECK(xavier.largest <= xavier_bound);
    CHECK(xavier.rms == doctest::Approx(xavier_bound / std::sqrt(3.0)).scale(0).epsilon(0.02));
    CHECK(official_gain == doctest::Approx(std::pow(2.0, -2.5)).epsilon(1e-15));
    const Spread normal(made({.init = LinearInit::normal, .scale = 0.02}).weight);
    CHECK(normal.rms == doctest::Approx(0.02).scale(0).epsilon(0.03));
    CHECK(normal.largest > 0.05);
    const Linear<double> torch = made({.bias = true, .init = LinearInit::torch_default});
    CHECK(Spread(torch.weight).largest <= torch_bound);
    CHECK(Spread(torch.weight).rms == doctest::Approx(torch_bound / std::sqrt(3.0)).scale(0).epsilon(0.02));
    CHECK(torch.bias.cwiseAbs().maxCoeff() <= torch_bound);
    CHECK(torch.bias.norm() > 0);
    CHECK((made({.bias = true}).bias == Vector<double>::Zero(60)));
}

TEST_CASE("linear starts with the same values in every precision") {
    Random once(3), again(3);
    const Linear<double> wide = make_linear<double>(5, 4, {}, once);
    CHECK(make_linear<float>(5, 4, {}, again).weight == wide.weight.cast<float>());
}

TEST_CASE("a joint linear layer starts as its parts would alone") {
    const LinearOptions options{.bias = true, .init = LinearInit::torch_default};
    Random random(7), again(7);
    const Linear<double> joint = make_joint_linear<double>(5, {2, 4}, options, random);
    const Linear<double> first = make_linear<double>(5, 2, options, again);
    const Linear<double> second = make_linear<double>(5, 4, options, again);
    CHECK(joint.weight.topRows(2) == first.weight);
    CHECK(joint.weight.bottomRows(4) == second.weight);
    CHECK(joint.bias.head(2) == first.bias);
    CHECK(joint.bias.tail(4) == second.bias);
    const LinearOptions xavier;
    CHECK(make_joint_linear<float>(5, {2, 4}, xavier, random).bias.size() == 0);
}

}  // namespace
}  // namespace gdn2
