// The delta family's layers held together: each rule is its neighbour where gates or decays are tied, outputs and
// gradients; and the layer against its formulas written out with the recurrent rule.
#include "reference/layers/delta_mixer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "reference/delta_rule/recurrent.h"
#include "reference/layers/activation.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

using Named = std::map<std::string, Parameter<double>>;

constexpr Batch batch{2, 21};
constexpr Index d_model = 6, heads = 2, key_dim = 4, value_dim = 3;

MixerOptions options_of(const std::string& rule) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = d_model;
    options.heads = heads;
    options.key_dim = key_dim;
    options.value_dim = value_dim;
    options.A_high = 4;
    return options;
}

std::unique_ptr<Mixer<double>> made(const MixerOptions& options) {
    Random random(11);
    return make_mixer<double>(options, random);
}

Named named(Mixer<double>& mixer) {
    Parameters<double> parameters;
    mixer.collect("", parameters);
    Named by_name;
    for (const Parameter<double>& p : parameters) by_name.emplace(p.name, p);
    return by_name;
}

Eigen::Map<Matrix<double>> matrix(const Parameter<double>& p) {
    return {p.data, p.shape[0], p.size() / p.shape[0]};
}

/// Everything that both mixers have, from one to the other.
void copy_common(Mixer<double>& from, Mixer<double>& to) {
    const Named source = named(from);
    for (const auto& [name, p] : named(to))
        if (source.count(name) && source.at(name).shape == p.shape) std::copy_n(source.at(name).data, p.size(), p.data);
}

struct Run {
    Matrix<double> y, dx;
    std::unique_ptr<Mixer<double>> d;
};

Run run(const Mixer<double>& mixer) {
    Random random(12);
    const Matrix<double> x = normal_matrix<double>(batch.tokens(), d_model, 1, random);
    const Matrix<double> dy = normal_matrix<double>(batch.tokens(), d_model, 1, random);
    std::unique_ptr<Mixer<double>::Kept> kept;
    Run result;
    result.y = mixer.forward(x, batch, &kept);
    result.d = mixer.zeros();
    result.dx = mixer.backward(*kept, dy, *result.d);
    return result;
}

bool close(const Matrix<double>& a, const Matrix<double>& b) { return a.isApprox(b, 1e-12); }

/// Outputs, dx, and the gradients of all parameters of equal name and shape except `but`.
void expect_same(const Run& a, const Run& b, const std::string& but) {
    CHECK(close(a.y, b.y));
    CHECK(close(a.dx, b.dx));
    const Named left = named(*a.d), right = named(*b.d);
    for (const auto& [name, p] : left)
        if (right.count(name) && right.at(name).shape == p.shape && name.rfind(but, 0) != 0) {
            INFO(name);
            CHECK(close(matrix(p), matrix(right.at(name))));
        }
}

TEST_CASE("Gated DeltaNet-2 whose logits agree within a head is KDA, and its gradients add up to KDA's") {
    const auto kda = made(options_of("kda")), gdn2 = made(options_of("gdn2"));
    copy_common(*kda, *gdn2);
    const auto beta = matrix(named(*kda).at("b_proj.weight"));
    auto b = matrix(named(*gdn2).at("b_proj.weight")), w = matrix(named(*gdn2).at("w_proj.weight"));
    for (Index row = 0; row < b.rows(); ++row) b.row(row) = beta.row(row / key_dim);
    for (Index row = 0; row < w.rows(); ++row) w.row(row) = beta.row(row / value_dim);
    const Run tied = run(*gdn2), expected = run(*kda);
    expect_same(tied, expected, "b_proj");

    const auto db = matrix(named(*tied.d).at("b_proj.weight")), dw = matrix(named(*tied.d).at("w_proj.weight"));
    for (Index head = 0; head < heads; ++head) {
        const Matrix<double> sum = db.middleRows(head * key_dim, key_dim).colwise().sum() +
                                   dw.middleRows(head * value_dim, value_dim).colwise().sum();
        CHECK(close(sum, matrix(named(*expected.d).at("b_proj.weight")).row(head)));
    }
}

