// Launches of layers: which kernels, which grids, which widths, and what is refused. Nothing runs here.
//   sources  layer_plan.cpp
#include <doctest/doctest.h>

#include "cuda/launch/block_needs.h"
#include "cuda/launch/layer_plan.h"
#include "tests/support/refusal.h"

namespace gdn2::test {
namespace {

using namespace cuda;

/// Some address that nobody looks at.
float* address(std::size_t at) { return reinterpret_cast<float*>(at); }

ProductParams product(std::int64_t rows, std::int64_t depth, int columns) {
    ProductParams p{};
    p.A = address(0x1000), p.B = address(0x2000), p.C = address(0x3000);
    p.rows = rows, p.depth = depth, p.columns = columns;
    p.splits = 1;
    return p;
}

ConvParams conv(int channels, int width) {
    ConvParams p{};
    p.sequences = {2, 65, nullptr, false};
    p.x = p.weight = address(0x1000);
    p.y = address(0x2000);
    p.channels = channels, p.width = width;
    return p;
}

NormParams norm(std::int64_t rows, int dim) {
    return {address(0x1000), address(0x2000), address(0x3000), rows, dim, 1e-5f, cuda::Activation::silu,
            address(0x4000)};
}

TEST_CASE("each product has its kernel and its blocks of 64 by 64 times the splits") {
    ProductParams p = product(130, 200, 65);
    const KernelCall y = make_product_call(ProductKind::linear, Precision::bf16, p);
    CHECK(y.id == KernelId::linear_bf16);
    CHECK(y.grid.x == 3);
    CHECK(y.grid.y == 2);
    CHECK(y.threads == linear_needs(Precision::bf16).threads);
    CHECK(y.shared_bytes == linear_needs(Precision::bf16).shared_bytes);
    p.splits = 4;
    p.C_is_float = true;
    const KernelCall dW = make_product_call(ProductKind::weight_gradient, Precision::f16, p);
    CHECK(dW.id == KernelId::linear_weight_gradient_f16);
    CHECK(dW.grid.x == 12);
    CHECK(make_product_call(ProductKind::input_gradient, Precision::f32, product(1, 1, 1)).id ==
          KernelId::linear_input_gradient_f32);
}

TEST_CASE("a matrix is read in units where its stored rows and its address are multiples of 16 bytes") {
    const auto units = [](ProductKind kind, Precision precision, ProductParams p) {
        const ProductParams found = std::get<ProductParams>(make_product_call(kind, precision, p).params);
        return std::pair(found.A_units, found.B_units);
    };
    using Both = std::pair<bool, bool>;
    CHECK(units(ProductKind::linear, Precision::bf16, product(3, 8, 5)) == Both(true, true));
    CHECK(units(ProductKind::linear, Precision::f32, product(3, 6, 5)) == Both(false, false));
    CHECK(units(ProductKind::input_gradient, Precision::f32, product(3, 4, 5)) == Both(true, false));
    CHECK(units(ProductKind::input_gradient, Precision::f32, product(3, 5, 4)) == Both(false, true));
    CHECK(units(ProductKind::weight_gradient, Precision::f32, product(4, 5, 5)) == Both(true, false));
    CHECK(units(ProductKind::weight_gradient, Precision::f32, product(5, 5, 4)) == Both(false, true));
    ProductParams shifted = product(3, 8, 5);
    shifted.A = address(0x1004);
    CHECK(units(ProductKind::linear, Precision::bf16, shifted) == Both(false, true));
}

TEST_CASE("a weight gradient is split by its sizes alone and no split has fewer than 512 tokens") {
    CHECK(weight_gradient_splits(100, 64, 64) == 1);
    CHECK(weight_gradient_splits(1023, 64, 64) == 1);
    CHECK(weight_gradient_splits(1024, 64, 64) == 2);
    CHECK(weight_gradient_splits(1 << 20, 64, 64) == 512);
    CHECK(weight_gradient_splits(1 << 20, 2048, 2048) == 1);
    CHECK(weight_gradient_splits(8192, 256, 2048) == 4);
}

TEST_CASE("convolutions and norms have a block for each chunk and each few rows") {
    const KernelCall forward = make_conv_call(Precision::f32, conv(129, 4), 130);
    CHECK(forward.id == KernelId::short_conv_f32);
    CHECK(forward.grid.x == 4);  // two sequences, each of two chunks
    CHECK(forward.grid.y == 2);
    ConvGradientParams d{};
    d.forward = conv(128, 4);
    d.dy = d.dx = address(0x5000);
    CHECK(make_conv_gradient_call(Precision::bf16, d, 130).grid.y == 1);
    CHECK(make_norm_call(Precision::bf16, norm(9, 64)).grid.x == 3);
    CHECK(make_norm_call(Precision::f16, norm(9, 64)).id == KernelId::gated_rms_norm_f16);
    CHECK(make_row_sum_call(Precision::f32, {address(0x1000), 9, 4, 33, address(0x2000)}).grid.y == 3);
}

TEST_CASE("layers refuse what does not fit and say what") {
    CHECK(message_of([] { make_conv_call(Precision::f32, conv(3, 9), 130); }) ==
          "on a device a convolution's width is 1 to 8, got 9");
    CHECK(message_of([] { make_norm_call(Precision::f32, norm(3, 257)); }) ==
          "on a device a norm's dim is 1 to 256, got 257");
    CHECK(message_of([] { make_norm_call(Precision::f32, norm(0, 7)); }) ==
          "a launch of a norm takes 1 to 2147483647 by 1 to 65535 blocks, got 0 by 1");
    CHECK(message_of([] {
              ProductParams p = product(1, 1, 1);
              p.splits = 2;
              make_product_call(ProductKind::weight_gradient, Precision::f32, p);
          }) == "a product in splits is float, without bias and addend");
    CHECK(message_of([] {
              ProductParams p = product(1, 1, 1);
              p.B = nullptr;
              make_product_call(ProductKind::linear, Precision::f32, p);
          }) == "a product needs A, B and C, got a null pointer");
    CHECK(message_of([] {
              ConvGradientParams d{};
              d.forward = conv(3, 4);
              d.forward.initial_past = d.dy = d.dx = address(0x5000);
              make_conv_gradient_call(Precision::f32, d, 130);
          }) == "a convolution's adjoint starts from zeros, got an initial past");
}

}  // namespace
}  // namespace gdn2::test
