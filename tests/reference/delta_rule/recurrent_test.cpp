// The definition itself: its closed form, its special cases, and what it does at the edges.
#include "reference/delta_rule/recurrent.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

/// A sequence with room for its own numbers.
struct OwnedSequence {
    Matrix<double> q, k, g, b, v, w;
    double scale = 1;

    OwnedSequence(Index length, Index key_dim, Index value_dim)
        : q(Matrix<double>::Zero(length, key_dim)), k(q), g(q), b(q),
          v(Matrix<double>::Zero(length, value_dim)), w(v) {}

    Sequence<double> view() const {
        return {rows_of(q), rows_of(k), rows_of(g), rows_of(b), rows_of(v), rows_of(w), scale};
    }
};

OwnedSequence random_sequence(Index length, Index key_dim, Index value_dim) {
    OwnedSequence x(length, key_dim, value_dim);
    Random random(3);
    for (Matrix<double>* m : {&x.q, &x.k, &x.v}) *m = m->unaryExpr([&](double) { return random.normal(); });
    for (Matrix<double>* m : {&x.b, &x.w}) *m = m->unaryExpr([&](double) { return random.uniform(); });
    x.g = x.g.unaryExpr([&](double) { return -random.uniform(); });
    x.k.rowwise().normalize();
    return x;
}

TEST_CASE("recurrent equals Eq. 10 written out as matrices") {
    const OwnedSequence x = random_sequence(20, 6, 4);
    Matrix<double> S = Matrix<double>::Constant(6, 4, 0.3);
    const Forward<double> run = recurrent(x.view(), S);
    for (Index t = 0; t < 20; ++t) {
        const Vector<double> k = x.k.row(t), e = k.cwiseProduct(x.b.row(t).transpose());
        const Vector<double> z = x.w.row(t).cwiseProduct(x.v.row(t));
        const Vector<double> alpha = x.g.row(t).array().exp();
        const Matrix<double> I = Matrix<double>::Identity(6, 6);
        S = (I - k * e.transpose()) * alpha.asDiagonal() * S + k * z.transpose();
        const double error = (run.o.row(t).transpose() - S.transpose() * x.q.row(t).transpose()).norm();
        CHECK(error <= 1e-14);
    }
    CHECK((run.final_state - S).norm() <= 1e-14);
}

TEST_CASE("recurrent reads back what it has just written when beta is 1 and the key is a unit vector") {
    OwnedSequence x = random_sequence(30, 8, 5);
    x.b.setOnes();
    x.w.setOnes();
    x.g.setZero();
    x.q = x.k;
    const Forward<double> run = recurrent(x.view(), Matrix<double>(Matrix<double>::Constant(8, 5, 2.0)));
    CHECK((run.o - x.v).norm() <= 1e-13);
}

TEST_CASE("recurrent with b = 0 and w = 1 only adds and with w = 0 only removes") {
    OwnedSequence x = random_sequence(1, 4, 3);
    const Matrix<double> S = Matrix<double>::Constant(4, 3, 0.5);
    x.g.setZero();
    x.b.setZero();
    x.w.setOnes();
    const Matrix<double> added = S + x.k.transpose() * x.v;
    CHECK((recurrent(x.view(), S).final_state - added).norm() <= 1e-15);
    x.b.setOnes();
    x.w.setZero();
    const Matrix<double> after = recurrent(x.view(), S).final_state;
    CHECK((after.transpose() * x.k.transpose()).norm() <= 1e-15);  // nothing left under k
}

TEST_CASE("recurrent wipes a channel exactly at g = -inf") {
    OwnedSequence x = random_sequence(3, 17, 3);  // wide enough for vector registers and a rest
    x.k.col(2).setZero();                         // the channel is never written again
    x.g(1, 2) = -std::numeric_limits<double>::infinity();
    const Matrix<double> S = recurrent(x.view(), Matrix<double>(Matrix<double>::Ones(17, 3))).final_state;
    CHECK((S.row(2).array() == 0).all());
    CHECK(S.allFinite());
}

TEST_CASE("recurrent returns the initial state of an empty sequence") {
    const OwnedSequence x(0, 4, 3);
    const Matrix<double> S = Matrix<double>::Constant(4, 3, 0.25);
    const Forward<double> run = recurrent(x.view(), S);
    CHECK(run.o.rows() == 0);
    CHECK(run.final_state == S);
}

TEST_CASE("recurrent scales the output and not the state") {
    OwnedSequence x = random_sequence(10, 4, 3);
    const Matrix<double> S = Matrix<double>::Ones(4, 3);
    const Forward<double> plain = recurrent(x.view(), S);
    x.scale = 0.25;
    const Forward<double> scaled = recurrent(x.view(), S);
    CHECK(scaled.o == 0.25 * plain.o);
    CHECK(scaled.final_state == plain.final_state);
}

TEST_CASE("a pair of tokens can be expansive although each gate is at most 1") {
    // k1 = (cos 66, sin 66), b1 = (1, 0); k2 = (cos 24, sin 24), b2 = (0, 1): spectral radius 1.25 a period.
    constexpr double degree = 3.14159265358979323846 / 180;
    OwnedSequence x(400, 2, 1);
    for (Index t = 0; t < 400; ++t) {
        const double angle = (t % 2 ? 24 : 66) * degree;
        x.k.row(t) << std::cos(angle), std::sin(angle);
        x.b(t, t % 2) = 1;
    }
    const Matrix<double> S = recurrent(x.view(), Matrix<double>(Matrix<double>::Ones(2, 1))).final_state;
    CHECK(S.norm() > 1e18);
    CHECK(S.norm() < 1e20);
}

}  // namespace
}  // namespace gdn2
