// AdamW: Adam with weight decay that does not pass through the moments, and clipping by the norm of all gradients.
//   m = beta1 m + (1 - beta1) d          v = beta2 v + (1 - beta2) d^2
//   p = p - lr (weight_decay p + (m / (1 - beta1^n)) / (sqrt(v / (1 - beta2^n)) + epsilon))      n = 1, 2, ...
//   source  Loshchilov and Hutter 2019, Algorithm 2, with the decay multiplied by lr as in PyTorch
//   tests   tests/reference/train/adamw_test.cpp
#pragma once

#include <vector>

#include "reference/layers/parameter.h"

namespace gdn2 {

/// Of every step; the learning rate is given to each.
struct AdamWOptions {
    double beta1 = 0.9, beta2 = 0.98;
    double epsilon = 1e-8;
    double weight_decay = 0;  ///< of the parameters that want any (Parameter::weight_decay)

    bool operator==(const AdamWOptions&) const = default;
};

/// What AdamW carries from step to step.
template <class Scalar>
struct AdamWState {
    Index steps = 0;                   ///< taken
    std::vector<Vector<Scalar>> m, v;  ///< [parameters], each as long as its parameter
};

/// The state before the first step: moments of 0.
template <class Scalar>
AdamWState<Scalar> adamw_start(const Parameters<Scalar>& parameters);

/// One step. Its numbers depend on no order: every element is by itself. Throws Error unless `gradients` and `state`
/// have the sizes of `parameters`.
template <class Scalar>
void adamw_step(const Parameters<Scalar>& parameters, const Parameters<Scalar>& gradients,
                double learning_rate, const AdamWOptions& options, AdamWState<Scalar>& state);

/// The norm of all gradients as one vector, summed in float64 in the order they lie in.
template <class Scalar>
double norm_of(const Parameters<Scalar>& gradients);

/// Multiplies all gradients by most / norm where norm > most; most = 0 leaves them. `norm` is norm_of them.
template <class Scalar>
void clip(const Parameters<Scalar>& gradients, double norm, double most);

}  // namespace gdn2
