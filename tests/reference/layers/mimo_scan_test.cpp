// One write a pair against the two writes of baselines' Mamba-3, values and gradients, and decoding.
#include "reference/layers/mimo_scan.h"

#include <doctest/doctest.h>

#include "reference/baselines/mamba3.h"
#include "reference/core/error.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Batch batch{2, 19};  // with ranks, longer than a span of the scan
constexpr Index tokens = 38, heads = 2, key_dim = 4, value_dim = 3;

/// Steps of every token, and what they say of its writes.
struct Steps {
    Matrix<double> Delta, A, lambda;
};

Matrix<double> uniform(double low, double high, std::uint64_t seed) {
    Random random(seed);
    Matrix<double> m(tokens, heads);
    for (double& x : m.reshaped()) x = random.uniform(low, high);
    return m;
}

Steps some_steps() { return {uniform(0.1, 1, 1), uniform(-1, -0.1, 2), uniform(0, 1, 3)}; }

MimoInput<double> input_of(const Steps& steps, Index ranks) {
    Random random(4);
    MimoInput<double> x;
    x.q = normal_matrix<double>(tokens * ranks, heads * key_dim, 1, random);
    x.k = normal_matrix<double>(tokens * ranks, heads * key_dim, 1, random);
    x.v = normal_matrix<double>(tokens * ranks, heads * value_dim, 1, random);
    x.g = steps.Delta.cwiseProduct(steps.A);
    x.now = steps.Delta.cwiseProduct(steps.lambda);
    x.share = steps.Delta - x.now;
    return x;
}

/// The tokens of one sequence and head as baselines have them: [length, ranks * dim].
Matrix<double> ranks_of(const Matrix<double>& wide, Index ranks, Index sequence, Index head) {
    const Index dim = wide.cols() / heads;
    Matrix<double> rows(batch.length, ranks * dim);
    for (Index t = 0; t < batch.length; ++t)
        for (Index r = 0; r < ranks; ++r)
            rows.row(t).segment(r * dim, dim) =
                wide.row((sequence * batch.length + t) * ranks + r).segment(head * dim, dim);
    return rows;
}

Matrix<double> column_of(const Matrix<double>& m, Index sequence, Index head) {
    return m.block(sequence * batch.length, head, batch.length, 1);
}

void check_close(const Matrix<double>& a, const Matrix<double>& b) { CHECK((a - b).norm() <= 1e-12 * b.norm()); }

/// One sequence and head through baselines, without rotation, and what it says of ours.
void check_head(const MimoInput<double>& x, const Steps& steps, const Matrix<double>& y, const Matrix<double>& dy,
                const MimoGradient<double>& d, Index ranks, Index sequence, Index head) {
    const auto part = [&](const Matrix<double>& m) { return ranks_of(m, ranks, sequence, head); };
    const auto column = [&](const Matrix<double>& m) { return column_of(m, sequence, head); };
    const Matrix<double> q = part(x.q), k = part(x.k), v = part(x.v), d_y = part(dy), none(batch.length, 0);
    const Matrix<double> Delta = column(steps.Delta), A = column(steps.A), lambda = column(steps.lambda);
    const baselines::Mamba3<double> in{rows_of(q), rows_of(k),      rows_of(v),    rows_of(Delta), rows_of(A),
                                       rows_of(lambda), rows_of(none), 0, ranks};
    const auto start = mamba3_start(in);
    check_close(part(y), baselines::mamba3(in, start).y);

    const auto expected = baselines::mamba3_backward(in, start, rows_of(d_y), start);  // no gradient by the last state
    check_close(part(d.dq), expected.dC);
    check_close(part(d.dk), expected.dB);
    check_close(part(d.dv), expected.dx);
    check_close(column(d.dg).cwiseProduct(Delta), expected.dA);
    check_close((column(d.d_now) - column(d.d_share)).cwiseProduct(Delta), expected.dlambda);
}

TEST_CASE("one write a pair is Mamba-3's two writes with gradients at any rank") {
    for (const Index ranks : {1, 2, 3}) {
        INFO("ranks " << ranks);
        const MimoSizes sizes{heads, ranks, key_dim, value_dim};
        const Steps steps = some_steps();
        const MimoInput<double> x = input_of(steps, ranks);
        Random random(5);
        const Matrix<double> dy = normal_matrix<double>(tokens * ranks, heads * value_dim, 1, random);
        ScanKept<double> kept;
        const Matrix<double> y = mimo_scan(x, sizes, batch, &kept);
        const MimoGradient<double> d = mimo_scan_backward(x, sizes, batch, kept, dy);
        for (Index sequence = 0; sequence < batch.batch; ++sequence)
            for (Index head = 0; head < heads; ++head) check_head(x, steps, y, dy, d, ranks, sequence, head);
    }
}

TEST_CASE("a Mamba-3 token that is decoded writes twice and reads what the sequence reads") {
    const MimoSizes sizes{heads, 3, key_dim, value_dim};
    const MimoInput<double> x = input_of(some_steps(), 3);
    const Matrix<double> y = mimo_scan(x, sizes, batch);
    std::vector<double> S(static_cast<std::size_t>(heads * key_dim * value_dim), 0);
    LastPairs<double> last{Matrix<double>::Zero(3, heads * key_dim), Matrix<double>::Zero(3, heads * value_dim)};
    for (Index t = 0; t < batch.length; ++t) {
        const MimoInput<double> now{x.q.middleRows(3 * t, 3), x.k.middleRows(3 * t, 3), x.v.middleRows(3 * t, 3),
                                    x.g.row(t), x.now.row(t), x.share.row(t)};
        check_close(mimo_step(now, last, sizes, S), y.middleRows(3 * t, 3));
        last = {now.k, now.v};
    }
}

TEST_CASE("the scan of several ranks refuses wrong shapes by name") {
    const MimoSizes sizes{heads, 3, key_dim, value_dim};
    MimoInput<double> x = input_of(some_steps(), 2);
    CHECK_THROWS_WITH_AS(mimo_scan(x, sizes, batch),
                         "`q` must have batch * length = 2 * 57 rows, got [76, 8]", Error);
    x = input_of(some_steps(), 3);
    x.share.resize(tokens, 1);
    CHECK_THROWS_WITH_AS(mimo_scan(x, sizes, batch), "`g, now, share` must be [38, 2], got [38, 1]", Error);
}

}  // namespace
}  // namespace gdn2
