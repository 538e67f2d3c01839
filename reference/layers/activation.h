// Functions of single numbers, over whole matrices. All of them are built on exp(-|x|), which never overflows:
//   sigmoid(x)  = 1 / (1 + exp(-x))             sigmoid' = y (1 - y)
//   silu(x)     = x sigmoid(x)                  silu'    = s + x s (1 - s),  s = sigmoid(x)
//   softplus(x) = log(1 + exp(x))               softplus' = sigmoid(x)
// Far out they are exact: sigmoid gives 0 and 1, silu 0 and x, softplus 0 and x.
//   tests  tests/reference/layers/activation_test.cpp
#pragma once

#include "reference/core/matrix.h"

namespace gdn2 {

/// What an output gate passes through.
enum class Activation { silu, sigmoid };

/// 1 / (1 + exp(-x)).
template <class Scalar>
Matrix<Scalar> sigmoid(const Matrix<Scalar>& x);
/// x sigmoid(x).
template <class Scalar>
Matrix<Scalar> silu(const Matrix<Scalar>& x);
/// log(1 + exp(x)).
template <class Scalar>
Matrix<Scalar> softplus(const Matrix<Scalar>& x);
/// silu(x) or sigmoid(x).
template <class Scalar>
Matrix<Scalar> activate(Activation activation, const Matrix<Scalar>& x);

/// dx of y = sigmoid(x), from y. Throws Error when the shapes differ, as do all below.
template <class Scalar>
Matrix<Scalar> sigmoid_backward(const Matrix<Scalar>& y, const Matrix<Scalar>& dy);
/// dx of silu(x).
template <class Scalar>
Matrix<Scalar> silu_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& dy);
/// dx of softplus(x).
template <class Scalar>
Matrix<Scalar> softplus_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& dy);
/// dx of activate(activation, x).
template <class Scalar>
Matrix<Scalar> activate_backward(Activation activation, const Matrix<Scalar>& x, const Matrix<Scalar>& dy);

}  // namespace gdn2
