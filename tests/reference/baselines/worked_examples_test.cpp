// The numbers that docs/systems works out by hand are what the rules compute.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "reference/baselines/deltanet.h"
#include "reference/baselines/gated_deltanet.h"
#include "reference/baselines/kda.h"
#include "reference/baselines/linear_attention.h"
#include "reference/baselines/mamba2.h"
#include "reference/baselines/mamba3.h"
#include "reference/baselines/softmax_attention.h"
#include "reference/delta_rule/recurrent.h"

namespace gdn2::baselines {
namespace {

using Numbers = std::vector<std::vector<double>>;

Matrix<double> matrix(const Numbers& rows) {
    Matrix<double> m(static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size()));
    for (Index i = 0; i < m.rows(); ++i)
        for (Index j = 0; j < m.cols(); ++j)
            m(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    return m;
}

void expect(const Matrix<double>& is, const Numbers& worked_out, double tolerance = 1e-12) {
    CAPTURE(is);
    CHECK((is - matrix(worked_out)).cwiseAbs().maxCoeff() <= tolerance);
}

/// The one token that all pages carry: two key channels, a memory that reads 4 under its key and 2 under the other.
struct Example {
    Matrix<double> k = matrix({{0.6, 0.8}}), other = matrix({{0.8, -0.6}}), S = matrix({{4}, {2}});
    Matrix<double> v = matrix({{1}}), half = matrix({{0.5}}), one = matrix({{1}});
    Matrix<double> log_half = matrix({{std::log(0.5)}}), g = matrix({{std::log(0.5), 0}});

    /// S after the token, o, and what S then reads under the other key.
    void expect_edit(const Forward<double>& run, const Numbers& state, double o, double other_reads) const {
        expect(run.final_state, state);
        expect(run.o, {{o}});
        expect(other * run.final_state, {{other_reads}});
    }

