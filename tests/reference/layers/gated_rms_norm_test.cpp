// The gated norm in both orders, each against its definition.
#include "reference/layers/gated_rms_norm.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"

namespace gdn2 {
namespace {

Matrix<double> some_x() { return Matrix<double>{{3, -4, 1, 2}}; }
Matrix<double> some_gate() { return Matrix<double>{{0, 1, -2, 30}}; }

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

TEST_CASE("gated_rms_norm norms each head first and then gates it") {
    GatedRmsNorm<double> layer{make_rms_norm<double>(2), Activation::silu, true};
    layer.norm.weight << 1, 2;
    const double first = 1 / std::sqrt(12.5 + 1e-5), second = 1 / std::sqrt(2.5 + 1e-5);
    const Matrix<double> normed{{3 * first, -8 * first, second, 4 * second}};
    const Matrix<double> silu{{0, logistic(1), -2 * logistic(-2), 30 * logistic(30)}};
    CHECK((forward(layer, some_x(), some_gate()) - normed.cwiseProduct(silu)).cwiseAbs().maxCoeff() <= 1e-13);
    layer.activation = Activation::sigmoid;
    const Matrix<double> sigmoid{{0.5, logistic(1), logistic(-2), logistic(30)}};
    CHECK((forward(layer, some_x(), some_gate()) - normed.cwiseProduct(sigmoid)).cwiseAbs().maxCoeff() <= 1e-13);
}

TEST_CASE("gated_rms_norm in Mamba-2's order gates first and norms the whole row") {
    const GatedRmsNorm<double> layer{make_rms_norm<double>(4), Activation::silu, false};
    const Matrix<double> gated{{0, -4 * logistic(1), -2 * logistic(-2), 60 * logistic(30)}};
    const double r = 1 / std::sqrt(gated.squaredNorm() / 4 + 1e-5);
    CHECK((forward(layer, some_x(), some_gate()) - r * gated).cwiseAbs().maxCoeff() <= 1e-14);
}

TEST_CASE("gated_rms_norm shut by its gate passes nothing back to x") {
    for (const bool norm_first : {true, false}) {
        const GatedRmsNorm<float> layer{make_rms_norm<float>(4), Activation::silu, norm_first};
        GatedRmsNorm<float> d = zeros_like(layer);
        const Matrix<float> x = some_x().cast<float>(), shut = Matrix<float>::Constant(1, 4, -1e20f);
        CHECK(forward(layer, x, shut).isZero(0));
        const GatedGradient<float> gradient = backward(layer, x, shut, x, d);
        CHECK(gradient.dx.isZero(0));
        CHECK(gradient.d_gate.isZero(0));
        CHECK(d.norm.weight.isZero(0));
        CHECK(d.norm_before_gate == norm_first);
    }
}

TEST_CASE("gated_rms_norm takes an empty batch and refuses wrong shapes by name") {
    GatedRmsNorm<double> layer{make_rms_norm<double>(4)}, d = zeros_like(layer);
    const Matrix<double> none(0, 4);
    CHECK(forward(layer, none, none).rows() == 0);
    CHECK_THROWS_WITH_AS(forward(layer, some_x(), none), "`gate` must be [1, 4], got [0, 4]", Error);
    CHECK_THROWS_WITH_AS(backward(layer, some_x(), some_gate(), none, d), "`dy` must be [1, 4], got [0, 4]", Error);
    CHECK(parameters_of(layer)[0].name == "weight");
}

}  // namespace
}  // namespace gdn2
