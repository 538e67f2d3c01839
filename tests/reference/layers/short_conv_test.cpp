// Short convolutions against the definition summed token by token, by hand once, and decoding against the whole.
#include "reference/layers/short_conv.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

/// bias_c + sum_j W_{c, width-1-j} x_{t-j, c}, as Conv1d with padding width - 1 cut to length computes it.
double defined_at(const ShortConv<double>& conv, const Matrix<double>& x, Batch batch, Index row, Index channel) {
    long double y = conv.bias.size() > 0 ? conv.bias(channel) : 0;
    const Index t = row % batch.length;
    for (Index tap = 0; tap < conv.width(); ++tap) {
        const Index from = t - (conv.width() - 1) + tap;
        if (from >= 0) y += static_cast<long double>(conv.weight(channel, tap)) * x(row - t + from, channel);
    }
    return static_cast<double>(y);
}

TEST_CASE("short_conv worked by hand: the last tap meets the current token and nothing comes before the first") {
    ShortConv<double> conv{Matrix<double>(1, 3), Vector<double>{{0.5}}};
    conv.weight << 100, 10, 1;
    Matrix<double> x(5, 1), expected(5, 1);
    x << 1, 2, 3, 4, 5;
    expected << 1.5, 12.5, 123.5, 234.5, 345.5;
    CHECK(forward(conv, x, {1, 5}) == expected);
}

TEST_CASE("short_conv equals its definition at every width and length, and restarts at each sequence") {
    Random random(1);
    for (const Index width : {1, 2, 4, 7})
        for (const Index length : {1, 2, 3, 4, 9}) {
            INFO("width " << width << ", length " << length);
            const Batch batch{3, length};
            const ShortConv<double> conv = make_short_conv<double>(5, width, width % 2 == 0, random);
            const Matrix<double> x = normal_matrix<double>(batch.tokens(), 5, 1, random);
            const Matrix<double> y = forward(conv, x, batch);
            for (Index row = 0; row < y.rows(); ++row)
                for (Index c = 0; c < y.cols(); ++c)
                    CHECK(y(row, c) == doctest::Approx(defined_at(conv, x, batch, row, c)).epsilon(1e-14));
        }
}

TEST_CASE("short_conv's adjoint sees the tokens that forward met and no other sequence") {
    ShortConv<double> conv{Matrix<double>(1, 2), Vector<double>::Zero(1)}, d = zeros_like(conv);
    conv.weight << 10, 1;
    Matrix<double> x(4, 1), dy(4, 1), dx(4, 1);
    x << 1, 2, 3, 4;
    dy << 1, 1, 5, 7;
    CHECK(backward(conv, x, {2, 2}, dy, d) == (dx << 11, 1, 75, 7).finished());
    CHECK(d.weight == Matrix<double>{{1 * 1 + 7 * 3, 1 + 2 + 15 + 28}});
    CHECK(d.bias(0) == 14);
}

TEST_CASE("short_conv decodes the bits of the whole sequence") {
    Random random(2);
    for (const Index width : {1, 2, 4}) {
        const ShortConv<float> conv = make_short_conv<float>(19, width, true, random);
        const Matrix<float> x = normal_matrix<float>(11, 19, 1, random), whole = forward(conv, x, {1, 11});
        ShortConvCache<float> cache = start(conv);
        for (Index t = 0; t < x.rows(); ++t) CHECK(step(conv, Matrix<float>(x.row(t)), cache) == whole.row(t));
        CHECK(cache.past.rows() == width - 1);
    }
}

TEST_CASE("short_conv takes empty batches and refuses wrong shapes by name") {
    Random random(3);
    const ShortConv<double> conv = make_short_conv<double>(2, 4, false, random);
    ShortConv<double> d = zeros_like(conv);
    const Matrix<double> none(0, 2);
    CHECK(forward(conv, none, {0, 5}).rows() == 0);
    CHECK(forward(conv, none, {3, 0}).rows() == 0);
    CHECK(backward(conv, none, {3, 0}, none, d).rows() == 0);
    CHECK_THROWS_WITH_AS(forward(conv, Matrix<double>(6, 3), {2, 3}), "`x` must be [6, 2], got [6, 3]", Error);
    CHECK_THROWS_WITH_AS(forward(conv, Matrix<double>(6, 2), {2, 2}),
                         "`x` must have batch * length = 2 * 2 rows, got [6, 2]", Error);
    CHECK_THROWS_WITH_AS(backward(conv, Matrix<double>(6, 2), {2, 3}, none, d), "`dy` must be [6, 2], got [0, 2]",
                         Error);
    CHECK_THROWS_WITH_AS(make_short_conv<double>(2, 0, false, random),
                         "a short convolution's width must be positive, got 0", Error);
}

TEST_CASE("short_conv lies in files as PyTorch's Conv1d and starts like it") {
    Random random(4);
    ShortConv<double> conv = make_short_conv<double>(500, 4, false, random);
    const Parameters<double> parameters = parameters_of(conv);
    REQUIRE(parameters.size() == 1);
    CHECK(parameters[0].name == "weight");
    CHECK(parameters[0].shape == Shape{500, 1, 4});
    CHECK(conv.weight.cwiseAbs().maxCoeff() <= 0.5);
    CHECK(conv.weight.norm() / std::sqrt(2000.0) == doctest::Approx(0.5 / std::sqrt(3.0)).scale(0).epsilon(0.03));
}

TEST_CASE("short_conv that is none has a cache without rows") {
    CHECK(start(ShortConv<double>{}).past.rows() == 0);
}

}  // namespace
}  // namespace gdn2
