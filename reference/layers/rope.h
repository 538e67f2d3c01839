// Rotary position embedding: pairs of channels turned by an angle that grows with the position, so that a query and a
// key meet at an angle of their distance alone.
//   pair i of a head is (x_i, x_{i + dim/2}), the halves and not the neighbours, as in FLA and Hugging Face
//   angle  theta = position * base^(-2 i / dim)
//   y_i = x_i cos theta - x_{i + dim/2} sin theta      y_{i + dim/2} = x_{i + dim/2} cos theta + x_i sin theta
//   dx: dy turned back by the same angle
//   tests  tests/reference/layers/rope_test.cpp
#pragma once

#include "reference/core/matrix.h"
#include "reference/layers/batch.h"

namespace gdn2 {

/// What is turned, and how fast.
struct RopeOptions {
    Index dim;              ///< of a head; even
    Index first = 0;        ///< position of each sequence's first token: how many came before, when decoding
    double base = 10000;
};

/// y of x (queries or keys), both [batch * length, heads * dim]. Throws Error when the shape or dim is wrong.
template <class Scalar>
Matrix<Scalar> rope(const Matrix<Scalar>& x, Batch batch, const RopeOptions& options);

/// dx, given dy; x is not needed.
template <class Scalar>
Matrix<Scalar> rope_backward(const Matrix<Scalar>& dy, Batch batch, const RopeOptions& options);

}  // namespace gdn2
