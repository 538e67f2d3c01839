// Where two rules coincide, they give the same numbers and the same gradients; GDN-2's are those of delta_rule, which
// shares no line of arithmetic with this room.
//   GDN-2 with b = w = beta            KDA
//   KDA with one g for all channels    Gated DeltaNet
//   Gated DeltaNet with g = 0          DeltaNet
//   GDN-2 with b = 0, w = 1, one g     Mamba-2 with dt x = v, and with g = 0 linear attention
// Chunkwise forms are held to the recurrent ones in rules_test.cpp, so the recurrent ones suffice here.
#include <doctest/doctest.h>

#include "reference/baselines/deltanet.h"
#include "reference/baselines/gated_deltanet.h"
#include "reference/baselines/kda.h"
#include "reference/baselines/linear_attention.h"
#include "reference/baselines/mamba2.h"
#include "reference/core/random.h"
#include "reference/delta_rule/recurrent.h"
#include "reference/delta_rule/recurrent_backward.h"
#include "tests/support/expect_close.h"

namespace gdn2::baselines {
namespace {

constexpr Index length = 40, key_dim = 7, value_dim = 5;
constexpr double scale = 0.6;

Matrix<double> normal(Index rows, Index cols, Random& random) {
    const Tensor<double> t = random_normal({rows, cols}, random);
    return Eigen::Map<const Matrix<double>>(t.data(), rows, cols);
}

Matrix<double> uniform(Index rows, Index cols, Random& random, double low, double high) {
    const Tensor<double> t = random_uniform({rows, cols}, random, low, high);
    return Eigen::Map<const Matrix<double>>(t.data(), rows, cols);
}

/// One sequence and what arrives from above.
struct Draw {
    Matrix<double> q, k, v, g, gamma, beta, S_0, d_o, d_S;

    explicit Draw(std::uint64_t seed) {
        Random random(seed);
        q = normal(length, key_dim, random);
        k = normal(length, key_dim, random).rowwise().normalized();
        v = normal(length, value_dim, random);
        g = uniform(length, key_dim, random, -0.4, 0);
        gamma = uniform(length, 1, random, -0.4, 0);  // one decay per token
        beta = uniform(length, 1, random, 0, 2);
        S_0 = normal(key_dim, value_dim, random);
        d_o = normal(length, value_dim, random);
        d_S = normal(key_dim, value_dim, random);
    }
};

Tensor<double> tensor_of(const Matrix<double>& m) { return {{m.rows(), m.cols()}, {m.data(), m.data() + m.size()}}; }

void expect_equal(const char* name, const Matrix<double>& reference, const Matrix<double>& claim) {
    test::expect_close(name, tensor_of(reference), tensor_of(claim),
                       check::tolerance(check::Pair::recurrent_golden, check::kind_of(name)));
}

void expect_equal(const Forward<double>& reference, const Forward<double>& claim) {
    expect_equal("o", reference.o, claim.o);
    expect_equal("final_state", reference.final_state, claim.final_state);
}

/// GDN-2 with gates b and w.
struct Gdn2 {
    Forward<double> forward;
    Gradient<double> d;

    Gdn2(const Draw& x, const Matrix<double>& g, const Matrix<double>& b, const Matrix<double>& w, double by = scale) {
        const Sequence<double> in{rows_of(x.q), rows_of(x.k), rows_of(g), rows_of(b), rows_of(x.v), rows_of(w), by};
        forward = recurrent(in, x.S_0);
        d = recurrent_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
    }
};

Kda<double> kda_of(const Draw& x, const Matrix<double>& g) {
    return {rows_of(x.q), rows_of(x.k), rows_of(x.v), rows_of(g), rows_of(x.beta), scale};
}

GatedDeltaNet<double> gated_deltanet_of(const Draw& x, const Matrix<double>& gamma) {
    return {rows_of(x.q), rows_of(x.k), rows_of(x.v), rows_of(gamma), rows_of(x.beta), scale};
}

TEST_CASE("GDN-2 with both gates beta is KDA and d beta is the sum of db and dw") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Draw x(seed);
        const Gdn2 ours(x, x.g, x.beta.replicate(1, key_dim), x.beta.replicate(1, value_dim));
        const Kda<double> in = kda_of(x, x.g);
        expect_equal(ours.forward, kda(in, x.S_0));
        const KdaGradient<double> d = kda_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
        expect_equal("dq", ours.d.dq, d.dq);
        expect_equal("dk", ours.d.dk, d.dk);
        expect_equal("dv", ours.d.dv, d.dv);
        expect_equal("dg", ours.d.dg, d.dg);
        expect_equal("dbeta", ours.d.db.rowwise().sum() + ours.d.dw.rowwise().sum(), d.dbeta);
        expect_equal("d_initial_state", ours.d.d_initial_state, d.d_initial_state);
    }
}

