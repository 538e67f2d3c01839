// What a token of Mamba-3 says of time, a number a head: how far it steps, what it keeps, how it shares its write with
// the token after it.
//     Delta  = softplus(dt + dt_bias)                        A = -softplus(a), at most -1e-4
//     lambda = sigmoid(trap)                                 1: Euler's rule, 1/2: the trapezoid's
//     g      = Delta A          now = lambda Delta           share = (1 - lambda) Delta
//     theta  = running_angles(Delta, angles)
// now weighs the token's own pairs, share those before it. A is -softplus as in the published layer; other code of
// its authors has another function of the same range there.
//   tests  tests/reference/layers/mamba3_steps_test.cpp
#pragma once

#include "reference/core/matrix.h"
#include "reference/layers/batch.h"

namespace gdn2 {

/// [tokens, heads] each, but for theta [tokens, heads * count].
template <class Scalar>
struct Mamba3Steps {
    Matrix<Scalar> Delta, A, lambda, g, now, share, theta;
};

/// Of logits dt | a | trap | angles, [tokens, 3 heads + count]. Sequences start from the angles `before`, or from 0
/// where it is empty. Throws Error when there are fewer columns than 3 heads, or rows than the batch has tokens.
template <class Scalar>
Mamba3Steps<Scalar> mamba3_steps(const Matrix<Scalar>& logits, const Vector<Scalar>& dt_bias, Batch batch,
                                 const Matrix<Scalar>& before = {});

/// The gradient by the logits, given those by g, now, share and theta in `d` (its others are not read); adds to
/// d_dt_bias.
template <class Scalar>
Matrix<Scalar> mamba3_steps_backward(const Matrix<Scalar>& logits, const Vector<Scalar>& dt_bias, Batch batch,
                                     const Mamba3Steps<Scalar>& steps, const Mamba3Steps<Scalar>& d,
                                     Vector<Scalar>& d_dt_bias);

}  // namespace gdn2
