// See chunk_normalised.h.
#include "reference/delta_rule/chunk_normalised.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/delta_rule/wy.h"

namespace gdn2 {

template <class Scalar>
Forward<Scalar> chunk_normalised(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                                 Index chunk_length) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(x.length(), x.value_dim());
    for (Index first = 0; first < x.length(); first += chunk_length) {
        const Sequence<Scalar> chunk = span_of(x, first, std::min(chunk_length, x.length() - first));
        const Matrix<Scalar> gamma = cumulative(chunk.g).array().exp();
        const Matrix<Scalar> K_bar = chunk.k.cwiseQuotient(gamma);                            // Eq. 19
        const Matrix<Scalar> E = gamma.cwiseProduct(chunk.b).cwiseProduct(chunk.k);           // Eq. 20
        const Matrix<Scalar> Qg = gamma.cwiseProduct(chunk.q);
        const Matrix<Scalar> Z = chunk.w.cwiseProduct(chunk.v);                               // Eq. 20
        const Matrix<Scalar> T = E * K_bar.transpose();                                       // Eq. 21
        const Matrix<Scalar> R = wy_inverse(T) * (Z - E * S);                                 // Eqs. 22, 35
        Matrix<Scalar> A_qk = Qg * K_bar.transpose();                                         // Eq. 25
        A_qk.template triangularView<Eigen::StrictlyUpper>().setZero();
        o.middleRows(first, chunk.length()) = x.scale * (Qg * S + A_qk * R);                  // Eq. 24
        const auto gamma_C = gamma.row(gamma.rows() - 1).asDiagonal();
        S = gamma_C * (S + K_bar.transpose() * R);                                            // Eq. 23
    }
    return {std::move(o), std::move(S)};
}

#define GDN2_DECLARE(Scalar)                                                                            \
    template Forward<Scalar> chunk_normalised(const Sequence<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
