// See mamba3_steps.h.
#include "reference/layers/mamba3_steps.h"

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"
#include "reference/layers/running_rotation.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

constexpr double slowest = 1e-4;  // A is never above -slowest: every head forgets

/// The logits by name.
template <class Scalar>
struct Logits {
    Matrix<Scalar> dt, a, trap, angles;

    Logits(const Matrix<Scalar>& all, const Vector<Scalar>& dt_bias)
        : dt(all.leftCols(dt_bias.size()).rowwise() + dt_bias.transpose()), a(all.middleCols(dt.cols(), dt.cols())),
          trap(all.middleCols(2 * dt.cols(), dt.cols())), angles(all.rightCols(all.cols() - 3 * dt.cols())) {}
};

}  // namespace

template <class Scalar>
Mamba3Steps<Scalar> mamba3_steps(const Matrix<Scalar>& logits, const Vector<Scalar>& dt_bias, Batch batch,
                                 const Matrix<Scalar>& before) {
    require_batch("logits", logits, batch);
    require(logits.cols() >= 3 * dt_bias.size(), "`logits` must have 3 columns a head and one an angle, got " +
                                                     std::to_string(logits.cols()) + " for " +
                                                     std::to_string(dt_bias.size()) + " heads");
    const Logits<Scalar> of(logits, dt_bias);
    Mamba3Steps<Scalar> steps;
    steps.Delta = softplus(of.dt);
    steps.A = -softplus(of.a).array().max(Scalar(slowest));
    steps.lambda = sigmoid(of.trap);
    steps.g = steps.Delta.cwiseProduct(steps.A);
    steps.now = steps.lambda.cwiseProduct(steps.Delta);
    steps.share = steps.Delta - steps.now;
    steps.theta = running_angles(steps.Delta, of.angles, batch, before);
    return steps;
}

template <class Scalar>
Matrix<Scalar> mamba3_steps_backward(const Matrix<Scalar>& logits, const Vector<Scalar>& dt_bias, Batch batch,
                                     const Mamba3Steps<Scalar>& steps, const Mamba3Steps<Scalar>& d,
                                     Vector<Scalar>& d_dt_bias) {
    const Logits<Scalar> of(logits, dt_bias);
    // forward: theta = running_angles(Delta, angles)
    auto [dDelta, d_angles] = running_angles_backward(steps.Delta, of.angles, batch, d.theta);
    // forward: share = Delta - now, now = lambda Delta, g = Delta A
    const Matrix<Scalar> d_now = d.now - d.share;
    dDelta += d.share + d_now.cwiseProduct(steps.lambda) + d.g.cwiseProduct(steps.A);
    const Matrix<Scalar> d_lambda = d_now.cwiseProduct(steps.Delta);
    // forward: A = -max(softplus(a), slowest)
    const auto moves = (steps.A.array() < Scalar(-slowest)).select(Matrix<Scalar>::Ones(logits.rows(), d.g.cols()), 0);
    const Matrix<Scalar> d_softplus = -d.g.cwiseProduct(steps.Delta).cwiseProduct(moves.matrix());
    // forward: lambda = sigmoid(trap), Delta = softplus(dt), dt = logits + dt_bias
    const Matrix<Scalar> d_dt = softplus_backward(of.dt, dDelta);
    d_dt_bias += d_dt.colwise().sum().transpose();
    Matrix<Scalar> d_logits(logits.rows(), logits.cols());
    d_logits << d_dt, softplus_backward(of.a, d_softplus), sigmoid_backward(steps.lambda, d_lambda), d_angles;
    return d_logits;
}

#define GDN2_DECLARE(Scalar)                                                                                       \
    template Mamba3Steps<Scalar> mamba3_steps(const Matrix<Scalar>&, const Vector<Scalar>&, Batch,                 \
                                              const Matrix<Scalar>&);                                              \
    template Matrix<Scalar> mamba3_steps_backward(const Matrix<Scalar>&, const Vector<Scalar>&, Batch,             \
                                                  const Mamba3Steps<Scalar>&, const Mamba3Steps<Scalar>&,          \
                                                  Vector<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
