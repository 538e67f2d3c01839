// The gate-aware adjoint of chunk.cpp. Above each line stands the forward line it differentiates.
//   paper  Eqs. 26-28, 49-82 (Appendix B)     cost  about 2.6 times the forward pass, rebuilding included
//   tests  tests/reference/delta_rule/chunk_backward_test.cpp
#include "reference/delta_rule/chunk_backward.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/delta_rule/wy.h"

namespace gdn2 {
namespace {

/// Gradients by the chunk's matrices, named after what they are the gradient of.
template <class Scalar>
struct ChunkGradient {
    Matrix<Scalar> dA_qk, dQg, dR, dS_0;
    Matrix<Scalar> dK_tail, dgamma_C;
    Matrix<Scalar> dE, dZ, dT;
};

/// Output, state and residual: everything that touches S_0.
template <class Scalar>
void state_paths_backward(const WY<Scalar>& c, const Matrix<Scalar>& S_0, const Matrix<Scalar>& dO,
                          const Matrix<Scalar>& dS_C, ChunkGradient<Scalar>& d) {
    Matrix<Scalar> R = c.U;
    R.noalias() -= c.Y * S_0;
    // forward: O = Qg S_0 + A_qk R   (Eq. 24; the scale is in dO)
    d.dQg.noalias() = dO * S_0.transpose();
    d.dS_0.noalias() = c.Qg.transpose() * dO;
    d.dA_qk.noalias() = dO * R.transpose();
    d.dR.noalias() = c.A_qk.transpose() * dO;
    // forward: S_C = Diag(gamma_C) S_0 + K_tail^T R   (Eq. 23)
    d.dgamma_C = dS_C.cwiseProduct(S_0).rowwise().sum().transpose();
    d.dS_0.noalias() += c.gamma_C().asDiagonal() * dS_C;
    d.dK_tail.noalias() = R * dS_C.transpose();
    d.dR.noalias() += c.K_tail * dS_C;
}

/// From R back to T, E and Z.
template <class Scalar>
void wy_backward(const WY<Scalar>& c, const Matrix<Scalar>& S_0, ChunkGradient<Scalar>& d) {
    // forward: R = U - Y S_0   (Eq. 35)
    const Matrix<Scalar>& dU = d.dR;
    const Matrix<Scalar> dY = -d.dR * S_0.transpose();
    d.dS_0.noalias() -= c.Y.transpose() * d.dR;
    // forward: U = A Z, Y = A E   (Eq. 22), the gates inside Z and E
    Matrix<Scalar> dA = dU * c.Z.transpose();                            // Eq. 26
    dA.noalias() += dY * c.E.transpose();                                // Eq. 27
    d.dZ.noalias() = c.A.transpose() * dU;
    d.dE.noalias() = c.A.transpose() * dY;
    // forward: A = (I + T)^-1   (Eq. 21)
    d.dT = wy_inverse_backward(c.A, dA);                                 // Eq. 28
}

/// From the chunk's matrices to the tokens' q k v g b w, written into rows [first, first + C) of `out`.
template <class Scalar>
void tokens_backward(const Sequence<Scalar>& x, const WY<Scalar>& c, const ChunkGradient<Scalar>& d, Index first,
                     Gradient<Scalar>& out) {
    // forward: T and A_qk from q, k, e, g   (Eqs. 21, 25)
    auto [dq, dk, de, dg] = decayed_products_backward(x, c.e, d.dT, d.dA_qk);
    // forward: K_tail = to_end * k, to_end = exp(g_{r+1} + ... + g_C)   (Eq. 23)
    dk += c.to_end.cwiseProduct(d.dK_tail);
    decay_to_end_backward<Scalar>(d.dK_tail.cwiseProduct(c.K_tail), dg);
    // forward: Qg = gamma * q   (Eq. 24)
    dq += c.gamma.cwiseProduct(d.dQg);
    Matrix<Scalar> dG = d.dQg.cwiseProduct(c.Qg);
    // forward: E = gamma * e   (Eq. 20)
    de += c.gamma.cwiseProduct(d.dE);
    dG += d.dE.cwiseProduct(c.E);
    // forward: gamma_C = the last row of gamma   (Eq. 23)
    dG.row(dG.rows() - 1) += d.dgamma_C.cwiseProduct(c.gamma_C());
    // forward: gamma_r = exp(g_1 + ... + g_r)   (Eq. 20)
    decay_from_start_backward(dG, dg);                                   // Eq. 82
    // forward: e = b * k   (Eq. 8)
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, x.length()); };
    rows(out.db) = de.cwiseProduct(x.k);
    rows(out.dk) = dk + de.cwiseProduct(x.b);
    // forward: Z = w * v   (Eq. 20)
    rows(out.dw) = d.dZ.cwiseProduct(x.v);
    rows(out.dv) = d.dZ.cwiseProduct(x.w);
    rows(out.dq) = dq;
    rows(out.dg) = dg;
}

}  // namespace

template <class Scalar>
Gradient<Scalar> chunk_backward(const Sequence<Scalar>& x, const ChunkStarts<Scalar>& starts,
                                const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                Index chunk_length) {
    Gradient<Scalar> out = gradient_for(x);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const Index length = std::min(chunk_length, x.length() - first);
        const Sequence<Scalar> tokens = span_of(x, first, length);
        const WY<Scalar> c = wy(tokens);

        ChunkGradient<Scalar> d;
        const Matrix<Scalar> dO = x.scale * d_o.middleRows(first, length);
        state_paths_backward(c, starts[i], dO, dS, d);
        wy_backward(c, starts[i], d);
        tokens_backward(tokens, c, d, first, out);
        dS = std::move(d.dS_0);
    }
    out.d_initial_state = std::move(dS);
    return out;
}

#define GDN2_DECLARE(Scalar)                                                                                  \
    template Gradient<Scalar> chunk_backward(const Sequence<Scalar>&, const ChunkStarts<Scalar>&,             \
                                             const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
