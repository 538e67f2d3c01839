// Mamba-3, in the letters of its paper: Mamba-2 with a trapezoid for a rectangle, keys and queries that turn, and
// `rank` pairs per token. With rank 1 it is the paper's SISO form, with more the MIMO form.
//   alpha_t = exp(Delta_t A_t)                        A < 0, per token
//   theta_t = theta_{t-1} + Delta_t pi tanh(angles_t)
//   k_t,r = Rot(theta_t) B_t,r        q_t,r = Rot(theta_t) C_t,r        pair (2i, 2i+1) turns by theta_i, the rest not
//   S_t = alpha_t S_{t-1} + (1 - lambda_t) Delta_t alpha_t sum_r k_{t-1,r} x_{t-1,r}^T
//                         + lambda_t Delta_t sum_r k_t,r x_t,r^T
//   y_t,r = S_t^T q_t,r + D x_t,r                     no scale
// lambda = 1 is Euler's rule, Mamba-2's; lambda = 1/2 the trapezoid's. The middle term is absent before any token.
//
// What a layer has left to do, all of it elementwise or a projection: B and C after norm and bias; Delta, A, lambda
// from their logits; x_r = x * mimo_x_r on the way in; y_r * silu(z * mimo_z_r), times mimo_o_r, summed over r, on the
// way out. Rows hold rank after rank: [length, rank * dim] is [length, rank, dim].
//   paper  Mamba-3, ICLR 2026
//   tests  tests/reference/baselines/mamba3_test.cpp, rules_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct Mamba3 {
    Rows<Scalar> C, B;    ///< [length, rank * state_dim]  not yet turned
    Rows<Scalar> x;       ///< [length, rank * value_dim]
    Rows<Scalar> Delta;   ///< [length, 1]  step size, > 0
    Rows<Scalar> A;       ///< [length, 1]  rate of decay, < 0
    Rows<Scalar> lambda;  ///< [length, 1]  in [0, 1]
    Rows<Scalar> angles;  ///< [length, angle_count], at most state_dim / 2 of them
    Scalar D;             ///< how much of x reaches the output directly
    Index rank;

    Index length() const { return x.rows(); }
    Index state_dim() const { return B.cols() / rank; }
    Index value_dim() const { return x.cols() / rank; }
    Mamba3 span(Index first, Index n) const {
        return {span_of(C, first, n), span_of(B, first, n),      span_of(x, first, n),      span_of(Delta, first, n),
                span_of(A, first, n), span_of(lambda, first, n), span_of(angles, first, n), D, rank};
    }
};

/// What is carried from token to token; also the gradient by it.
template <class Scalar>
struct Mamba3State {
    Matrix<Scalar> S;      ///< [state_dim, value_dim]
    Matrix<Scalar> k;      ///< [rank, state_dim]  the last token's turned keys; zeros before any token
    Matrix<Scalar> x;      ///< [rank, value_dim]  the last token's values; zeros before any token
    Matrix<Scalar> theta;  ///< [1, angle_count]   in [-pi, pi]
};

/// The state before any token of such inputs.
template <class Scalar>
Mamba3State<Scalar> mamba3_start(const Mamba3<Scalar>& in);

/// What the recurrence gives back.
template <class Scalar>
struct Mamba3Forward {
    Matrix<Scalar> y;  ///< [length, rank * value_dim]
    Mamba3State<Scalar> final_state;
};

/// Gradients of <y, d_y> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct Mamba3Gradient {
    Matrix<Scalar> dC, dB, dx, dDelta, dA, dlambda, dangles;
    Scalar dD;
    Mamba3State<Scalar> d_initial_state;
};

/// Advances the state by token t and returns y_t [rank * value_dim].
template <class Scalar>
Vector<Scalar> mamba3_step(const Mamba3<Scalar>& in, Index t, Mamba3State<Scalar>& state);

/// Runs the two-term recurrence over a sequence. An empty one returns `initial_state` unchanged. Throws Error when the
/// widths do not divide by rank or there are more angles than pairs.
template <class Scalar>
Mamba3Forward<Scalar> mamba3(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state);

/// Adjoint of mamba3; d_y is [length, rank * value_dim].
template <class Scalar>
Mamba3Gradient<Scalar> mamba3_backward(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                       const Rows<Scalar>& d_y, const Mamba3State<Scalar>& d_final_state);

}  // namespace gdn2::baselines
