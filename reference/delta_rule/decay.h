// Decays, and the two triangular products that decay between a key and whoever meets it later.
//
//   from start   gamma_r = exp(g_1 + ... + g_r)                               Eq. 20
//   to end       exp(g_{r+1} + ... + g_C)                                     Eq. 23, inside K_tail
//   products     T_rs    = sum_c b_rc k_rc k_sc exp(g_{s+1,c} + ... + g_rc)   for s <  r, else 0    Eqs. 21, 87
//                A_qk_rs = sum_c      q_rc k_sc exp(g_{s+1,c} + ... + g_rc)   for s <= r, else 0    Eq. 25
//
// The paper writes the exponent as G_r - G_s. Every exponent here is instead the sum of the g's in between: it is
// never positive, so nothing overflows; nothing cancels, so float32 keeps its digits at g = -50; and g = -inf
// wipes a channel exactly, where a difference would be inf - inf.
//
// The products split the chunk in halves. The later half meets the earlier one through the boundary between them:
//   exp(g_{s+1} + ... + g_r) = exp(g_{s+1} + ... + g_mid) * exp(g_{mid+1} + ... + g_r),
// two factors, each at most 1, so that square is one matrix product. Halves of at most 16 tokens are done token by
// token: decay all earlier keys once more, then meet them.
//   tests  tests/reference/delta_rule/decay_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// exp, with an exact 0 wherever the result would not be a normal number (Eigen's vectorised exp stops at ~1e-308
/// even for -inf). NaN stays NaN.
template <class Scalar>
Matrix<Scalar> decay_of(Matrix<Scalar> exponents);

/// G: row r is g_1 + ... + g_r. g is [length, key_dim].   Eq. 18
template <class Scalar>
Matrix<Scalar> cumulative(const Rows<Scalar>& g);

/// Row r: exp(g_1 + ... + g_r).
template <class Scalar>
Matrix<Scalar> decay_from_start(const Rows<Scalar>& g);

/// Row r: exp(g_{r+1} + ... + g_length); the last row is 1.
template <class Scalar>
Matrix<Scalar> decay_to_end(const Rows<Scalar>& g);

/// dg of decay_from_start, given the gradient d_log by its exponents: dg_i = sum_{r >= i} d_log_r.  Eq. 82
template <class Scalar>
void decay_from_start_backward(const Matrix<Scalar>& d_log, Matrix<Scalar>& dg);

/// dg of decay_to_end, given the gradient by its exponents: dg_i += sum_{r < i} d_log_r.
template <class Scalar>
void decay_to_end_backward(const Matrix<Scalar>& d_log, Matrix<Scalar>& dg);

/// T and A_qk, [length, length] each.
template <class Scalar>
struct DecayedProducts {
    Matrix<Scalar> T, A_qk;
};

/// The two products of a chunk; e = b * k [length, key_dim].
template <class Scalar>
DecayedProducts<Scalar> decayed_products(const Sequence<Scalar>& x, const Matrix<Scalar>& e);

/// Gradients by what the products are made of, [length, key_dim] each.
template <class Scalar>
struct DecayedProductsGradient {
    Matrix<Scalar> dq, dk, de, dg;
};

/// Adjoint of decayed_products. Reads dT below the diagonal only, and dA_qk on and below it.
template <class Scalar>
DecayedProductsGradient<Scalar> decayed_products_backward(const Sequence<Scalar>& x, const Matrix<Scalar>& e,
                                                          const Matrix<Scalar>& dT,
                                                          const Matrix<Scalar>& dA_qk);

}  // namespace gdn2
