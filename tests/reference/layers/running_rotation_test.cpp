// Angles that tokens add up: against the rotation that baselines have, and by what rotations are.
#include "reference/layers/running_rotation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "reference/baselines/mamba3_rotation.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr Batch batch{2, 9};
constexpr Index tokens = 18, heads = 2, ranks = 3, dim = 6, count = 2;

Matrix<double> draw(Index rows, Index cols, std::uint64_t seed) {
    Random random(seed);
    return normal_matrix<double>(rows, cols, 1, random);
}

Matrix<double> step_sizes() { return draw(tokens, heads, 1).cwiseAbs(); }
Matrix<double> angles() { return draw(tokens, count, 2); }

/// The tokens of one sequence in one head of wide rows, as baselines have them: [length, ranks * dim].
Matrix<double> ranks_of(const Matrix<double>& wide, Index sequence, Index head) {
    Matrix<double> rows(batch.length, ranks * dim);
    for (Index t = 0; t < batch.length; ++t)
        for (Index r = 0; r < ranks; ++r)
            rows.row(t).segment(r * dim, dim) =
                wide.row((sequence * batch.length + t) * ranks + r).segment(head * dim, dim);
    return rows;
}

/// What baselines need of a sequence and a head to turn its keys and queries.
struct Head {
    Matrix<double> C, B, Delta, angles, unused = Matrix<double>::Zero(batch.length, ranks);

    Head(const Matrix<double>& q, const Matrix<double>& k, Index sequence, Index head)
        : C(ranks_of(q, sequence, head)), B(ranks_of(k, sequence, head)),
          Delta(step_sizes().block(sequence * batch.length, head, batch.length, 1)),
          angles(gdn2::angles().middleRows(sequence * batch.length, batch.length)) {}
    baselines::Mamba3<double> in() const {
        return {rows_of(C),     rows_of(B),      rows_of(unused), rows_of(Delta),
                rows_of(unused), rows_of(unused), rows_of(angles), 0, ranks};
    }
};

TEST_CASE("running angles turn keys and queries as baselines do and so do their gradients") {
    const Matrix<double> q = draw(tokens * ranks, heads * dim, 3), k = draw(tokens * ranks, heads * dim, 4);
    const Matrix<double> d_q = draw(tokens * ranks, heads * dim, 5), d_k = draw(tokens * ranks, heads * dim, 6);
    const Matrix<double> theta = running_angles(step_sizes(), angles(), batch);
    const RunningRotation<double> by(theta, heads, ranks);
    const Matrix<double> q_turned = turned(q, by), k_turned = turned(k, by);
    Matrix<double> dtheta = Matrix<double>::Zero(tokens, heads * count);
    const Matrix<double> dk = turned_backward(k_turned, by, d_k, dtheta);
    const Matrix<double> dq = turned_backward(q_turned, by, d_q, dtheta);
    const auto [dDelta, d_angles] = running_angles_backward(step_sizes(), angles(), batch, dtheta);
    for (Index sequence = 0; sequence < batch.batch; ++sequence) {
        Matrix<double> d_angles_of_heads = Matrix<double>::Zero(batch.length, count);
        const Index first = sequence * batch.length;
        for (Index head = 0; head < heads; ++head) {
            const Head one(q, k, sequence, head);
            const auto rotation = baselines::rotation_of(one.in(), Matrix<double>(Matrix<double>::Zero(1, count)));
            CHECK((theta.block(first, head * count, batch.length, count) - rotation.theta).norm() <= 1e-13);
            CHECK((ranks_of(q_turned, sequence, head) - rotation.q).norm() <= 1e-13);
            CHECK((ranks_of(k_turned, sequence, head) - rotation.k).norm() <= 1e-13);

            baselines::Mamba3Gradient<double> d;
            d.dDelta = Matrix<double>::Zero(batch.length, 1);
            Matrix<double> d_start = Matrix<double>::Zero(1, count);
            rotation_backward(one.in(), rotation, ranks_of(d_k, sequence, head), ranks_of(d_q, sequence, head),
                              d_start, d);
            CHECK((ranks_of(dk, sequence, head) - d.dB).norm() <= 1e-13);
            CHECK((ranks_of(dq, sequence, head) - d.dC).norm() <= 1e-13);
            CHECK((dDelta.block(first, head, batch.length, 1) - d.dDelta).norm() <= 1e-12 * d.dDelta.norm());
            d_angles_of_heads += d.dangles;
        }
        CHECK((d_angles.middleRows(first, batch.length) - d_angles_of_heads).norm() <=
              1e-12 * d_angles_of_heads.norm());
    }
}

TEST_CASE("running angles drop whole turns and go on from where a sequence was left") {
    const Matrix<double> long_steps = Matrix<double>::Constant(8, 1, 10), steady = Matrix<double>::Constant(8, 1, 0.3);
    const Matrix<double> theta = running_angles(long_steps, steady, {1, 8});
    double sum = 0;
    for (Index t = 0; t < 8; ++t) {
        sum += 10 * std::numbers::pi * std::tanh(0.3);
        CHECK(std::abs(theta(t, 0)) <= std::numbers::pi + 1e-12);
        CHECK(std::cos(theta(t, 0)) == doctest::Approx(std::cos(sum)).epsilon(1e-12));
    }
    const Matrix<double> rest = running_angles<double>(long_steps.bottomRows(3), steady.bottomRows(3), {1, 3},
                                                       theta.row(4));
    CHECK(rest == theta.bottomRows(3));
}

TEST_CASE("no angles and angles of 0 turn nothing") {
    const Matrix<double> x = draw(tokens, heads * dim, 3), none(tokens, 0);
    const Matrix<double> still = running_angles<double>(step_sizes(), Matrix<double>::Zero(tokens, count), batch);
    CHECK(turned(x, RunningRotation<double>(still, heads, 1)) == x);
    CHECK(turned(x, RunningRotation<double>(running_angles(step_sizes(), none, batch), heads, 1)) == x);
    CHECK(running_angles_backward(step_sizes(), none, batch, none).dDelta.isZero(0));
}

}  // namespace
}  // namespace gdn2
