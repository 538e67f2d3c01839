// Mamba-2's layer: against its formulas written out with the rule of baselines, and what it may and may not do.
#include "reference/layers/mamba2_mixer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "reference/baselines/mamba2.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Index d_model = 6, heads = 3, N = 4, P = 2, E = heads * P, length = 21, width = 4;

MixerOptions options_of() {
    MixerOptions options;
    options.rule = "mamba2";
    options.d_model = d_model;
    options.heads = heads;
    options.key_dim = N;
    options.value_dim = P;
    options.A_high = 16;
    return options;
}

std::unique_ptr<Mixer<double>> made(const MixerOptions& options = options_of()) {
    Random random(8);
    return make_mamba2_mixer<double>(options, random);
}

Matrix<double> draw(Index tokens) {
    Random random(9);
    return normal_matrix<double>(tokens, d_model, 1, random);
}

Parameters<double> parameters(Mixer<double>& mixer) {
    Parameters<double> all;
    mixer.collect("", all);
    return all;
}

/// A parameter as a matrix, vectors as columns, moved from where it starts so that all of it counts.
std::map<std::string, Matrix<double>> moved_parameters(Mixer<double>& mixer) {
    std::map<std::string, Matrix<double>> by_name;
    Random random(10);
    for (const Parameter<double>& p : parameters(mixer)) {
        for (Index i = 0; i < p.size(); ++i) p.data[i] += 0.2 * random.normal();
        by_name[p.name] = Eigen::Map<const Matrix<double>>(p.data, p.shape[0], p.size() / p.shape[0]);
    }
    return by_name;
}

double silu_of(double x) { return x / (1 + std::exp(-x)); }

/// What leaves the convolution and SiLU: x, B and C of every token.
Matrix<double> convolved(const std::map<std::string, Matrix<double>>& p, const Matrix<double>& projected) {
    Matrix<double> result(length, E + 2 * N);
    for (Index t = 0; t < length; ++t)
        for (Index c = 0; c < result.cols(); ++c) {
            double sum = p.at("conv1d.bias")(c, 0);
            for (Index lag = 0; lag < width && lag <= t; ++lag)
                sum += p.at("conv1d.weight")(c, width - 1 - lag) * projected(t - lag, E + c);
            result(t, c) = silu_of(sum);
        }
    return result;
}

Matrix<double> by_hand(const std::map<std::string, Matrix<double>>& p, const Matrix<double>& x) {
    const Matrix<double> projected = x * p.at("in_proj.weight").transpose(), xBC = convolved(p, projected);
    const Matrix<double> B = xBC.middleCols(E, N), C = xBC.rightCols(N);
    Matrix<double> u(length, E);
    for (Index head = 0; head < heads; ++head) {
        const Matrix<double> values = xBC.middleCols(head * P, P);
        Matrix<double> dt(length, 1);
        for (Index t = 0; t < length; ++t)
            dt(t, 0) = std::log1p(std::exp(projected(t, 2 * E + 2 * N + head) + p.at("dt_bias")(head, 0)));
        const double A = -std::exp(p.at("A_log")(head, 0));
        u.middleCols(head * P, P) =
            baselines::mamba2<double>({rows_of(C), rows_of(B), rows_of(values), rows_of(dt), A, p.at("D")(head, 0)},
                                      Matrix<double>::Zero(N, P))
                .o;
    }
    for (Index t = 0; t < length; ++t) {
        for (Index c = 0; c < E; ++c) u(t, c) *= silu_of(projected(t, c));
        u.row(t) *= 1 / std::sqrt(u.row(t).squaredNorm() / E + 1e-5);
    }
    return u * p.at("norm.weight").col(0).asDiagonal() * p.at("out_proj.weight").transpose();
}

TEST_CASE("Mamba-2's layer is its formulas written out with the rule of baselines") {
    const auto mixer = made();
    const auto p = moved_parameters(*mixer);
    const Matrix<double> x = draw(length), y = mixer->forward(x, {1, length}, nullptr);
    CHECK((y - by_hand(p, x)).norm() <= 1e-13 * y.norm());
}

TEST_CASE("Mamba-2 has the names and shapes of a file") {
    std::map<std::string, Shape> expected{{"in_proj.weight", {2 * E + 2 * N + heads, d_model}},
                                          {"conv1d.weight", {E + 2 * N, 1, width}},
                                          {"conv1d.bias", {E + 2 * N}},
                                          {"dt_bias", {heads}},
                                          {"A_log", {heads}},
                                          {"D", {heads}},
                                          {"norm.weight", {E}},
                                          {"out_proj.weight", {d_model, E}}};
    const auto mixer = made();
    for (const Parameter<double>& p : parameters(*mixer)) {
        INFO(p.name);
        CHECK(expected.at(p.name) == p.shape);
        CHECK(p.weight_decay == (p.shape.size() > 1));
        expected.erase(p.name);
    }
    CHECK(expected.empty());
}

TEST_CASE("Mamba-2 starts with steps of 1e-3 to 1e-1, rates up to A_high and an open skip") {
    const auto mixer = made();
    for (const Parameter<double>& p : parameters(*mixer))
        for (Index i = 0; i < p.size(); ++i) {
            const double number = p.data[i];
            if (p.name == "dt_bias") CHECK(std::abs(std::log(std::log1p(std::exp(number))) + 4.605) <= 2.3027);
            if (p.name == "A_log") CHECK((number >= 0 && number <= std::log(16.0)));
            if (p.name == "D" || p.name == "norm.weight") CHECK(number == 1);
        }
}

TEST_CASE("Mamba-2 without a convolution sees the last token through its state alone") {
    MixerOptions options = options_of();
    options.conv_width = 0;
    const auto mixer = made(options);
    for (const Parameter<double>& p : parameters(*mixer)) {
        CHECK(p.name.rfind("conv1d", 0) != 0);
        if (p.name == "A_log") std::fill_n(p.data, p.size(), 200.0);  // forgets everything at once
    }
    const Matrix<double> x = draw(8), y = mixer->forward(x, {1, 8}, nullptr);
    CHECK((mixer->forward(x.bottomRows(1), {1, 1}, nullptr) - y.bottomRows(1)).norm() <= 1e-14 * y.norm());
    const auto state = mixer->start();
    for (Index t = 0; t < 8; ++t)
        CHECK((mixer->step(x.row(t).transpose(), *state).transpose() - y.row(t)).norm() <= 1e-13 * y.norm());
}

TEST_CASE("Mamba-2's state is its memory and the tail of its convolution whatever the length") {
    const auto mixer = made();
    CHECK(mixer->state_size(0) == E * N + (width - 1) * (E + 2 * N));
    CHECK(mixer->state_size(1000) == mixer->state_size(0));
    MixerOptions options = options_of();
    options.conv_width = 0;
    options.value_heads = 6;
    CHECK(made(options)->state_size(9) == 2 * E * N);
}

}  // namespace
}  // namespace gdn2
