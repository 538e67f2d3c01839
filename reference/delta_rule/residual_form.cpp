// See residual_form.h. Above each line of the adjoint stands the forward line it differentiates.
//   tests  tests/reference/delta_rule/residual_form_test.cpp
#include "reference/delta_rule/residual_form.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"

namespace gdn2 {
namespace {

/// What a chunk needs in this form. C is its length.
template <class Scalar>
struct Residual {
    Matrix<Scalar> gamma, to_end, e;        ///< [C, key_dim]
    Matrix<Scalar> E, Qg, K_tail;           ///< [C, key_dim]
    Matrix<Scalar> T, A_qk;                 ///< [C, C]
    Matrix<Scalar> R;                       ///< [C, value_dim]

    auto gamma_C() const { return gamma.row(gamma.rows() - 1); }
};

template <class Scalar>
Residual<Scalar> residual_of(const Sequence<Scalar>& x, const Matrix<Scalar>& S_0) {
    Residual<Scalar> c;
    c.gamma = decay_from_start(x.g);
    c.to_end = decay_to_end(x.g);
    c.e = x.b.cwiseProduct(x.k);
    c.E = c.gamma.cwiseProduct(c.e);                                     // Eq. 20
    c.Qg = c.gamma.cwiseProduct(x.q);
    c.K_tail = c.to_end.cwiseProduct(x.k);
    DecayedProducts<Scalar> products = decayed_products(x, c.e);
    c.T = std::move(products.T);                                         // Eq. 21
    c.A_qk = std::move(products.A_qk);                                   // Eq. 25
    c.R = x.w.cwiseProduct(x.v);
    c.R.noalias() -= c.E * S_0;                                          // X = Z - E S_0
    c.T.template triangularView<Eigen::UnitLower>().solveInPlace(c.R);   // (I + T) R = X
    return c;
}

/// Gradients by the chunk's matrices.
template <class Scalar>
struct ResidualGradient {
    Matrix<Scalar> dX, dT, dE, dA_qk, dQg, dK_tail, dS_0;
};

template <class Scalar>
ResidualGradient<Scalar> matrices_backward(const Residual<Scalar>& c, const Matrix<Scalar>& S_0,
                                           const Matrix<Scalar>& dO, const Matrix<Scalar>& dS_C) {
    ResidualGradient<Scalar> d;
    // forward: S_C = Diag(gamma_C) S_0 + K_tail^T R   (Eq. 23)
    d.dS_0.noalias() = c.gamma_C().asDiagonal() * dS_C;
    d.dK_tail.noalias() = c.R * dS_C.transpose();
    Matrix<Scalar> dR = c.K_tail * dS_C;
    // forward: O = Qg S_0 + A_qk R   (Eq. 24; the scale is in dO)
    d.dQg.noalias() = dO * S_0.transpose();
    d.dS_0.noalias() += c.Qg.transpose() * dO;
    d.dA_qk.noalias() = dO * c.R.transpose();
    dR.noalias() += c.A_qk.transpose() * dO;
    // forward: (I + T) R = X
    c.T.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(dR);
    d.dX = std::move(dR);
    d.dT.noalias() = -d.dX * c.R.transpose();
    // forward: X = Z - E S_0
    d.dE.noalias() = -d.dX * S_0.transpose();
    d.dS_0.noalias() -= c.E.transpose() * d.dX;
    return d;
}

template <class Scalar>
void tokens_backward(const Sequence<Scalar>& x, const Residual<Scalar>& c, const ResidualGradient<Scalar>& d,
                     const Matrix<Scalar>& dgamma_C, Index first, Gradient<Scalar>& out) {
    // forward: T and A_qk from q, k, e; the gradient by g comes from the identity instead
    auto [dq, dk, de, unused] = decayed_products_backward(x, c.e, d.dT, d.dA_qk);
    // forward: Qg = gamma * q, E = gamma * e, K_tail = to_end * k
    dq += c.gamma.cwiseProduct(d.dQg);
    de += c.gamma.cwiseProduct(d.dE);
    const Matrix<Scalar> dk_tail = c.to_end.cwiseProduct(d.dK_tail);
    dk += dk_tail;
    // forward: every gamma beside its q, e or k
    Matrix<Scalar> dg = x.q.cwiseProduct(dq) + c.e.cwiseProduct(de) - x.k.cwiseProduct(dk);
    dg.row(dg.rows() - 1) += x.k.cwiseProduct(dk_tail).colwise().sum() + dgamma_C.cwiseProduct(c.gamma_C());
    // forward: G_r = g_1 + ... + g_r
    for (Index i = dg.rows() - 1; i > 0; --i) dg.row(i - 1) += dg.row(i);                         // Eq. 82
    // forward: e = b * k, Z = w * v
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, x.length()); };
    rows(out.dq) = dq;
    rows(out.dk) = dk + de.cwiseProduct(x.b);
    rows(out.db) = de.cwiseProduct(x.k);
    rows(out.dg) = dg;
    rows(out.dv) = d.dX.cwiseProduct(x.w);
    rows(out.dw) = d.dX.cwiseProduct(x.v);
}

}  // namespace

template <class Scalar>
Forward<Scalar> residual_form(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state, Index chunk_length,
                              ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(x.length(), x.value_dim());
    for (Index first = 0; first < x.length(); first += chunk_length) {
        const Index length = std::min(chunk_length, x.length() - first);
        const Residual<Scalar> c = residual_of(span_of(x, first, length), S);
        if (starts) starts->push_back(S);

        auto O = o.middleRows(first, length);
        O.noalias() = c.Qg * S;
        O.noalias() += c.A_qk * c.R;
        O *= x.scale;                                                    // Eq. 24

        S.noalias() = c.gamma_C().asDiagonal() * S;
        S.noalias() += c.K_tail.transpose() * c.R;                       // Eq. 23
    }
    return {std::move(o), std::move(S)};
}

template <class Scalar>
Gradient<Scalar> residual_form_backward(const Sequence<Scalar>& x, const ChunkStarts<Scalar>& starts,
                                        const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                        Index chunk_length) {
    Gradient<Scalar> out = gradient_for(x);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const Index length = std::min(chunk_length, x.length() - first);
        const Sequence<Scalar> tokens = span_of(x, first, length);
        const Residual<Scalar> c = residual_of(tokens, starts[i]);

        const Matrix<Scalar> dO = x.scale * d_o.middleRows(first, length);
        ResidualGradient<Scalar> d = matrices_backward(c, starts[i], dO, dS);
        const Matrix<Scalar> dgamma_C = dS.cwiseProduct(starts[i]).rowwise().sum().transpose();
        tokens_backward(tokens, c, d, dgamma_C, first, out);
        dS = std::move(d.dS_0);
    }
    out.d_initial_state = std::move(dS);
    return out;
}

#define GDN2_DECLARE(Scalar)                                                                                   \
    template Forward<Scalar> residual_form(const Sequence<Scalar>&, const Matrix<Scalar>&, Index,              \
                                           ChunkStarts<Scalar>*);                                              \
    template Gradient<Scalar> residual_form_backward(const Sequence<Scalar>&, const ChunkStarts<Scalar>&,      \
                                                     const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
