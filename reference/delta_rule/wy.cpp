// See wy.h.
#include "reference/delta_rule/wy.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"

namespace gdn2 {

template <class Scalar>
WY<Scalar> wy(const Sequence<Scalar>& x) {
    WY<Scalar> c;
    c.gamma = decay_from_start(x.g);                                     // Eq. 18
    c.to_end = decay_to_end(x.g);
    c.e = x.b.cwiseProduct(x.k);
    c.E = c.gamma.cwiseProduct(c.e);                                     // Eq. 20
    c.Z = x.w.cwiseProduct(x.v);                                         // Eq. 20
    DecayedProducts<Scalar> products = decayed_products(x, c.e);
    c.T = std::move(products.T);                                         // Eq. 21
    c.A_qk = std::move(products.A_qk);                                   // Eq. 25
    c.A = wy_inverse(c.T);                                               // Eq. 21
    const auto A = c.A.template triangularView<Eigen::Lower>();
    c.Y.noalias() = A * c.E;                                             // Eq. 22
    c.U.noalias() = A * c.Z;                                             // Eq. 22
    c.Qg = c.gamma.cwiseProduct(x.q);                                    // Eq. 24
    c.K_tail = c.to_end.cwiseProduct(x.k);                               // Eq. 23
    return c;
}

template <class Scalar>
Matrix<Scalar> wy_inverse(const Matrix<Scalar>& T) {
    Matrix<Scalar> A = Matrix<Scalar>::Identity(T.rows(), T.cols());
    T.template triangularView<Eigen::UnitLower>().solveInPlace(A);       // (I + T) A = I
    return A;
}

template <class Scalar>
Matrix<Scalar> wy_inverse_backward(const Matrix<Scalar>& A, const Matrix<Scalar>& dA) {
    const Matrix<Scalar> left = A.transpose() * dA;
    Matrix<Scalar> dT = Matrix<Scalar>::Zero(A.rows(), A.cols());
    dT.template triangularView<Eigen::StrictlyLower>() = -(left * A.transpose());   // Eq. 28
    return dT;
}

#define GDN2_DECLARE(Scalar)                                                     \
    template WY<Scalar> wy(const Sequence<Scalar>&);                             \
    template Matrix<Scalar> wy_inverse(const Matrix<Scalar>&);                   \
    template Matrix<Scalar> wy_inverse_backward(const Matrix<Scalar>&, const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
