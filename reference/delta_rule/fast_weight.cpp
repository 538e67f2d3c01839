// See fast_weight.h.
#include "reference/delta_rule/fast_weight.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"

namespace gdn2 {
namespace {

/// What both terms of the loss are made of.
template <class Scalar>
struct Regression {
    Matrix<Scalar> S_decayed;   ///< S' = Diag(alpha) S_before
    Vector<Scalar> residual;    ///< z - S'^T e
};

template <class Scalar>
Regression<Scalar> regression_of(const Token<Scalar>& x, const Matrix<Scalar>& S_before) {
    const Vector<Scalar> alpha = decay_of<Scalar>(x.g);
    Regression<Scalar> problem{alpha.asDiagonal() * S_before, x.w.cwiseProduct(x.v)};
    problem.residual -= problem.S_decayed.transpose() * x.b.cwiseProduct(x.k);
    return problem;
}

}  // namespace

template <class Scalar>
Scalar fast_weight_loss(const Token<Scalar>& x, const Matrix<Scalar>& S_before, const Matrix<Scalar>& S) {
    const auto [S_decayed, residual] = regression_of(x, S_before);
    const Matrix<Scalar> moved = S - S_decayed;
    const Vector<Scalar> read = S.transpose() * x.k;
    return moved.cwiseProduct(moved).sum() - Scalar(2) * read.cwiseProduct(residual).sum();   // Eq. 13
}

template <class Scalar>
Matrix<Scalar> fast_weight_gradient(const Token<Scalar>& x, const Matrix<Scalar>& S_before,
                                    const Matrix<Scalar>& S) {
    const auto [S_decayed, residual] = regression_of(x, S_before);
    return Scalar(2) * (S - S_decayed - x.k * residual.transpose());                          // Eq. 14
}

template <class Scalar>
Matrix<Scalar> fast_weight_minimiser(const Token<Scalar>& x, const Matrix<Scalar>& S_before) {
    const auto [S_decayed, residual] = regression_of(x, S_before);
    return S_decayed + x.k * residual.transpose();                                            // Eq. 15
}

#define GDN2_DECLARE(Scalar)                                                                            \
    template Scalar fast_weight_loss(const Token<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&);   \
    template Matrix<Scalar> fast_weight_gradient(const Token<Scalar>&, const Matrix<Scalar>&,               \
                                                 const Matrix<Scalar>&);                                    \
    template Matrix<Scalar> fast_weight_minimiser(const Token<Scalar>&, const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
