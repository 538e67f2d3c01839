// How the keys and queries of mamba3.h turn: only the difference of two tokens' angles is ever seen, because both
// turn, Rot(theta_t) q . Rot(theta_s) k = q . Rot(theta_s - theta_t) k. What rotary embeddings do for positions, with
// steps that depend on the tokens.
//   theta_t = theta_{t-1} + Delta_t pi tanh(angles_t)
//   (y_0, y_1) -> (y_0 cos theta - y_1 sin theta, y_0 sin theta + y_1 cos theta)
//   tests  tests/reference/baselines/mamba3_test.cpp
#pragma once

#include "reference/baselines/mamba3.h"

namespace gdn2::baselines {

/// Every token's angles, and what turns by them.
template <class Scalar>
struct Rotation {
    Matrix<Scalar> theta, cosine, sine;  ///< [length, angle_count]
    Matrix<Scalar> k, q;                 ///< [length, rank * state_dim]  B and C, turned
};

/// Starting from theta [1, angle_count]. Whole turns are dropped, so that float32 keeps its digits.
template <class Scalar>
Rotation<Scalar> rotation_of(const Mamba3<Scalar>& in, const Matrix<Scalar>& theta);

/// Given the gradients dk and dq by the turned keys and queries, sets dB, dC and dangles, adds to dDelta, and turns
/// `dtheta` [1, angle_count] from the gradient by the last angles into that by the angles at the start.
template <class Scalar>
void rotation_backward(const Mamba3<Scalar>& in, const Rotation<Scalar>& rotation, const Matrix<Scalar>& dk,
                       const Matrix<Scalar>& dq, Matrix<Scalar>& dtheta, Mamba3Gradient<Scalar>& d);

}  // namespace gdn2::baselines
