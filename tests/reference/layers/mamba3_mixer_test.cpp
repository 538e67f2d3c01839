// Mamba-3's layer: against its formulas written out with the two-write rule of baselines, and its two forms and
// Mamba-2's rule held together.
#include "reference/layers/mamba3_mixer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "reference/baselines/mamba2.h"
#include "reference/baselines/mamba3.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

using Named = std::map<std::string, Matrix<double>>;

constexpr Index d_model = 6, heads = 2, N = 8, P = 3, E = heads * P, length = 17, count = 2;

MixerOptions options_of(const std::string& rule, Index rank) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = d_model;
    options.heads = heads;
    options.key_dim = N;
    options.value_dim = P;
    options.rank = rank;
    return options;
}

std::unique_ptr<Mixer<double>> made(const MixerOptions& options) {
    Random random(8);
    return make_mamba3_mixer<double>(options, random);
}

Matrix<double> draw() {
    Random random(9);
    return normal_matrix<double>(length, d_model, 1, random);
}

Parameters<double> parameters(Mixer<double>& mixer) {
    Parameters<double> all;
    mixer.collect("", all);
    return all;
}

/// Parameters as matrices with as many columns as the last axis, vectors as columns.
Named named(Mixer<double>& mixer) {
    Named by_name;
    for (const Parameter<double>& p : parameters(mixer)) {
        const Index cols = p.shape.size() > 1 ? p.shape.back() : 1;
        by_name[p.name] = Eigen::Map<const Matrix<double>>(p.data, p.size() / cols, cols);
    }
    return by_name;
}

void move_parameters(Mixer<double>& mixer) {
    Random random(10);
    for (const Parameter<double>& p : parameters(mixer))
        for (Index i = 0; i < p.size(); ++i) p.data[i] += 0.2 * random.normal();
}

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double softplus_of(double x) { return std::log1p(std::exp(x)); }

/// One head of the layer's inputs to the rule, and what the rule gives, [length, ranks * P].
struct HeadByHand {
    Matrix<double> C, B, x, Delta, A, lambda, angles, y;

    HeadByHand(const Named& p, const Matrix<double>& projected, Index head, Index ranks)
        : C(length, ranks * N), B(length, ranks * N), x(length, ranks * P), Delta(length, 1), A(length, 1),
          lambda(length, 1), angles(projected.rightCols(count)) {
        const Index logits = 2 * E + 2 * ranks * N;
        for (Index t = 0; t < length; ++t) {
            Delta(t, 0) = softplus_of(projected(t, logits + head) + p.at("dt_bias")(head, 0));
            A(t, 0) = -softplus_of(projected(t, logits + heads + head));
            lambda(t, 0) = logistic(projected(t, logits + 2 * heads + head));
            for (Index r = 0; r < ranks; ++r) {
                B.row(t).segment(r * N, N) = key(p, projected, "B", 2 * E, t, head, r, ranks);
                C.row(t).segment(r * N, N) = key(p, projected, "C", 2 * E + ranks * N, t, head, r, ranks);
                auto x_r = x.row(t).segment(r * P, P).array();
                x_r = projected.row(t).segment(E + head * P, P).array();
                if (p.count("mimo_x")) x_r *= p.at("mimo_x").row(head * ranks + r).array();
            }
        }
        const baselines::Mamba3<double> in{rows_of(C), rows_of(B),      rows_of(x),      rows_of(Delta),
                                           rows_of(A), rows_of(lambda), rows_of(angles), p.at("D")(head, 0), ranks};
        y = baselines::mamba3(in, mamba3_start(in)).y;
    }

    /// RMSNorm(B_r) + B_bias_r, or C's.
    static Matrix<double> key(const Named& p, const Matrix<double>& projected, const std::string& name, Index first,
                              Index t, Index head, Index r, Index ranks) {
        const Matrix<double> row = projected.row(t).segment(first + r * N, N);
        const double norm = std::sqrt(row.squaredNorm() / N + 1e-5);
        return row.cwiseProduct(p.at(name + "_norm.weight").transpose()) / norm +
               p.at(name + "_bias").row(head * ranks + r);
    }
};

Matrix<double> by_hand(const Named& p, const Matrix<double>& h, Index ranks) {
    const Matrix<double> projected = h * p.at("in_proj.weight").transpose();
    Matrix<double> sum = Matrix<double>::Zero(length, E);
    for (Index head = 0; head < heads; ++head) {
        const HeadByHand one(p, projected, head, ranks);
        for (Index t = 0; t < length; ++t)
            for (Index r = 0; r < ranks; ++r)
                for (Index c = 0; c < P; ++c) {
                    const Index row = head * ranks + r;
                    const double z = projected(t, head * P + c) * (p.count("mimo_z") ? p.at("mimo_z")(row, c) : 1);
                    sum(t, head * P + c) +=
                        one.y(t, r * P + c) * z * logistic(z) * (p.count("mimo_o") ? p.at("mimo_o")(row, c) : 1);
                }
    }
    return sum * p.at("out_proj.weight").transpose();
}

