// Softmax attention as a layer: against its formula, what a window does to it, and what its cache holds.
#include "reference/layers/attention_mixer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"
#include "reference/layers/initial.h"
#include "reference/layers/rope.h"

namespace gdn2 {
namespace {

constexpr Index d_model = 6, heads = 2, dim = 4;

MixerOptions options_of(Index window, Index conv_width) {
    MixerOptions options;
    options.rule = "attention";
    options.d_model = d_model;
    options.heads = heads;
    options.key_dim = options.value_dim = dim;
    options.window = window;
    options.conv_width = conv_width;
    return options;
}

std::unique_ptr<Mixer<double>> made(Index window, Index conv_width) {
    Random random(5);
    return make_attention_mixer<double>(options_of(window, conv_width), random);
}

Matrix<double> draw(Index tokens) {
    Random random(6);
    return normal_matrix<double>(tokens, d_model, 1, random);
}

Parameters<double> parameters(Mixer<double>& mixer) {
    Parameters<double> all;
    mixer.collect("", all);
    return all;
}

Matrix<double> weight(Mixer<double>& mixer, std::size_t i) {
    const Parameter<double> p = parameters(mixer)[i];
    return Eigen::Map<const Matrix<double>>(p.data, p.shape[0], p.shape[1]);
}

/// The layer without convolutions, one query and one key at a time.
Matrix<double> by_hand(Mixer<double>& mixer, const Matrix<double>& x, Index window) {
    const Index length = x.rows();
    const Matrix<double> q = rope<double>(x * weight(mixer, 0).transpose(), {1, length}, {.dim = dim});
    const Matrix<double> k = rope<double>(x * weight(mixer, 1).transpose(), {1, length}, {.dim = dim});
    const Matrix<double> v = x * weight(mixer, 2).transpose();
    Matrix<double> o = Matrix<double>::Zero(length, heads * dim);
    for (Index t = 0; t < length; ++t)
        for (Index head = 0; head < heads; ++head) {
            double total = 0;
            for (Index s = std::max<Index>(0, t - window + 1); s <= t; ++s) {
                const double p = std::exp(
                    q.row(t).segment(head * dim, dim).dot(k.row(s).segment(head * dim, dim)) / std::sqrt(double(dim)));
                o.row(t).segment(head * dim, dim) += p * v.row(s).segment(head * dim, dim);
                total += p;
            }
            o.row(t).segment(head * dim, dim) /= total;
        }
    return o * weight(mixer, 3).transpose();
}

TEST_CASE("attention is its formula with and without a window") {
    const Matrix<double> x = draw(70);  // longer than a block of queries
    for (const Index window : {1, 9, 70}) {
        INFO("window " << window);
        const auto mixer = made(window, 0);
        const Matrix<double> y = mixer->forward(x, {1, 70}, nullptr);
        CHECK((y - by_hand(*mixer, x, window)).norm() <= 1e-13 * y.norm());
    }
}

TEST_CASE("attention with a window that holds the sequence sees everything") {
    const Matrix<double> x = draw(20), all = made(0, 4)->forward(x, {1, 20}, nullptr);
    CHECK(made(20, 4)->forward(x, {1, 20}, nullptr) == all);
    CHECK(made(31, 4)->forward(x, {1, 20}, nullptr) == all);
    CHECK(made(19, 4)->forward(x, {1, 20}, nullptr).topRows(19) == all.topRows(19));
    CHECK((made(19, 4)->forward(x, {1, 20}, nullptr) - all).row(19).norm() > 1e-3 * all.row(19).norm());
}

TEST_CASE("attention does not know where a sequence starts when its window is full") {
    const auto mixer = made(5, 0);
    const Matrix<double> x = draw(40), y = mixer->forward(x, {1, 40}, nullptr);
    const Matrix<double> later = mixer->forward(x.bottomRows(20), {1, 20}, nullptr);
    CHECK((later.bottomRows(16) - y.bottomRows(16)).norm() <= 1e-12 * y.norm());
    CHECK((later.row(0) - y.row(20)).norm() > 1e-3 * y.row(20).norm());
}

TEST_CASE("attention with convolutions that pass the current token alone is attention without") {
    const auto plain = made(0, 0), with = made(0, 3);
    const Parameters<double> source = parameters(*plain), target = parameters(*with);
    REQUIRE(target.size() == 7);
    for (const Parameter<double>& p : target)
        for (Index i = 0; i < p.size(); ++i) p.data[i] = p.shape.size() == 3 && i % 3 == 2 ? 1 : 0;
    for (const Parameter<double>& p : source)
        for (const Parameter<double>& q : target)
            if (p.name == q.name) std::copy_n(p.data, p.size(), q.data);
    const Matrix<double> x = draw(20);
    CHECK(with->forward(x, {2, 10}, nullptr) == plain->forward(x, {2, 10}, nullptr));
}

TEST_CASE("attention decodes from a cache of its window in a ring") {
    const auto mixer = made(4, 3);
    const Matrix<double> x = draw(30), y = mixer->forward(x, {1, 30}, nullptr);
    const auto state = mixer->start();
    for (Index t = 0; t < 30; ++t)
        CHECK((mixer->step(x.row(t).transpose(), *state).transpose() - y.row(t)).norm() <= 1e-13 * y.norm());
}

TEST_CASE("attention's state grows up to its window") {
    const Index pair = 2 * heads * dim, tails = 3 * 3 * heads * dim;
    CHECK(made(0, 0)->state_size(100) == 100 * pair);
    CHECK(made(16, 0)->state_size(100) == 16 * pair);
    CHECK(made(16, 0)->state_size(3) == 3 * pair);
    CHECK(made(1, 0)->state_size(100) == pair);
    CHECK(made(16, 4)->state_size(100) == 16 * pair + tails);
}

TEST_CASE("attention has the names of a file and refuses what it cannot do") {
    const auto mixer = made(0, 4);
    std::vector<std::string> names;
    for (const Parameter<double>& p : parameters(*mixer)) names.push_back(p.name);
    CHECK(names == std::vector<std::string>{"q_proj.weight", "q_conv1d.weight", "k_proj.weight", "k_conv1d.weight",
                                            "v_proj.weight", "v_conv1d.weight", "o_proj.weight"});
    Random random(1);
    MixerOptions options = options_of(0, 4);
    options.key_dim = 3;
    CHECK_THROWS_WITH_AS(make_attention_mixer<double>(options, random),
                         "`key_dim` of attention must be even, for rotary positions, got 3", Error);
    options = options_of(0, 4);
    options.value_heads = 4;
    CHECK_THROWS_WITH_AS(make_attention_mixer<double>(options, random),
                         "`value_heads` of attention must be heads, got 4 and 2", Error);
}

}  // namespace
}  // namespace gdn2
