// See running_rotation.h.
#include "reference/layers/running_rotation.h"

#include <cmath>
#include <numbers>

#include "reference/core/dual_functions.h"
#include "reference/core/instantiate.h"
#include "reference/layers/per_head.h"

namespace gdn2 {
namespace {

constexpr double pi = std::numbers::pi;

template <class Scalar>
Scalar without_whole_turns(const Scalar& theta) {
    return theta - Scalar(2 * pi * std::round(value_of(theta) / (2 * pi)));
}

/// pi tanh(angles), the same for every head: [tokens, heads * count].
template <class Scalar>
Matrix<Scalar> turns_of(const Matrix<Scalar>& angles, Index heads) {
    const Matrix<Scalar> turns = Scalar(pi) * angles.array().tanh();
    return turns.replicate(1, heads);
}

/// Calls visit(row, token, channel, pair): x(row, channel) and its neighbour turn by angle `pair` of the token.
template <class Scalar, class Visit>
void for_each_pair(const Matrix<Scalar>& x, const RunningRotation<Scalar>& by, const Visit& visit) {
    const Index dim = x.cols() / by.heads, count = by.count();
    for (Index row = 0; row < x.rows(); ++row)
        for (Index head = 0; head < by.heads; ++head)
            for (Index i = 0; i < count; ++i) visit(row, row / by.ranks, head * dim + 2 * i, head * count + i);
}

}  // namespace

template <class Scalar>
Matrix<Scalar> running_angles(const Matrix<Scalar>& Delta, const Matrix<Scalar>& angles, Batch batch,
                              const Matrix<Scalar>& before) {
    require_batch("Delta", Delta, batch);
    require_batch("angles", angles, batch);
    Matrix<Scalar> theta = turns_of(angles, Delta.cols());
    if (theta.cols() == 0) return theta;
    theta = scale_heads(theta, Delta);
    for (Index row = 0; row < theta.rows(); ++row) {
        if (row % batch.length > 0) theta.row(row) += theta.row(row - 1);
        else if (before.size() > 0) theta.row(row) += before;
        for (Scalar& angle : theta.row(row)) angle = without_whole_turns(angle);
    }
    return theta;
}

template <class Scalar>
RunningAnglesGradient<Scalar> running_angles_backward(const Matrix<Scalar>& Delta, const Matrix<Scalar>& angles,
                                                      Batch batch, const Matrix<Scalar>& dtheta) {
    const Index heads = Delta.cols(), count = angles.cols();
    RunningAnglesGradient<Scalar> d{Matrix<Scalar>::Zero(Delta.rows(), heads),
                                    Matrix<Scalar>::Zero(angles.rows(), count)};
    if (count == 0) return d;
    // forward: theta_t = theta_{t-1} + scale_heads(turns, Delta)
    Matrix<Scalar> d_step = dtheta;
    for (Index row = d_step.rows() - 1; row > 0; --row)
        if (row % batch.length > 0) d_step.row(row - 1) += d_step.row(row);
    d.dDelta = head_dots(d_step, turns_of(angles, heads), heads);
    // forward: turns = pi tanh(angles), for every head
    const Matrix<Scalar> d_turns = scale_heads(d_step, Delta);
    for (Index head = 0; head < heads; ++head) d.d_angles += d_turns.middleCols(head * count, count);
    d.d_angles.array() *= Scalar(pi) * (Scalar(1) - angles.array().tanh().square());
    return d;
}

template <class Scalar>
RunningRotation<Scalar>::RunningRotation(const Matrix<Scalar>& theta, Index heads, Index ranks)
    : cos(theta.array().cos()), sin(theta.array().sin()), heads(heads), ranks(ranks) {}

template <class Scalar>
Matrix<Scalar> turned(const Matrix<Scalar>& x, const RunningRotation<Scalar>& by) {
    Matrix<Scalar> y = x;
    for_each_pair(x, by, [&](Index row, Index token, Index c, Index pair) {
        const Scalar &cos = by.cos(token, pair), &sin = by.sin(token, pair);
        y(row, c) = x(row, c) * cos - x(row, c + 1) * sin;
        y(row, c + 1) = x(row, c) * sin + x(row, c + 1) * cos;
    });
    return y;
}

template <class Scalar>
Matrix<Scalar> turned_backward(const Matrix<Scalar>& y, const RunningRotation<Scalar>& by, const Matrix<Scalar>& dy,
                               Matrix<Scalar>& dtheta) {
    Matrix<Scalar> dx = dy;
    for_each_pair(y, by, [&](Index row, Index token, Index c, Index pair) {
        // forward: y_0 = x_0 cos - x_1 sin, y_1 = x_0 sin + x_1 cos, of which dy_0/dtheta = -y_1, dy_1/dtheta = y_0
        const Scalar &cos = by.cos(token, pair), &sin = by.sin(token, pair);
        dtheta(token, pair) += dy(row, c + 1) * y(row, c) - dy(row, c) * y(row, c + 1);
        dx(row, c) = dy(row, c) * cos + dy(row, c + 1) * sin;
        dx(row, c + 1) = dy(row, c + 1) * cos - dy(row, c) * sin;
    });
    return dx;
}

#define GDN2_DECLARE(Scalar)                                                                                     \
    template Matrix<Scalar> running_angles(const Matrix<Scalar>&, const Matrix<Scalar>&, Batch,                  \
                                           const Matrix<Scalar>&);                                               \
    template RunningAnglesGradient<Scalar> running_angles_backward(const Matrix<Scalar>&, const Matrix<Scalar>&, \
                                                                   Batch, const Matrix<Scalar>&);                \
    template struct RunningRotation<Scalar>;                                                                     \
    template Matrix<Scalar> turned(const Matrix<Scalar>&, const RunningRotation<Scalar>&);                       \
    template Matrix<Scalar> turned_backward(const Matrix<Scalar>&, const RunningRotation<Scalar>&,               \
                                            const Matrix<Scalar>&, Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