void expect_kda_with_decays_of_heads_is_gated_deltanet(Index value_heads) {
    MixerOptions options = options_of("gated_deltanet");
    options.value_heads = value_heads;
    const auto gdn = made(options);
    options.rule = "kda";
    const auto kda = made(options);
    copy_common(*gdn, *kda);
    const auto a = matrix(named(*gdn).at("a_proj.weight"));
    auto f = matrix(named(*kda).at("f_proj.weight"));
    const auto of_heads = named(*gdn).at("dt_bias"), of_channels = named(*kda).at("dt_bias");
    for (Index row = 0; row < f.rows(); ++row) {
        f.row(row) = a.row(row / key_dim);
        of_channels.data[row] = of_heads.data[row / key_dim];
    }
    expect_same(run(*kda), run(*gdn), "dt_bias");
}

TEST_CASE("KDA whose decays agree within a head is Gated DeltaNet") {
    expect_kda_with_decays_of_heads_is_gated_deltanet(heads);
}

TEST_CASE("KDA with grouped value heads has decay and beta of each value head, as Gated DeltaNet") {
    expect_kda_with_decays_of_heads_is_gated_deltanet(2 * heads);
}

TEST_CASE("Gated DeltaNet that forgets nothing is DeltaNet") {
    const auto deltanet = made(options_of("deltanet")), gdn = made(options_of("gated_deltanet"));
    copy_common(*deltanet, *gdn);
    std::fill_n(named(*gdn).at("A_log").data, heads, -1e4);  // A = 0
    expect_same(run(*gdn), run(*deltanet), "A_log");
}

TEST_CASE("GDN-2 without erase and decay that writes everything is linear attention") {
    const auto linear = made(options_of("linear_attention")), gdn2 = made(options_of("gdn2"));
    copy_common(*linear, *gdn2);
    std::fill_n(named(*gdn2).at("A_log").data, heads, -1e4);
    // x never has all components 0, so a logit of 1e4 times its square is far out: here through a constant component.
    Random random(12);
    Matrix<double> x = normal_matrix<double>(batch.tokens(), d_model, 1, random);
    x.col(0).setOnes();
    matrix(named(*gdn2).at("b_proj.weight")).setZero();
    matrix(named(*gdn2).at("w_proj.weight")).setZero();
    matrix(named(*gdn2).at("b_proj.weight")).col(0).setConstant(-1e4);
    matrix(named(*gdn2).at("w_proj.weight")).col(0).setConstant(1e4);
    CHECK(close(gdn2->forward(x, batch, nullptr), linear->forward(x, batch, nullptr)));
}

TEST_CASE("the controls agree with each other where gates have one channel") {
    MixerOptions options = options_of("gdn2");
    options.key_dim = options.value_dim = 1;
    const auto gdn2 = made(options);
    const Run expected = run(*gdn2);
    for (const char* rule : {"gdn2_b_only", "gdn2_w_only", "gdn2_scalars"}) {
        INFO(rule);
        options.rule = rule;
        const auto control = made(options);
        copy_common(*gdn2, *control);
        expect_same(run(*control), expected, "none");
    }
}

/// The rows of a head's gate logits in another order: their mean is the same, each channel's gate is not.
Matrix<double> with_rows_turned(const std::string& rule, const char* gate, Index dim) {
    const auto mixer = made(options_of(rule));
    auto weight = matrix(named(*mixer).at(gate));
    for (Index head = 0; head < heads; ++head) {
        const Matrix<double> rows = weight.middleRows(head * dim, dim);
        weight.middleRows(head * dim, dim) = rows.colwise().reverse();
    }
    return run(*mixer).y;
}

