// Rotation by angles that tokens themselves add up, where rope's grow by the clock: Mamba-3's keys and queries.
//     theta_t,h = theta_{t-1,h} + Delta_t,h pi tanh(angles_t)      one step size a head, angles that heads share
//     pair i of a head is (x_2i, x_2i+1): (y_2i, y_2i+1) = (x_2i cos - x_2i+1 sin, x_2i sin + x_2i+1 cos)
// Channels beyond the pairs that have an angle stay. Whole turns are dropped from theta: float32 keeps its digits.
// Neighbours pair in both of Mamba-3's forms; the authors' MIMO kernel pairs halves, which renames key channels.
//   tests  tests/reference/layers/running_rotation_test.cpp, against baselines
#pragma once

#include "reference/core/matrix.h"
#include "reference/layers/batch.h"

namespace gdn2 {

/// theta [tokens, heads * count] of Delta [tokens, heads] and angles [tokens, count]. Sequences start from `before`
/// [1, heads * count], or from 0 where it is empty.
template <class Scalar>
Matrix<Scalar> running_angles(const Matrix<Scalar>& Delta, const Matrix<Scalar>& angles, Batch batch,
                              const Matrix<Scalar>& before = {});

/// Gradients by both inputs of running_angles.
template <class Scalar>
struct RunningAnglesGradient {
    Matrix<Scalar> dDelta, d_angles;
};

/// Given the gradient by theta; `before` is not differentiated.
template <class Scalar>
RunningAnglesGradient<Scalar> running_angles_backward(const Matrix<Scalar>& Delta, const Matrix<Scalar>& angles,
                                                      Batch batch, const Matrix<Scalar>& dtheta);

/// Every angle's cosine and sine.
template <class Scalar>
struct RunningRotation {
    Matrix<Scalar> cos, sin;  ///< [tokens, heads * count]
    Index heads = 1, ranks = 1;

    RunningRotation() = default;
    RunningRotation(const Matrix<Scalar>& theta, Index heads, Index ranks);

    Index count() const { return cos.cols() / heads; }
};

/// x [tokens * ranks, heads * dim], turned; a token's ranks turn alike.
template <class Scalar>
Matrix<Scalar> turned(const Matrix<Scalar>& x, const RunningRotation<Scalar>& by);

/// dx, given the turned y; adds to dtheta [tokens, heads * count].
template <class Scalar>
Matrix<Scalar> turned_backward(const Matrix<Scalar>& y, const RunningRotation<Scalar>& by, const Matrix<Scalar>& dy,
                               Matrix<Scalar>& dtheta);

}  // namespace gdn2