TEST_CASE("Mamba-3's layer is its formulas written out with the two writes of baselines") {
    for (const auto& [rule, rank] : {std::pair{"mamba3", 1}, std::pair{"mamba3_mimo", 3}}) {
        INFO(rule);
        const auto mixer = made(options_of(rule, rank));
        move_parameters(*mixer);
        const Matrix<double> x = draw(), y = mixer->forward(x, {1, length}, nullptr);
        CHECK((y - by_hand(named(*mixer), x, rank)).norm() <= 1e-13 * y.norm());
    }
}

TEST_CASE("Mamba-3 of rank 1 with ones for its up and down projections is the SISO form with every gradient") {
    const auto siso = made(options_of("mamba3", 4)), mimo = made(options_of("mamba3_mimo", 1));
    const Matrix<double> x = draw();
    std::unique_ptr<Mixer<double>::Kept> kept_siso, kept_mimo;
    const Matrix<double> y = siso->forward(x, {1, length}, &kept_siso);
    CHECK(mimo->forward(x, {1, length}, &kept_mimo) == y);  // 1 / rank is 1
    const auto d_siso = siso->zeros(), d_mimo = mimo->zeros();
    CHECK(siso->backward(*kept_siso, y, *d_siso) == mimo->backward(*kept_mimo, y, *d_mimo));
    const Named of_siso = named(*d_siso), of_mimo = named(*d_mimo);
    CHECK(of_mimo.size() == of_siso.size() + 3);
    for (const auto& [name, gradient] : of_siso) {
        INFO(name);
        CHECK(gradient.norm() > 0);
        CHECK(of_mimo.at(name) == gradient);
    }
}

TEST_CASE("Mamba-3 with Euler's rule and no angles has Mamba-2's memory") {
    MixerOptions options = options_of("mamba3", 1);
    options.rope_fraction = 0;
    const auto mixer = made(options);
    // The last 2 heads of the projection are trap, before them a and dt. lambda = 1, and A the same for every token.
    const Parameter<double> in_proj = parameters(*mixer).front();
    REQUIRE(in_proj.shape == Shape{2 * E + 2 * N + 3 * heads, d_model});
    Eigen::Map<Matrix<double>> weight(in_proj.data, in_proj.shape[0], d_model);
    weight.bottomRows(2 * heads).setZero();
    weight.bottomRows(heads).col(0).setConstant(1000);
    Matrix<double> h = draw();
    h.col(0).setOnes();
    const Named p = named(*mixer);
    const Matrix<double> projected = h * weight.transpose();
    Matrix<double> gated(length, E);
    for (Index head = 0; head < heads; ++head) {
        Matrix<double> B(length, N), C(length, N), x = projected.middleCols(E + head * P, P), dt(length, 1);
        for (Index t = 0; t < length; ++t) {
            B.row(t) = HeadByHand::key(p, projected, "B", 2 * E, t, head, 0, 1);
            C.row(t) = HeadByHand::key(p, projected, "C", 2 * E + N, t, head, 0, 1);
            dt(t, 0) = softplus_of(projected(t, 2 * E + 2 * N + head) + p.at("dt_bias")(head, 0));
        }
        const baselines::Mamba2<double> in{rows_of(C), rows_of(B), rows_of(x), rows_of(dt), -std::log(2.0), 1};
        gated.middleCols(head * P, P) = baselines::mamba2<double>(in, Matrix<double>::Zero(N, P)).o;
    }
    for (Index t = 0; t < length; ++t)
        for (Index c = 0; c < E; ++c) gated(t, c) *= projected(t, c) * logistic(projected(t, c));
    const Matrix<double> y = mixer->forward(h, {1, length}, nullptr);
    CHECK((y - gated * p.at("out_proj.weight").transpose()).norm() <= 1e-13 * y.norm());
}

TEST_CASE("Mamba-3 has the names and shapes of a file") {
    std::map<std::string, Shape> expected{{"in_proj.weight", {2 * E + 2 * 3 * N + 3 * heads + count, d_model}},
                                          {"dt_bias", {heads}},
                                          {"B_bias", {heads, 3, N}},
                                          {"C_bias", {heads, 3, N}},
                                          {"B_norm.weight", {N}},
                                          {"C_norm.weight", {N}},
                                          {"mimo_x", {heads, 3, P}},
                                          {"mimo_z", {heads, 3, P}},
                                          {"mimo_o", {heads, 3, P}},
                                          {"D", {heads}},
                                          {"out_proj.weight", {d_model, E}}};
    const auto mixer = made(options_of("mamba3_mimo", 3));
    for (const Parameter<double>& p : parameters(*mixer)) {
        INFO(p.name);
        CHECK(expected.at(p.name) == p.shape);
        expected.erase(p.name);
        const bool third = p.name == "mimo_x" || p.name == "mimo_o";
        if (p.name == "D" || p.name.find("_bias") == 1 || p.name.find("mimo") == 0)
            CHECK(std::all_of(p.data, p.data + p.size(), [&](double v) { return v == (third ? 1.0 / 3 : 1); }));
    }
    CHECK(expected.empty());
}

TEST_CASE("Mamba-3's state is Mamba-2's memory and what the next token writes again") {
    CHECK(made(options_of("mamba3", 4))->state_size(99) == E * N + heads * (N + P + count));
    CHECK(made(options_of("mamba3_mimo", 4))->state_size(99) == E * N + heads * (4 * N + P + count));
}

}  // namespace
}  // namespace gdn2
