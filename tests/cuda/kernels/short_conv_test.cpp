// The short convolution's kernels, forward and backward, over batches and packs, against the reference's layer in
// float64; and a sequence in pieces, each of which hands its past to the next.
//   sources  layers/short_conv.cuh layers/activation.cuh layers/row_sum.cuh tile/sequence.h
#include <doctest/doctest.h>

#include "reference/layers/activation.h"
#include "reference/layers/initial.h"
#include "reference/layers/short_conv.h"
#include "tests/support/layer_device.h"

namespace gdn2::test {
namespace {

using Offsets = std::vector<std::int64_t>;

/// A convolution over sequences that start at `offsets`, the last of which is their end.
struct ConvCase {
    ShortConv<double> conv;  ///< without a weight: none
    bool silu = true;
    Offsets offsets;
    Matrix<double> x, dy;

    ConvCase(Index channels, Index width, bool bias, Offsets starts, cuda::Precision precision)
        : offsets(std::move(starts)) {
        Random random(46, static_cast<std::uint64_t>(100 * channels + width));
        const auto draw = [&](Index rows, Index columns, cuda::Precision of) {
            return rounded(normal_matrix<double>(rows, columns, 1, random), of);
        };
        if (width > 0) conv.weight = draw(channels, width, cuda::Precision::f32);
        if (bias) conv.bias = draw(channels, 1, cuda::Precision::f32);
        x = draw(offsets.back(), channels, precision);
        dy = draw(offsets.back(), channels, precision);
    }

    Index channels() const { return x.cols(); }
    bool convolves() const { return conv.weight.size() > 0; }
    int width() const { return convolves() ? static_cast<int>(conv.width()) : 1; }
};

/// y, and the gradients by x and the parameters: sequence after sequence through the reference.
struct ConvTruth {
    Matrix<double> y, dx;
    ShortConv<double> d;

