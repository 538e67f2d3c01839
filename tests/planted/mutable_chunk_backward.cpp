// The adjoint of one chunk of mutable_chunk.cpp, in the order of the paper's Appendix B. Above each group of
// lines stands the forward line it differentiates; the correct line comes first, what replaces it after
// `if (m.contains(...))`.
//   paper  Eqs. 26-28, 49-82
//   tests  tests/planted/mutants_test.cpp
#include <numbers>

#include "tests/planted/mutable_chunk.h"

namespace gdn2::planted {
namespace {

using enum Mutant;

/// Gradients by the chunk's matrices. dE_direct is what reaches E through Y alone, dE also through T.
struct ChunkAdjoint {
    Matrix<double> dA_qk, dR, dQg, dK_tail, dS_0, dgamma_C;
    Matrix<double> dA, dT, dZ, dE_direct, dE, dK_bar;
};

/// Every row replaced by its mean.
Matrix<double> row_means(const Matrix<double>& M) { return M.rowwise().mean().replicate(1, M.cols()); }

void output_and_state(const ChunkForward& c, const Matrix<double>& dO, const Matrix<double>& dS_C,
                      const Mutants& m, ChunkAdjoint& d) {
    // forward: O = Qg S_0 + A_qk R   (Eq. 24)
    const Matrix<double> dA_qk = dO * c.R.transpose();
    d.dA_qk = lower(dA_qk, m.contains(dA_qk_strict) ? -1 : 0);
    if (m.contains(dA_qk_unmasked)) d.dA_qk = dA_qk;
    d.dR = c.A_qk.transpose() * dO;
    d.dQg = dO * c.S_0.transpose();
    // forward: S_C = Diag(gamma_C) S_0 + K_tail^T R   (Eq. 23)
    if (!m.contains(dR_without_K_tail)) d.dR += c.K_tail * dS_C;
    d.dK_tail = c.R * dS_C.transpose();
    d.dS_0 = c.gamma_C.row(0).asDiagonal() * dS_C;
    if (m.contains(dS_0_without_gamma_C)) d.dS_0 = dS_C;
    if (!m.contains(dS_0_without_Qg)) d.dS_0 += c.Qg.transpose() * dO;
    d.dgamma_C = dS_C.cwiseProduct(c.S_0).rowwise().sum().transpose();                      // Eq. 60
    if (m.contains(dgamma_C_missing)) d.dgamma_C.setZero();
    // forward: K_tail = gamma_C * K_bar   (Eq. 23)
    if (!m.contains(dgamma_C_without_K_tail))
        d.dgamma_C += d.dK_tail.cwiseProduct(c.K_bar).colwise().sum();                      // Eq. 72
    d.dK_bar = d.dK_tail * c.gamma_C.row(0).asDiagonal();
}

/// dA from what reaches U and Y: the gates sit inside these two products.   Eqs. 26-27
Matrix<double> gradient_by_A(const ChunkForward& c, const Matrix<double>& dU, const Matrix<double>& dY,
                             const Mutants& m) {
    const Matrix<double> gamma_k = c.gamma.cwiseProduct(c.k);
    const bool both = m.contains(gates_after_dA);
    Matrix<double> Z = c.Z, E = c.E;
    if (both || m.contains(write_gate_after_dA)) Z = row_means(c.w).cwiseProduct(c.v);
    if (both || m.contains(erase_gate_after_dA)) E = row_means(c.b).cwiseProduct(gamma_k);
    if (m.contains(dA_without_w)) Z = c.v;
    if (m.contains(dA_without_b)) E = gamma_k;
    if (m.contains(dA_without_Y)) return dU * Z.transpose();
    if (m.contains(dA_without_U)) return dY * E.transpose();
    return dU * Z.transpose() + dY * E.transpose();
}

/// The adjoint of the inverse.   Eq. 28
Matrix<double> gradient_by_T(const Matrix<double>& A, const Matrix<double>& dA, const Mutants& m) {
    Matrix<double> dT = -(A.transpose() * dA * A.transpose());
    if (m.contains(dT_not_transposed)) dT = -(A * dA * A);
    if (m.contains(dT_of_first_order)) dT = -dA;
    if (m.contains(dT_sign)) dT = -dT;
    if (m.contains(dT_unmasked)) return dT;
    return lower(dT, m.contains(dT_keeps_diagonal) ? 0 : -1);
}

void triangular_system(const ChunkForward& c, const Mutants& m, ChunkAdjoint& d) {
    // forward: R = U - Y S_0   (Eq. 35)
    if (!m.contains(dS_0_without_Y)) d.dS_0 -= c.Y.transpose() * d.dR;
    const Matrix<double>& dU = d.dR;
    const Matrix<double> dY = (m.contains(dY_sign) ? 1 : -1) * d.dR * c.S_0.transpose();
    // forward: U = A Z, Y = A E   (Eq. 22)
    const Matrix<double> dA = gradient_by_A(c, dU, dY, m);
    const Matrix<double> A_transposed = m.contains(A_not_transposed) ? c.A : c.A.transpose();
    d.dZ = A_transposed * dU;
    d.dE_direct = A_transposed * dY;
    // forward: A = (I + T)^-1, T = tril(E K_bar^T, -1)   (Eq. 21)
    d.dT = gradient_by_T(c.A, dA, m);
    d.dE = d.dE_direct;
    if (!m.contains(dE_without_T)) d.dE += d.dT * c.K_bar;
    if (!m.contains(dK_bar_without_T)) d.dK_bar += d.dT.transpose() * c.E;
    // forward: A_qk = tril(Qg K_bar^T)   (Eq. 25)
    d.dQg += d.dA_qk * c.K_bar;
    d.dK_bar += d.dA_qk.transpose() * c.Qg;
}

void tokens(const ChunkForward& c, const ChunkAdjoint& d, double scale, const Mutants& m, Outputs& out) {
    const auto rows = [&](Matrix<double>& tensor) { return tensor.middleRows(c.first, c.length); };
    // forward: Qg = gamma * scale * q
    rows(out.dq) = scale * d.dQg.cwiseProduct(c.gamma);
    if (m.contains(dq_without_scale)) rows(out.dq) /= scale;
    if (m.contains(dq_scale_twice)) rows(out.dq) *= scale;
    // forward: E = gamma * b * k, K_bar = k / gamma   (Eqs. 19, 20)
    const Matrix<double> gated = d.dE.cwiseProduct(c.gamma);
    rows(out.db) = gated.cwiseProduct(c.k);
    if (m.contains(db_without_T)) rows(out.db) = d.dE_direct.cwiseProduct(c.gamma).cwiseProduct(c.k);
    if (m.contains(db_without_gamma)) rows(out.db) = d.dE.cwiseProduct(c.k);
    if (m.contains(db_mean)) rows(out.db) = row_means(rows(out.db));
    Matrix<double> dk = gated.cwiseProduct(c.b);
    if (m.contains(dk_without_b)) dk = gated;
    if (m.contains(dk_without_E)) dk.setZero();
    rows(out.dk) = dk + d.dK_bar.cwiseQuotient(c.gamma);
    // forward: Z = w * v   (Eq. 20)
    rows(out.dv) = d.dZ.cwiseProduct(c.w);
    if (m.contains(dv_without_w)) rows(out.dv) = d.dZ;
    rows(out.dw) = d.dZ.cwiseProduct(c.v);
    if (m.contains(dw_with_w)) rows(out.dw) = d.dZ.cwiseProduct(c.w);
    if (m.contains(dw_mean)) rows(out.dw) = row_means(rows(out.dw));
}

/// The gradient by G, the cumulative log-decay.
Matrix<double> gradient_by_G(const ChunkForward& c, const ChunkAdjoint& d, const Mutants& m) {
    // forward: E = gamma * b * k, K_bar = k / gamma, Qg = gamma * q   (Eqs. 19, 20)
    Matrix<double> dgamma = Matrix<double>::Zero(c.gamma.rows(), c.gamma.cols());
    if (!m.contains(dgamma_without_E)) dgamma += d.dE.cwiseProduct(c.b).cwiseProduct(c.k);        // Eq. 76
    if (!m.contains(dgamma_without_K_bar))
        dgamma -= d.dK_bar.cwiseProduct(c.k).cwiseQuotient(c.gamma.cwiseAbs2());                  // Eq. 79
    if (!m.contains(dgamma_without_Qg)) dgamma += d.dQg.cwiseProduct(c.q);                        // Eq. 81
    // forward: gamma_C = the last row of gamma
    dgamma.row(m.contains(dgamma_C_in_first_row) ? 0 : c.length - 1) += d.dgamma_C;
    // forward: gamma = exp(G)
    if (m.contains(dG_without_gamma)) return dgamma;
    return dgamma.cwiseProduct(c.gamma);
}

/// forward: G_r = g_1 + ... + g_r   (Eq. 18)
Matrix<double> gradient_by_g(const Matrix<double>& dG, const Mutants& m, Matrix<double>& carry) {
    Matrix<double> dg = dG;
    for (Index r = dg.rows() - 1; r > 0; --r) dg.row(r - 1) += dg.row(r);                         // Eq. 82
    if (m.contains(dg_exclusive)) dg -= dG;
    if (m.contains(dg_without_sum)) dg = dG;
    if (m.contains(dg_forward_sum)) {
        dg = dG;
        for (Index r = 1; r < dg.rows(); ++r) dg.row(r) += dg.row(r - 1);
    }
    if (m.contains(dg_in_base_two)) dg /= std::numbers::ln2;
    if (m.contains(dg_across_chunks)) {
        dg.rowwise() += carry.row(0);
        carry = dg.topRows(1);
    }
    return dg;
}

}  // namespace

void mutable_chunk_backward(const ChunkForward& c, const Inputs& x, const Mutants& m, Matrix<double>& dS,
                            Matrix<double>& carry, Outputs& out) {
    ChunkAdjoint d;
    output_and_state(c, x.d_o.middleRows(c.first, c.length), dS, m, d);
    triangular_system(c, m, d);
    tokens(c, d, x.scale, m, out);
    out.dg.middleRows(c.first, c.length) = gradient_by_g(gradient_by_G(c, d, m), m, carry);
    dS = d.dS_0;
}

}  // namespace gdn2::planted
