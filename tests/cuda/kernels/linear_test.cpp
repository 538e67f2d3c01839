// The products of a linear layer and of its adjoint, and sums over rows, against the reference's in float64.
//   sources  layers/linear.cuh layers/row_sum.cuh layers/activation.cuh
#include <doctest/doctest.h>

#include "reference/layers/activation.h"
#include "reference/layers/initial.h"
#include "reference/layers/linear.h"
#include "tests/support/layer_device.h"

namespace gdn2::test {
namespace {

using cuda::ProductKind;
using cuda::ProductParams;

struct LinearSizes {
    Index tokens, in, out;
};
constexpr LinearSizes all_sizes[] = {{1, 1, 1},    {5, 3, 7},      {64, 64, 64},  {65, 72, 40},
                                     {17, 8, 130}, {130, 33, 66}, {70, 200, 136}};

/// A layer and what passes through it, in numbers of the device's precision.
struct LinearCase {
    Linear<double> layer;
    Matrix<double> x, dy;

    LinearCase(const LinearSizes& sizes, cuda::Precision precision, std::uint64_t seed) {
        Random random(41, seed);
        layer.weight = rounded(normal_matrix<double>(sizes.out, sizes.in, 1, random), precision);
        x = rounded(normal_matrix<double>(sizes.tokens, sizes.in, 1, random), precision);
        dy = rounded(normal_matrix<double>(sizes.tokens, sizes.out, 1, random), precision);
    }
};

/// A product without anything besides.
ProductParams plain(const void* A, const void* B, void* C, Index rows, Index depth, Index columns) {
    ProductParams p{};
    p.A = A, p.B = B, p.C = C;
    p.rows = rows, p.depth = depth, p.columns = static_cast<int>(columns);
    p.splits = 1;
    p.most = 1;
    return p;
}

TEST_CASE("y and dx and dW of a linear layer agree with the reference in every precision") {
    for (const auto precision : all_precisions)
        for (const LinearSizes& s : all_sizes) {
            INFO(s.tokens << " tokens, " << s.in << " to " << s.out << " " << std::string(cuda::name_of(precision)));
            const LinearCase c(s, precision, 1);
            Linear<double> d = zeros_like(c.layer);
            const Matrix<double> y = forward(c.layer, c.x), dx = backward(c.layer, c.x, c.dy, d);
            LayerDevice device(precision);
            const void *W = device.elements(c.layer.weight), *x = device.elements(c.x), *dy = device.elements(c.dy);
            void *y_out = device.empty(y.size()), *dx_out = device.empty(dx.size());
            float* dW_out = device.empty_floats(d.weight.size());
            device.run(make_product_call(ProductKind::linear, precision, plain(x, W, y_out, s.tokens, s.in, s.out)));
            device.run(make_product_call(ProductKind::input_gradient, precision,
                                         plain(dy, W, dx_out, s.tokens, s.out, s.in)));
            ProductParams dW = plain(dy, x, dW_out, s.out, s.tokens, s.in);
            dW.C_is_float = true;
            device.run(make_product_call(ProductKind::weight_gradient, precision, dW));
            expect_rounded_once("y", y, device.fetch(y_out, y.rows(), y.cols()), precision);
            expect_rounded_once("dx", dx, device.fetch(dx_out, dx.rows(), dx.cols()), precision);
            expect_rounded_once("dW", d.weight, device.fetch_floats(dW_out, s.out, s.in), cuda::Precision::f32);
        }
}

TEST_CASE("a bias and an addend and an activation and its size are those of the reference") {
    const LinearSizes s{70, 40, 66};
    for (const auto precision : all_precisions)
        for (const auto activation : {cuda::Activation::none, cuda::Activation::sigmoid, cuda::Activation::silu}) {
            const LinearCase c(s, precision, 2);
            Random random(42);
            const Matrix<double> bias = rounded(normal_matrix<double>(1, s.out, 1, random), cuda::Precision::f32);
            const Matrix<double> before =
                rounded(normal_matrix<double>(s.tokens, s.out, 1, random), cuda::Precision::f32);
            Matrix<double> y = (forward(c.layer, c.x) + before).rowwise() + bias.row(0);
            if (activation != cuda::Activation::none)
                y = activate(activation == cuda::Activation::silu ? Activation::silu : Activation::sigmoid, y);
            LayerDevice device(precision);
            float* sums = device.floats(before);
            ProductParams p = plain(device.elements(c.x), device.elements(c.layer.weight), device.empty(y.size()),
                                    s.tokens, s.in, s.out);
            p.bias = device.floats(bias);
            p.addend = sums;
            p.activation = activation;
            p.most = 2;
            device.run(make_product_call(ProductKind::linear, precision, p));
            expect_rounded_once("y", 2 * y, device.fetch(p.C, s.tokens, s.out), precision);
            p.C = sums;  // in place
            p.C_is_float = true;
            device.run(make_product_call(ProductKind::linear, precision, p));
            expect_rounded_once("y over the addend", 2 * y, device.fetch_floats(sums, s.tokens, s.out),
                                cuda::Precision::f32);
        }
}

TEST_CASE("a weight gradient in splits adds up to the whole one whatever is left for the last") {
    const LinearSizes s{330, 20, 70};
    for (const auto precision : {cuda::Precision::f32, cuda::Precision::bf16})
        for (const int splits : {2, 3, 5, 8}) {  // of 8 the last two have nothing
            INFO(splits << " splits");
            const LinearCase c(s, precision, 3);
            LayerDevice device(precision);
            const Index count = s.out * s.in;
            float* parts = device.empty_floats(splits * count);
            ProductParams p =
                plain(device.elements(c.dy), device.elements(c.x), parts, s.out, s.tokens, s.in);
            p.C_is_float = true;
            p.splits = splits;
            device.run(make_product_call(ProductKind::weight_gradient, precision, p));
            const Matrix<double> dW = c.dy.transpose() * c.x;
            expect_rounded_once("dW", dW, device.fetch_floats(device.sum_rows(parts, splits, count), s.out, s.in),
                                cuda::Precision::f32);
        }
}

TEST_CASE("products of small integers have the bits of the reference") {
    Random random(43);
    const auto integers = [&](Index rows, Index columns) {
        Matrix<double> m(rows, columns);
        for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<double>(random.integer(-3, 3));
        return m;
    };
    const Matrix<double> W = integers(65, 24), x = integers(70, 24);
    const Matrix<double> y = x * W.transpose();
    for (const auto precision : all_precisions) {
        LayerDevice device(precision);
        void* out = device.empty(y.size());
        device.run(make_product_call(ProductKind::linear, precision,
                                     plain(device.elements(x), device.elements(W), out, 70, 24, 65)));
        CHECK(identical(tensor_of(y), device.fetch(out, 70, 65)));
    }
}

TEST_CASE("rows of every number and width are summed in groups and as a whole") {
    for (const auto precision : all_precisions)
        for (const Index rows : {1, 7, 8, 9, 100})
            for (const Index columns : {1, 32, 33}) {
                INFO(rows << " x " << columns << " " << std::string(cuda::name_of(precision)));
                Random random(44);
                const Matrix<double> x = rounded(normal_matrix<double>(rows, columns, 1, random), precision);
                LayerDevice device(precision);
                constexpr Index each = 24;
                const Index groups = (rows + each - 1) / each;
                float* sums = device.empty_floats(groups * columns);
                device.run(make_row_sum_call(precision, {device.elements(x), rows, each, columns, sums}));
                Matrix<double> truth(groups, columns);
                for (Index group = 0; group < groups; ++group)
                    truth.row(group) = x.middleRows(group * each, std::min(each, rows - group * each)).colwise().sum();
                expect_rounded_once("sums", truth, device.fetch_floats(sums, groups, columns), cuda::Precision::f32);
                expect_rounded_once("sum", truth.colwise().sum(),
                                    device.fetch_floats(device.sum_rows(sums, groups, columns), 1, columns),
                                    cuda::Precision::f32);
            }
}

}  // namespace
}  // namespace gdn2::test
