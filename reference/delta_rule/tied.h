// Tied gates: the older rules as special cases of this one, exactly (Eqs. 47-48).
//   b = beta 1, w = beta 1                KDA
//   and g the same in every key channel   Gated DeltaNet
//   and g = 0                             DeltaNet
//   b = 0, w = 1                          gated linear attention (Mamba-2's rule when g is one number per head)
//   tests  tests/reference/delta_rule/tied_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// One write strength per token and key head, shape [batch, length, key_heads]: the mean of its b channels and of
/// the w channels of its value heads, half each. A fair stand-in when a problem has no beta of its own.
template <class Scalar>
Tensor<Scalar> mean_gates(const Problem<Scalar>& problem);

/// KDA: b and w replaced by beta [batch, length, key_heads]; a value head takes its key head's. Throws Error on
/// another shape.
template <class Scalar>
Problem<Scalar> tie_kda(Problem<Scalar> problem, const Tensor<Scalar>& beta);

/// Gated DeltaNet: also g replaced, in each token and head, by its mean over the key channels.
template <class Scalar>
Problem<Scalar> tie_gated_deltanet(Problem<Scalar> problem, const Tensor<Scalar>& beta);

/// DeltaNet: also g = 0.
template <class Scalar>
Problem<Scalar> tie_deltanet(Problem<Scalar> problem, const Tensor<Scalar>& beta);

/// Gated linear attention: b = 0, w = 1. Nothing is ever erased but by decay.
template <class Scalar>
Problem<Scalar> linear_attention(Problem<Scalar> problem);

/// d beta = <db, 1> + <dw, 1>, summed over the value heads of a group: the adjoint of tie_kda's gates, given the
/// gradients of a tied run. Shape [batch, length, key_heads].
template <class Scalar>
Tensor<Scalar> beta_gradient(const Result<Scalar>& result);

}  // namespace gdn2