    explicit ConvTruth(const ConvCase& c) : y(c.x), dx(c.x), d(zeros_like(c.conv)) {
        for (std::size_t n = 0; n + 1 < c.offsets.size(); ++n) {
            const Index first = c.offsets[n], length = c.offsets[n + 1] - first;
            const Batch batch{1, length};
            const Matrix<double> x = c.x.middleRows(first, length), dy = c.dy.middleRows(first, length);
            const Matrix<double> pre = c.convolves() ? forward(c.conv, x, batch) : x;
            y.middleRows(first, length) = c.silu ? silu(pre) : pre;
            const Matrix<double> dpre = c.silu ? silu_backward(pre, dy) : dy;
            dx.middleRows(first, length) = c.convolves() ? backward(c.conv, x, batch, dpre, d) : dpre;
        }
    }
};

cuda::ConvParams params_of(const ConvCase& c, LayerDevice& device) {
    cuda::ConvParams p{};
    p.sequences = {static_cast<std::int64_t>(c.offsets.size()) - 1, 0, device.starts(c.offsets), true};
    p.x = device.elements(c.x);
    if (c.convolves()) p.weight = device.floats(c.conv.weight);
    if (c.conv.bias.size() > 0) p.bias = device.floats(c.conv.bias);
    p.channels = static_cast<int>(c.channels());
    p.width = c.width();
    p.activation = c.silu ? cuda::Activation::silu : cuda::Activation::none;
    p.y = device.empty(c.x.size());
    return p;
}

void check_conv(const ConvCase& c, cuda::Precision precision) {
    INFO(c.x.rows() << " tokens of " << c.channels() << ", width " << c.width() << ", silu " << c.silu << " "
                    << std::string(cuda::name_of(precision)));
    const ConvTruth truth(c);
    LayerDevice device(precision);
    cuda::ConvGradientParams p{};
    p.forward = params_of(c, device);
    p.dy = device.elements(c.dy);
    p.dx = device.empty(c.x.size());
    const Index tokens = c.x.rows(), slots = cuda::slot_of(p.forward.sequences.count, tokens);
    const Index channels = c.channels(), width = c.width();
    if (p.forward.weight) p.weight_partials = device.empty_floats(slots * channels * width);
    if (p.forward.bias) p.bias_partials = device.empty_floats(slots * channels);
    device.run(make_conv_call(precision, p.forward, tokens));
    device.run(make_conv_gradient_call(precision, p, tokens));
    expect_rounded_once("y", truth.y, device.fetch(p.forward.y, tokens, channels), precision);
    expect_rounded_once("dx", truth.dx, device.fetch(p.dx, tokens, channels), precision);
    if (p.weight_partials) {
        const float* sums = device.sum_rows(p.weight_partials, slots, channels * width);
        expect_rounded_once("dW", truth.d.weight, device.fetch_floats(sums, channels, width), cuda::Precision::f32);
    }
    if (p.bias_partials) {
        const float* sums = device.sum_rows(p.bias_partials, slots, channels);
        expect_rounded_once("dbias", truth.d.bias.transpose(), device.fetch_floats(sums, 1, channels),
                            cuda::Precision::f32);
    }
}

TEST_CASE("the short convolution and its adjoint agree with the reference for every width and any number of channels") {
    for (const auto precision : all_precisions)
        for (Index width = 1; width <= 8; ++width)
            check_conv(ConvCase(width == 4 ? 130 : width, width, width % 2 == 0, {0, 77, 147}, precision), precision);
}

TEST_CASE("the short convolution keeps the sequences of a pack apart and empty ones among them") {
    for (const auto precision : {cuda::Precision::f32, cuda::Precision::bf16})
        for (const Offsets& pack : {Offsets{0, 1}, Offsets{0, 0, 3, 5, 5, 69}, Offsets{0, 64, 128, 128},
                                    Offsets{0, 63, 127, 130, 200}, Offsets{0, 2, 4, 6, 200}})
            check_conv(ConvCase(5, 4, true, pack, precision), precision);
}

TEST_CASE("without SiLU or without a convolution what is left is right") {
    for (const auto precision : all_precisions) {
        ConvCase plain(9, 4, false, {0, 70}, precision), none(9, 0, false, {0, 70}, precision);
        plain.silu = false;
        check_conv(plain, precision);
        check_conv(none, precision);
    }
}

/// y of one sequence in pieces of the given lengths, each starting from what the one before left.
Tensor<double> in_pieces(const ConvCase& c, const std::vector<Index>& lengths, cuda::Precision precision) {
    LayerDevice device(precision);
    const Index channels = c.channels(), kept = c.width() - 1;
    void* past = device.elements(Matrix<double>(Matrix<double>::Zero(kept, channels)));
    Tensor<double> y({c.x.rows(), channels});
    Index first = 0;
    for (const Index length : lengths) {
        cuda::ConvParams p = params_of(c, device);
        p.sequences = {1, length, nullptr, false};
        p.x = device.elements(c.x.middleRows(first, length));
        p.initial_past = past;
        p.final_past = past = length > cuda::chunk_length ? device.empty(kept * channels) : past;
        device.run(make_conv_call(precision, p, length));
        const Tensor<double> part = device.fetch(p.y, length, channels);
        std::copy(part.values().begin(), part.values().end(), y.values().begin() + first * channels);
        first += length;
    }
    return y;
}

TEST_CASE("a sequence in pieces has the bits of the whole one when each piece hands on its past") {
    for (const auto precision : all_precisions)
        for (const Index width : {2, 4, 8}) {
            INFO("width " << width << " " << std::string(cuda::name_of(precision)));
            const ConvCase c(6, width, true, {0, 150}, precision);
            const Tensor<double> whole = in_pieces(c, {150}, precision);
            expect_rounded_once("y", ConvTruth(c).y, whole, precision);
            CHECK(identical(whole, in_pieces(c, {1, 1, 2, 70, 64, 3, 9}, precision)));
            CHECK(identical(whole, in_pieces(c, {65, 1, 1, 83}, precision)));
        }
}

TEST_CASE("every sequence of a pack hands on its last tokens and what it had before them where it is short") {
    const ConvCase c(3, 4, false, {0, 0, 2, 2, 66, 131}, cuda::Precision::f32);
    const Index sequences = 5, kept = 3;
    Random random(47);
    const Matrix<double> before =
        rounded(normal_matrix<double>(sequences * kept, 3, 1, random), cuda::Precision::f32);
    LayerDevice device(cuda::Precision::f32);
    cuda::ConvParams p = params_of(c, device);
    p.initial_past = device.elements(before);
    p.final_past = device.empty(before.size());
    device.run(make_conv_call(device.precision(), p, c.x.rows()));
    Matrix<double> after = before;
    for (Index n = 0; n < sequences; ++n) {
        const Index first = c.offsets[static_cast<std::size_t>(n)];
        const Index length = c.offsets[static_cast<std::size_t>(n) + 1] - first;
        Matrix<double> all(kept + length, 3);
        all << before.middleRows(n * kept, kept), c.x.middleRows(first, length);
        after.middleRows(n * kept, kept) = all.bottomRows(kept);
    }
    CHECK(identical(tensor_of(after), device.fetch(p.final_past, sequences * kept, 3)));
}

TEST_CASE("a future token does not move a bit of the convolution's past whatever it is") {
    ConvCase c(3, 4, true, {0, 100}, cuda::Precision::f32);
    const Tensor<double> before = in_pieces(c, {100}, cuda::Precision::f32);
    c.x.row(70).setConstant(std::numeric_limits<double>::infinity());
    const Tensor<double> after = in_pieces(c, {100}, cuda::Precision::f32);
    for (Index i = 0; i < before.size(); ++i) {
        const Index token = i / 3;
        if (token < 70 || token > 73) CHECK(before[i] == after[i]);
    }
}

}  // namespace
}  // namespace gdn2::test
