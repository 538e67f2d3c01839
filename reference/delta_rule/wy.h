// The WY representation of a chunk: all of its tokens' edits gathered into four matrix products.
//   e = b * k,  E_r = gamma_r * e_r,  Z_r = w_r * v_r                                   Eq. 20
//   A = (I + T)^-1, unit lower triangular                                               Eq. 21
//   Y = A E,  U = A Z                                                                   Eq. 22
// so that row r of R = U - Y S_0 is what token r writes, whatever the state S_0 at the chunk's start (Eq. 35).
// Row by row the same system reads y_r = E_r - sum_{s<r} T_rs y_s, u_r = Z_r - sum_{s<r} T_rs u_s (Eqs. 45-46).
//   tests  tests/reference/delta_rule/wy_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// Everything of a chunk that does not depend on the state at its start. C is its length.
template <class Scalar>
struct WY {
    Matrix<Scalar> gamma;    ///< [C, key_dim]    decay from the chunk's start to after each token
    Matrix<Scalar> to_end;   ///< [C, key_dim]    decay from each token to the chunk's end
    Matrix<Scalar> e;        ///< [C, key_dim]    erase keys b * k
    Matrix<Scalar> E;        ///< [C, key_dim]    erase keys as they meet S_0
    Matrix<Scalar> Z;        ///< [C, value_dim]  gated values
    Matrix<Scalar> T;        ///< [C, C]          strictly lower
    Matrix<Scalar> A;        ///< [C, C]          unit lower
    Matrix<Scalar> Y;        ///< [C, key_dim]
    Matrix<Scalar> U;        ///< [C, value_dim]
    Matrix<Scalar> Qg;       ///< [C, key_dim]    queries as they meet S_0
    Matrix<Scalar> A_qk;     ///< [C, C]          lower
    Matrix<Scalar> K_tail;   ///< [C, key_dim]    keys decayed to the chunk's end

    auto gamma_C() const { return gamma.row(gamma.rows() - 1); }
};

/// Builds it for one chunk, given as a sequence of at least one token.
template <class Scalar>
WY<Scalar> wy(const Sequence<Scalar>& chunk);

/// A = (I + T)^-1 by forward substitution. Reads T below the diagonal only.
template <class Scalar>
Matrix<Scalar> wy_inverse(const Matrix<Scalar>& T);

/// dT = -tril(A^T dA A^T, -1), the adjoint of wy_inverse.   Eq. 28
template <class Scalar>
Matrix<Scalar> wy_inverse_backward(const Matrix<Scalar>& A, const Matrix<Scalar>& dA);

}  // namespace gdn2
