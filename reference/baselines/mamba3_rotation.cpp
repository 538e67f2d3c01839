// See mamba3_rotation.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/mamba3_rotation.h"

#include <numbers>

#include "reference/core/dual_functions.h"
#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

constexpr double pi = std::numbers::pi;

/// tanh(angles): in half turns per unit of Delta.
template <class Scalar>
Matrix<Scalar> half_turns(const Mamba3<Scalar>& in) {
    return in.angles.unaryExpr([](const Scalar& angle) {
        using std::tanh;
        return tanh(angle);
    });
}

template <class Scalar>
Scalar without_whole_turns(const Scalar& theta) {
    return theta - Scalar(2 * pi * std::round(value_of(theta) / (2 * pi)));
}

/// Calls visit(i, c) for the first of the two channels c that angle i turns, of every rank.
template <class Scalar, class Visit>
void each_pair(const Mamba3<Scalar>& in, const Visit& visit) {
    for (Index r = 0; r < in.rank; ++r)
        for (Index i = 0; i < in.angles.cols(); ++i) visit(i, r * in.state_dim() + 2 * i);
}

template <class Scalar>
Matrix<Scalar> turned(const Mamba3<Scalar>& in, const Rows<Scalar>& y, const Rotation<Scalar>& by) {
    Matrix<Scalar> result = y;
    each_pair(in, [&](Index i, Index c) {
        const auto cosine = by.cosine.col(i).array(), sine = by.sine.col(i).array();
        result.col(c) = y.col(c).array() * cosine - y.col(c + 1).array() * sine;
        result.col(c + 1) = y.col(c).array() * sine + y.col(c + 1).array() * cosine;
    });
    return result;
}

/// dy, given the turned y and the gradient d by it; adds to dtheta [length, angle_count].
template <class Scalar>
Matrix<Scalar> turned_backward(const Mamba3<Scalar>& in, const Matrix<Scalar>& y, const Rotation<Scalar>& by,
                               const Matrix<Scalar>& d, Matrix<Scalar>& dtheta) {
    Matrix<Scalar> dy = d;
    each_pair(in, [&](Index i, Index c) {
        const auto cosine = by.cosine.col(i).array(), sine = by.sine.col(i).array();
        dtheta.col(i).array() += d.col(c + 1).array() * y.col(c).array() - d.col(c).array() * y.col(c + 1).array();
        dy.col(c) = d.col(c).array() * cosine + d.col(c + 1).array() * sine;
        dy.col(c + 1) = d.col(c + 1).array() * cosine - d.col(c).array() * sine;
    });
    return dy;
}

}  // namespace

template <class Scalar>
Rotation<Scalar> rotation_of(const Mamba3<Scalar>& in, const Matrix<Scalar>& theta) {
    Rotation<Scalar> by;
    by.theta = Scalar(pi) * (in.Delta.col(0).asDiagonal() * half_turns(in));
    Matrix<Scalar> now = theta;
    for (Index t = 0; t < in.length(); ++t)
        by.theta.row(t) = now = (now + by.theta.row(t)).unaryExpr(&without_whole_turns<Scalar>).eval();
    by.cosine = by.theta.unaryExpr([](const Scalar& angle) { using std::cos; return cos(angle); });
    by.sine = by.theta.unaryExpr([](const Scalar& angle) { using std::sin; return sin(angle); });
    by.k = turned(in, in.B, by);
    by.q = turned(in, in.C, by);
    return by;
}

template <class Scalar>
void rotation_backward(const Mamba3<Scalar>& in, const Rotation<Scalar>& rotation, const Matrix<Scalar>& dk,
                       const Matrix<Scalar>& dq, Matrix<Scalar>& dtheta, Mamba3Gradient<Scalar>& d) {
    // forward: k = Rot(theta) B, q = Rot(theta) C
    Matrix<Scalar> d_after = Matrix<Scalar>::Zero(in.length(), in.angles.cols());
    d.dB = turned_backward(in, rotation.k, rotation, dk, d_after);
    d.dC = turned_backward(in, rotation.q, rotation, dq, d_after);
    // forward: theta_t = theta_{t-1} + Delta pi tanh(angles)
    for (Index t = in.length() - 1; t >= 0; --t) d_after.row(t) = dtheta += d_after.row(t);
    const Matrix<Scalar> turns = half_turns(in);
    d.dDelta += Scalar(pi) * d_after.cwiseProduct(turns).rowwise().sum();
    d.dangles = in.Delta.col(0).asDiagonal() *
                (Scalar(pi) * d_after.array() * (Scalar(1) - turns.array().square())).matrix();
}

#define GDN2_DECLARE(Scalar)                                                                     \
    template Rotation<Scalar> rotation_of(const Mamba3<Scalar>&, const Matrix<Scalar>&);         \
    template void rotation_backward(const Mamba3<Scalar>&, const Rotation<Scalar>&, const Matrix<Scalar>&, \
                                    const Matrix<Scalar>&, Matrix<Scalar>&, Mamba3Gradient<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