TEST_CASE("each control averages the gates that it should and no other") {
    for (const auto& [rule, sees_b, sees_w] :
         {std::tuple{"gdn2", true, true}, {"gdn2_b_only", true, false}, {"gdn2_w_only", false, true},
          {"gdn2_scalars", false, false}, {"gdn2_tied", false, false}}) {
        INFO(rule);
        const Matrix<double> y = run(*made(options_of(rule))).y;
        CHECK(close(with_rows_turned(rule, "b_proj.weight", key_dim), y) != sees_b);
        CHECK(close(with_rows_turned(rule, "w_proj.weight", value_dim), y) != sees_w);
    }
}

TEST_CASE("the controls have the parameters of what they control") {
    const Named expected = named(*made(options_of("gdn2")));
    for (const char* rule : {"gdn2_b_only", "gdn2_w_only", "gdn2_scalars", "gdn2_tied"}) {
        const auto control = made(options_of(rule));
        CHECK(named(*control).size() == expected.size());
        for (const auto& [name, p] : named(*control)) CHECK(expected.at(name).shape == p.shape);
    }
}

Matrix<double> unit(Matrix<double> m) {
    for (auto row : m.rowwise()) row /= std::sqrt(row.squaredNorm() + 1e-6);
    return m;
}

Matrix<double> squashed(const Matrix<double>& m) { return 1 / (1 + (-m.array()).exp()); }

/// One head with its convolution and gates spelt out, and the recurrent rule in the middle.
void expect_formulas(bool negative_eigenvalues) {
    MixerOptions options = options_of("gdn2");
    options.heads = 1;
    options.negative_eigenvalues = negative_eigenvalues;
    const auto mixer = made(options);
    const Named p = named(*mixer);
    Random random(12);
    const Matrix<double> x = normal_matrix<double>(21, d_model, 1, random);

    const auto projected = [&](const char* name) { return Matrix<double>(x * matrix(p.at(name)).transpose()); };
    const auto branch = [&](const std::string& name) {
        const Matrix<double> u = projected((name + "_proj.weight").c_str());
        const auto taps = matrix(p.at(name + "_conv1d.weight"));
        Matrix<double> y = Matrix<double>::Zero(u.rows(), u.cols());
        for (Index t = 0; t < u.rows(); ++t)
            for (Index back = 0; back <= std::min<Index>(t, 3); ++back)
                y.row(t) += u.row(t - back).cwiseProduct(taps.col(3 - back).transpose());
        return Matrix<double>(y.array() / (1 + (-y.array()).exp()));
    };
    const Matrix<double> q = unit(branch("q")), k = unit(branch("k")), v = branch("v");
    const Matrix<double> b = (negative_eigenvalues ? 2 : 1) * squashed(projected("b_proj.weight"));
    const Matrix<double> w = squashed(projected("w_proj.weight"));
    Matrix<double> g = projected("f_proj.weight");
    for (Index c = 0; c < key_dim; ++c)
        g.col(c) = -std::exp(p.at("A_log").data[0]) * (1 + (g.col(c).array() + p.at("dt_bias").data[c]).exp()).log();
    const Sequence<double> sequence{rows_of(q), rows_of(k), rows_of(g), rows_of(b), rows_of(v), rows_of(w), 0.5};
    Matrix<double> o = recurrent(sequence, Matrix<double>(Matrix<double>::Zero(key_dim, value_dim))).o;
    const Matrix<double> gate = projected("g_proj.weight");
    for (Index t = 0; t < 21; ++t) o.row(t) /= std::sqrt(o.row(t).squaredNorm() / value_dim + 1e-5);
    const Matrix<double> normed = o.cwiseProduct(silu(gate));
    CHECK(close(normed * matrix(p.at("o_proj.weight")).transpose(), mixer->forward(x, {1, 21}, nullptr)));
}

TEST_CASE("the layer is its formulas") { expect_formulas(false); }

TEST_CASE("negative eigenvalues double b and leave w") { expect_formulas(true); }

}  // namespace
}  // namespace gdn2
