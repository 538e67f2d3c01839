// The rule as learning: S is a fast weight, and one token is one step on a small regression problem.
//   L(S) = ||S - S'||_F^2 - 2 <S^T k, z - S'^T e>                                       Eqs. 13-15
// Stay close to the decayed memory S', and move what k reads towards the residual z - S'^T e. The minimiser is
// S' + k (z - S'^T e)^T: exactly the token's edit.
//   tests  tests/reference/delta_rule/fast_weight_test.cpp
#pragma once

#include "reference/delta_rule/recurrent.h"

namespace gdn2 {

/// L at S, for a token that finds `S_before` [key_dim, value_dim] (not yet decayed).   Eq. 13
template <class Scalar>
Scalar fast_weight_loss(const Token<Scalar>& x, const Matrix<Scalar>& S_before, const Matrix<Scalar>& S);

/// dL/dS = 2 (S - S') - 2 k (z - S'^T e)^T.   Eq. 14
template <class Scalar>
Matrix<Scalar> fast_weight_gradient(const Token<Scalar>& x, const Matrix<Scalar>& S_before,
                                    const Matrix<Scalar>& S);

/// The S where the gradient vanishes.   Eq. 15
template <class Scalar>
Matrix<Scalar> fast_weight_minimiser(const Token<Scalar>& x, const Matrix<Scalar>& S_before);

}  // namespace gdn2