    /// What Gated DeltaNet-2 makes of the token.
    Forward<double> gdn2(const Matrix<double>& decay, const Matrix<double>& b, const Matrix<double>& w) const {
        return recurrent<double>({rows_of(k), rows_of(k), rows_of(decay), rows_of(b), rows_of(v), rows_of(w), 1}, S);
    }
};

}  // namespace

TEST_CASE("one token worked out by hand through every rule") {
    const Example x;
    expect(x.k * x.S, {{4}});
    expect(x.other * x.S, {{2}});
    const auto q = rows_of(x.k), k = q, v = rows_of(x.v), beta = rows_of(x.half), fade = rows_of(x.log_half);
    x.expect_edit(linear_attention<double>({q, k, v, 1}, x.S), {{4.6}, {2.8}}, 5, 2);
    x.expect_edit(mamba2<double>({q, k, v, beta, 2 * std::log(0.5), 0}, x.S), {{2.3}, {1.4}}, 2.5, 1);
    x.expect_edit(deltanet<double>({q, k, v, beta, 1}, x.S), {{3.1}, {0.8}}, 2.5, 2);
    x.expect_edit(gated_deltanet<double>({q, k, v, fade, beta, 1}, x.S), {{1.7}, {0.6}}, 1.5, 1);
    x.expect_edit(kda<double>({q, k, v, rows_of(x.g), beta, 1}, x.S), {{1.46}, {1.28}}, 1.9, 0.4);
    x.expect_edit(x.gdn2(x.g, matrix({{1, 0.5}}), x.one), {{1.4}, {1.2}}, 1.8, 0.4);
}

TEST_CASE("a step of beta 1 reads the new value and one of 2 steps over it") {
    const Example x;
    const auto with = [&](const Matrix<double>& beta) {
        return deltanet<double>({rows_of(x.k), rows_of(x.k), rows_of(x.v), rows_of(beta), 1}, x.S);
    };
    x.expect_edit(with(x.one), {{2.2}, {-0.4}}, 1, 2);
    x.expect_edit(with(2 * x.one), {{0.4}, {-2.8}}, -2, 2);
}

TEST_CASE("the corners of Gated DeltaNet-2's gates overwrite and append and delete and keep") {
    const Example x;
    const Matrix<double> zero = matrix({{0, 0}}), ones = matrix({{1, 1}}), none = matrix({{0}});
    x.expect_edit(x.gdn2(zero, ones, x.one), {{2.2}, {-0.4}}, 1, 2);
    x.expect_edit(x.gdn2(zero, zero, x.one), {{4.6}, {2.8}}, 5, 2);
    x.expect_edit(x.gdn2(zero, ones, none), {{1.6}, {-1.2}}, 0, 2);
    x.expect_edit(x.gdn2(zero, zero, none), {{4}, {2}}, 4, 2);
    x.expect_edit(x.gdn2(zero, 2 * ones, none), {{-0.8}, {-4.4}}, -4, 2);
}

TEST_CASE("the erase gate meets all value channels alike and the write gate each by itself") {
    Example x;
    x.S = matrix({{4, 2}, {2, 1}});
    x.v = matrix({{1, 3}});
    const Forward<double> run = x.gdn2(x.g, matrix({{1, 0.5}}), matrix({{1, 0.5}}));
    expect(run.final_state, {{1.4, 1.3}, {1.2, 1.4}});
    expect(run.o, {{1.8, 1.9}});
}

TEST_CASE("Mamba-3 writes a pair twice and turns keys and reads several pairs as worked out by hand") {
    const Example x;
    const Matrix<double> no_angle(1, 0), A = matrix({{2 * std::log(0.5)}});
    const Mamba3<double> in{rows_of(x.k), rows_of(x.k),  rows_of(x.v),      rows_of(x.half), rows_of(A),
                            rows_of(x.half), rows_of(no_angle), 0, 1};
    const Mamba3State<double> before{x.S, matrix({{1, 0}}), matrix({{2}}), Matrix<double>(1, 0)};
    const Mamba3Forward<double> run = mamba3(in, before);
    expect(run.final_state.S, {{2.4}, {1.2}});
    expect(run.y, {{2.4}});
    expect(x.other * run.final_state.S, {{1.2}});

    const Matrix<double> keys = matrix({{1, 0}, {1, 0}}), values = matrix({{4}, {6}}), Delta = matrix({{1}, {1}});
    const Matrix<double> rates = Delta * std::log(0.5), lambda = 0.5 * Delta;
    for (const double turn : {0.0, std::atanh(0.5)}) {  // a quarter: Delta pi tanh(angle) = pi / 2
        const Matrix<double> angles = matrix({{0}, {turn}});
        const Mamba3<double> two{rows_of(keys),  rows_of(keys),   rows_of(values), rows_of(Delta),
                                 rows_of(rates), rows_of(lambda), rows_of(angles), 0, 1};
        const Mamba3Forward<double> both = mamba3(two, mamba3_start(two));
        expect(both.final_state.S, turn > 0 ? Numbers{{2}, {3}} : Numbers{{5}, {0}});
        expect(both.y, {{2}, {turn > 0 ? 3.0 : 5.0}});
    }

    const Matrix<double> two_keys = matrix({{1, 0, 0, 1}}), two_queries = matrix({{1, 0, 0.6, 0.8}});
    const Matrix<double> copies = matrix({{2, 2}}), fade = matrix({{std::log(0.5)}});
    const Mamba3<double> mimo{rows_of(two_queries), rows_of(two_keys), rows_of(copies),   rows_of(x.one), rows_of(fade),
                              rows_of(x.half),      rows_of(no_angle), 0, 2};
    const Mamba3Forward<double> pairs = mamba3(mimo, mamba3_start(mimo));
    expect(pairs.final_state.S, {{1}, {1}});
    expect(pairs.y, {{1, 1.4}});
}

TEST_CASE("softmax attention weighs three values and two through a window as worked out by hand") {
    const Matrix<double> k = matrix({{1, 0}, {0, 1}, {0.6, 0.8}}), v = matrix({{4}, {2}, {1}});
    const Matrix<double> q = matrix({{0, 0}, {0, 0}, {0.6, 0.8}});
    const auto last = [&](Index window) {
        return softmax_attention<double>({rows_of(q), rows_of(k), rows_of(v), 1, window})(2, 0);
    };
    CHECK(last(0) == doctest::Approx(2.137).epsilon(2e-4));
    CHECK(last(2) == doctest::Approx(1.450).epsilon(2e-4));
    const double a = std::exp(0.6), b = std::exp(0.8), c = std::numbers::e;
    CHECK(last(0) == doctest::Approx((4 * a + 2 * b + c) / (a + b + c)));
    CHECK(last(2) == doctest::Approx((2 * b + c) / (b + c)));
}

}  // namespace gdn2::baselines