TEST_CASE("KDA with one decay for all channels is Gated DeltaNet") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Draw x(seed);
        const Matrix<double> g = x.gamma.replicate(1, key_dim);
        const Kda<double> finer = kda_of(x, g);
        const GatedDeltaNet<double> in = gated_deltanet_of(x, x.gamma);
        expect_equal(kda(finer, x.S_0), gated_deltanet(in, x.S_0));
        const KdaGradient<double> reference = kda_backward(finer, x.S_0, rows_of(x.d_o), x.d_S);
        const GatedDeltaNetGradient<double> d = gated_deltanet_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
        expect_equal("dq", reference.dq, d.dq);
        expect_equal("dk", reference.dk, d.dk);
        expect_equal("dv", reference.dv, d.dv);
        expect_equal("dg", reference.dg.rowwise().sum(), d.dg);
        expect_equal("dbeta", reference.dbeta, d.dbeta);
        expect_equal("d_initial_state", reference.d_initial_state, d.d_initial_state);
    }
}

TEST_CASE("Gated DeltaNet without decay is DeltaNet") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Draw x(seed);
        const Matrix<double> none = Matrix<double>::Zero(length, 1);
        const GatedDeltaNet<double> gated = gated_deltanet_of(x, none);
        const DeltaNet<double> in{rows_of(x.q), rows_of(x.k), rows_of(x.v), rows_of(x.beta), scale};
        expect_equal(gated_deltanet(gated, x.S_0), deltanet(in, x.S_0));
        const GatedDeltaNetGradient<double> reference = gated_deltanet_backward(gated, x.S_0, rows_of(x.d_o), x.d_S);
        const DeltaNetGradient<double> d = deltanet_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
        expect_equal("dq", reference.dq, d.dq);
        expect_equal("dk", reference.dk, d.dk);
        expect_equal("dv", reference.dv, d.dv);
        expect_equal("dbeta", reference.dbeta, d.dbeta);
        expect_equal("d_initial_state", reference.d_initial_state, d.d_initial_state);
    }
}

TEST_CASE("GDN-2 that never erases and has one decay is Mamba-2 without its skip") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Draw x(seed);
        const double A = -0.8;
        const Matrix<double> dt = x.gamma / A, values = dt.col(0).cwiseInverse().asDiagonal() * x.v;
        const Gdn2 ours(x, x.gamma.replicate(1, key_dim), Matrix<double>::Zero(length, key_dim),
                        Matrix<double>::Ones(length, value_dim), 1);
        const Mamba2<double> in{rows_of(x.q), rows_of(x.k), rows_of(values), rows_of(dt), A, 0};
        expect_equal(ours.forward, mamba2(in, x.S_0));
        const Mamba2Gradient<double> d = mamba2_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
        expect_equal("dC", ours.d.dq, d.dC);
        expect_equal("dB", ours.d.dk, d.dB);
        expect_equal("dx", dt.col(0).asDiagonal() * ours.d.dv, d.dx);
        const Matrix<double> dg = ours.d.dg.rowwise().sum();      // g = dt A
        const Matrix<double> d_dt = A * dg + ours.d.dv.cwiseProduct(values).rowwise().sum();
        expect_equal("ddt", d_dt, d.ddt);
        CHECK(d.dA == doctest::Approx(dt.cwiseProduct(dg).sum()).epsilon(1e-12));
        expect_equal("d_initial_state", ours.d.d_initial_state, d.d_initial_state);
    }
}

TEST_CASE("GDN-2 that never erases and never fades is linear attention") {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const Draw x(seed);
        const Gdn2 ours(x, Matrix<double>::Zero(length, key_dim), Matrix<double>::Zero(length, key_dim),
                        Matrix<double>::Ones(length, value_dim));
        const LinearAttention<double> in{rows_of(x.q), rows_of(x.k), rows_of(x.v), scale};
        expect_equal(ours.forward, linear_attention(in, x.S_0));
        const LinearAttentionGradient<double> d = linear_attention_backward(in, x.S_0, rows_of(x.d_o), x.d_S);
        expect_equal("dq", ours.d.dq, d.dq);
        expect_equal("dk", ours.d.dk, d.dk);
        expect_equal("dv", ours.d.dv, d.dv);
        expect_equal("d_initial_state", ours.d.d_initial_state, d.d_initial_state);
    }
}

TEST_CASE("Mamba-2 adds D x to every output and nothing else") {
    const Draw x(6);
    const Matrix<double> dt = -x.gamma;
    const auto with = [&](double D) {
        return Mamba2<double>{rows_of(x.q), rows_of(x.k), rows_of(x.v), rows_of(dt), -1, D};
    };
    const Forward<double> bare = mamba2(with(0), x.S_0), skipped = mamba2(with(3), x.S_0);
    expect_equal("o", bare.o + 3 * x.v, skipped.o);
    CHECK(bare.final_state == skipped.final_state);
}

TEST_CASE("with beta = 1 and unit keys the delta rules read back what was just written") {
    Draw x(7);
    x.beta.setOnes();
    x.q = x.k;
    const auto just_written = [&](const Matrix<double>& o) { return (o - scale * x.v).norm() <= 1e-13 * x.v.norm(); };
    const Matrix<double> none = Matrix<double>::Zero(length, 1);
    CHECK(just_written(kda(kda_of(x, x.g), x.S_0).o));
    CHECK(just_written(gated_deltanet(gated_deltanet_of(x, x.gamma), x.S_0).o));
    CHECK(just_written(gated_deltanet(gated_deltanet_of(x, none), x.S_0).o));
}

}  // namespace
}  // namespace gdn2::baselines
