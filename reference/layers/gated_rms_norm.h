// The norm that a mixer's output passes through, and its gate.
//   norm first (the delta family)      y = RMSNorm(x) * act(gate)         per head of the norm's dim
//   gate first (Mamba-2)               y = RMSNorm(x * act(gate))         over the whole row
//   tests  tests/reference/layers/gated_rms_norm_test.cpp
#pragma once

#include <string>

#include "reference/layers/activation.h"
#include "reference/layers/rms_norm.h"

namespace gdn2 {

/// A norm and what its gate passes through.
template <class Scalar>
struct GatedRmsNorm {
    RmsNorm<Scalar> norm;
    Activation activation = Activation::silu;
    bool norm_before_gate = true;
};

/// y of x and gate, all three [tokens, heads * dim]. Throws Error when the shapes disagree.
template <class Scalar>
Matrix<Scalar> forward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& gate);

/// Gradients by both inputs of a gated norm.
template <class Scalar>
struct GatedGradient {
    Matrix<Scalar> dx, d_gate;
};

/// Adds to `d`. Throws Error when the shapes disagree.
template <class Scalar>
GatedGradient<Scalar> backward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& gate,
                               const Matrix<Scalar>& dy, GatedRmsNorm<Scalar>& d);

/// `prefix` + weight, without weight decay.
template <class Scalar>
void collect(const std::string& prefix, GatedRmsNorm<Scalar>& layer, Parameters<Scalar>& into);

}  // namespace gdn2
