// The gated norm's kernels, forward and backward, against the reference's layer in float64.
//   sources  layers/gated_rms_norm.cuh layers/activation.cuh layers/row_sum.cuh
#include <doctest/doctest.h>

#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/initial.h"
#include "tests/support/layer_device.h"

namespace gdn2::test {
namespace {

struct NormCase {
    GatedRmsNorm<double> layer;
    Matrix<double> x, gate, dy;

    NormCase(Index rows, Index dim, Activation activation, cuda::Precision precision) {
        Random random(45, static_cast<std::uint64_t>(1000 * rows + dim));
        const auto draw = [&](Index count, double deviation, cuda::Precision of) {
            return rounded(normal_matrix<double>(count, dim, deviation, random), of);
        };
        layer.norm.weight = draw(1, 1, cuda::Precision::f32).row(0).transpose();
        layer.norm.epsilon = 0.25f;  // large enough to be seen
        layer.activation = activation;
        x = draw(rows, 0.7, precision);
        gate = draw(rows, 3, precision);
        dy = draw(rows, 1, precision);
    }
};

cuda::Activation of_device(Activation activation) {
    return activation == Activation::silu ? cuda::Activation::silu : cuda::Activation::sigmoid;
}

/// y, dx, d_gate and d_weight of a device, held to the reference's; without a gate where `gated` is false.
void check_norm(Index rows, Index dim, Activation activation, bool gated, cuda::Precision precision) {
    INFO(rows << " rows of " << dim << ", gated " << gated << " " << std::string(cuda::name_of(precision)));
    const NormCase c(rows, dim, activation, precision);
    GatedRmsNorm<double> d = zeros_like(c.layer);
    const Matrix<double> y = gated ? forward(c.layer, c.x, c.gate) : forward(c.layer.norm, c.x);
    const GatedGradient<double> truth = gated ? backward(c.layer, c.x, c.gate, c.dy, d)
                                              : GatedGradient<double>{backward(c.layer.norm, c.x, c.dy, d.norm), {}};
    LayerDevice device(precision);
    cuda::NormGradientParams p{};
    p.forward = {device.elements(c.x), gated ? device.elements(c.gate) : nullptr, device.floats(c.layer.norm.weight),
                 rows, static_cast<int>(dim), 0.25f, of_device(activation), device.empty(y.size())};
    p.dy = device.elements(c.dy);
    p.dx = device.empty(y.size());
    p.d_gate = gated ? device.empty(y.size()) : nullptr;
    const Index blocks = cuda::norm_gradient_blocks(rows);
    p.partials = device.empty_floats(blocks * dim);
    device.run(make_norm_call(precision, p.forward));
    device.run(make_norm_gradient_call(precision, p));
    expect_rounded_once("y", y, device.fetch(p.forward.y, rows, dim), precision);
    expect_rounded_once("dx", truth.dx, device.fetch(p.dx, rows, dim), precision);
    if (gated) expect_rounded_once("d_gate", truth.d_gate, device.fetch(p.d_gate, rows, dim), precision);
    expect_rounded_once("d_weight", d.norm.weight.transpose(),
                        device.fetch_floats(device.sum_rows(p.partials, blocks, dim), 1, dim), cuda::Precision::f32);
}

TEST_CASE("the gated norm and its adjoint agree with the reference for any number of rows and any dim up to 256") {
    for (const auto precision : all_precisions)
        for (const Index rows : {1, 5, 64, 131})
            for (const Index dim : {1, 5, 32, 100, 256})
                check_norm(rows, dim, Activation::silu, true, precision);
}

TEST_CASE("a norm's gate may be a sigmoid or missing") {
    for (const auto precision : all_precisions) {
        check_norm(70, 48, Activation::sigmoid, true, precision);
        check_norm(70, 48, Activation::silu, false, precision);
    }
}

TEST_CASE("rows that are zero or large have a finite norm and its adjoint is the reference's") {
    Matrix<double> x = Matrix<double>::Zero(3, 40);
    x.row(1).setConstant(1e15);
    x.row(2).setConstant(-100);
    const Matrix<double> ones = Matrix<double>::Ones(3, 40);
    GatedRmsNorm<double> layer{make_rms_norm<double>(40, 1e-5)};
    const Matrix<double> gate = -200 * ones;
    LayerDevice device(cuda::Precision::f32);
    void* y = device.empty(x.size());
    device.run(make_norm_call(device.precision(), {device.elements(x), device.elements(gate),
                                                   device.floats(layer.norm.weight), 3, 40, 1e-5f,
                                                   cuda::Activation::silu, y}));
    CHECK(identical(tensor_of(Matrix<double>::Zero(3, 40)), device.fetch(y, 3, 40)));  // silu(-200) is 0 in float
    device.run(make_norm_call(device.precision(), {device.elements(x), device.elements(-gate),
                                                   device.floats(layer.norm.weight), 3, 40, 1e-5f,
                                                   cuda::Activation::silu, y}));
    expect_rounded_once("y", forward(layer, x, Matrix<double>(-gate)), device.fetch(y, 3, 40), device.precision());
}

}  // namespace
}  // namespace gdn2::test
