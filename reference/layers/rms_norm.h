// Each row, or each head of a row, divided by its root mean square and scaled by a weight that heads share.
//   r = 1 / sqrt(mean x^2 + epsilon)      y = r x w
//   dx = r (u - r x mean(r x u)) with u = dy w      dw = sum of dy r x
// Squares must not overflow: |x| up to 1e18 in float32.
//   tests  tests/reference/layers/rms_norm_test.cpp
#pragma once

#include <string>

#include "reference/layers/parameter.h"

namespace gdn2 {

/// A norm of the whole row, or of each head of the weight's size.
template <class Scalar>
struct RmsNorm {
    Vector<Scalar> weight;  ///< [dim]: the whole row, or one head
    double epsilon = 1e-5;

    Index dim() const { return weight.size(); }
};

/// Weights 1.
template <class Scalar>
RmsNorm<Scalar> make_rms_norm(Index dim, double epsilon = 1e-5);

/// y of x, both [tokens, heads * dim], one head or more. Throws Error when the columns are not whole heads.
template <class Scalar>
Matrix<Scalar> forward(const RmsNorm<Scalar>& norm, const Matrix<Scalar>& x);

/// dx; adds to `d`. Throws Error as forward does, and when dy has not the shape of x.
template <class Scalar>
Matrix<Scalar> backward(const RmsNorm<Scalar>& norm, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        RmsNorm<Scalar>& d);

/// `prefix` + weight, without weight decay.
template <class Scalar>
void collect(const std::string& prefix, RmsNorm<Scalar>& norm, Parameters<Scalar>& into);

}  // namespace gdn2
