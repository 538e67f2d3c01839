// SwiGLU by hand, and its names.
#include "reference/layers/mlp.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"

namespace gdn2 {
namespace {

TEST_CASE("mlp worked by hand") {
    const Mlp<double> mlp{
        {Matrix<double>{{1}, {-1}}, {}}, {Matrix<double>{{10}, {20}}, {}}, {Matrix<double>{{1, 3}}, {}}};
    const auto silu = [](double x) { return x / (1 + std::exp(-x)); };
    MlpKept<double> kept;
    const Matrix<double> y = forward(mlp, Matrix<double>{{2}}, &kept);   // gate 2 and -2, up 20 and 40
    CHECK(y(0, 0) == doctest::Approx(20 * silu(2) + 3 * 40 * silu(-2)).epsilon(1e-15));
    CHECK(kept.gate == Matrix<double>{{2, -2}});
    CHECK(kept.up == Matrix<double>{{20, 40}});
}

TEST_CASE("mlp keeps zero and huge rows finite, and takes an empty batch") {
    Random random(1);
    const Mlp<float> mlp = make_mlp<float>(4, 8, {}, random);
    Mlp<float> d = zeros_like(mlp);
    CHECK(forward<float>(mlp, Matrix<float>::Zero(2, 4)).isZero(0));
    CHECK(forward<float>(mlp, Matrix<float>::Constant(1, 4, 1e15f)).allFinite());
    const Matrix<float> none(0, 4);
    MlpKept<float> kept;
    CHECK(forward(mlp, none, &kept).rows() == 0);
    CHECK(backward(mlp, none, kept, none, d).rows() == 0);
}

TEST_CASE("mlp has the names of files and refuses wrong shapes by name") {
    Random random(1);
    Mlp<double> mlp = make_mlp<double>(4, 8, {}, random), d = zeros_like(mlp);
    const Parameters<double> parameters = parameters_of(mlp);
    REQUIRE(parameters.size() == 3);
    CHECK(parameters[0].name == "gate_proj.weight");
    CHECK(parameters[1].name == "up_proj.weight");
    CHECK(parameters[2].name == "down_proj.weight");
    CHECK(parameters[2].shape == Shape{4, 8});
    CHECK_THROWS_WITH_AS(forward(mlp, Matrix<double>(2, 3)), "`x` must be [2, 4], got [2, 3]", Error);
    const Matrix<double> x = Matrix<double>::Ones(2, 4);
    MlpKept<double> kept;
    forward(mlp, x, &kept);
    CHECK_THROWS_WITH_AS(backward(mlp, x, kept, Matrix<double>(1, 4), d), "`dy` must be [2, 4], got [1, 4]", Error);
}

}  // namespace
}  // namespace gdn2
