// The forward pass of mutable_chunk.h, and the loop over chunks. The correct line stands first, what replaces
// it after `if (m.contains(...))`.
//   tests  tests/planted/mutants_test.cpp
#include "tests/planted/mutable_chunk.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace gdn2::planted {
namespace {

using enum Mutant;

Matrix<double> exp_of(const Matrix<double>& x) { return x.array().exp(); }

/// G, the log-decay summed from the chunk's start. `base` is where G ended in the chunk before.
Matrix<double> cumulative_decay(const Matrix<double>& g, const Mutants& m, Matrix<double>& base) {
    Matrix<double> G = g;
    for (Index r = 1; r < G.rows(); ++r) G.row(r) += G.row(r - 1);                    // Eq. 18
    if (m.contains(base_two_decay)) G *= std::numbers::ln2;
    if (m.contains(G_exclusive)) G -= g;
    if (m.contains(G_across_chunks)) {
        G.rowwise() += base.row(0);
        base = G.bottomRows(1);
    }
    return G;
}

ChunkForward rows_of_chunk(const Inputs& x, Index first, Index length, const Mutants& m) {
    ChunkForward c;
    c.first = first;
    c.length = length;
    c.q = x.scale * x.q.middleRows(first, length);
    if (m.contains(scale_missing)) c.q = x.q.middleRows(first, length);
    if (m.contains(scale_twice)) c.q *= x.scale;
    c.k = x.k.middleRows(first, length);
    c.v = x.v.middleRows(first, length);
    c.b = x.b.middleRows(first, length);
    c.w = x.w.middleRows(first, length);
    return c;
}

/// Keys, queries and values with their decays and gates.   Eqs. 18-20
void decayed_rows(ChunkForward& c, const Matrix<double>& G, const Matrix<double>& g, const Mutants& m) {
    c.gamma = exp_of(G);
    c.gamma_C = c.gamma.bottomRows(1);
    if (m.contains(gamma_C_of_a_full_chunk)) c.gamma_C.setOnes();
    c.E = c.gamma.cwiseProduct(c.b).cwiseProduct(c.k);                                // Eq. 20
    if (m.contains(erase_before_decay)) c.E = exp_of(G - g).cwiseProduct(c.b).cwiseProduct(c.k);
    if (m.contains(inverted_ratio)) c.E = c.b.cwiseProduct(c.k).cwiseQuotient(c.gamma);
    c.Z = c.w.cwiseProduct(c.v);                                                      // Eq. 20
    c.K_bar = c.k.cwiseQuotient(c.gamma);                                             // Eq. 19
    c.Qg = c.gamma.cwiseProduct(c.q);
    c.K_tail = c.K_bar * c.gamma_C.row(0).asDiagonal();                               // Eq. 23
    if (m.contains(K_tail_without_gamma_C)) c.K_tail = c.K_bar;
    if (m.contains(K_tail_from_start)) c.K_tail = c.gamma.cwiseProduct(c.k);
}

/// T and A_qk, then A and what it makes of E and Z.   Eqs. 21, 22, 25
void triangular_system(ChunkForward& c, const Matrix<double>& G, const Inputs& x, const Mutants& m) {
    Matrix<double> T = c.E * c.K_bar.transpose();                                     // Eq. 21
    c.A_qk = lower(c.Qg * c.K_bar.transpose(), m.contains(A_qk_strict) ? -1 : 0);     // Eq. 25
    if (m.contains(inverted_ratio)) T = c.E * c.gamma.cwiseProduct(c.k).transpose();
    if (m.contains(mixed_bases)) {
        const Matrix<double> gamma = exp_of(std::numbers::ln2 * G), K_bar = c.k.cwiseQuotient(gamma);
        T = gamma.cwiseProduct(c.b).cwiseProduct(c.k) * K_bar.transpose();
        c.A_qk = lower(gamma.cwiseProduct(c.q) * K_bar.transpose(), 0);
    }
    if (m.contains(scale_missing_inside_chunk)) c.A_qk /= x.scale;
    T = lower(T, m.contains(T_keeps_diagonal) ? 0 : -1);
    const Matrix<double> I = Matrix<double>::Identity(c.length, c.length);
    c.A = (I + T).inverse();                                                          // Eq. 21
    if (m.contains(A_of_first_order)) c.A = I - T;
    c.Y = c.A * c.E;                                                                  // Eq. 22
    c.U = c.A * c.Z;                                                                  // Eq. 22
    if (m.contains(U_without_A)) c.U = c.Z;
}

/// Outputs of the chunk; S goes from its start to its end.   Eqs. 23, 24, 35
void output_and_state(ChunkForward& c, Matrix<double>& S, Matrix<double>& o, const Mutants& m) {
    c.S_0 = S;
    c.R = c.U - c.Y * S;                                                              // Eq. 35
    o.middleRows(c.first, c.length) =
        (m.contains(Qg_without_decay) ? c.q : c.Qg) * S + c.A_qk * c.R;               // Eq. 24
    const Matrix<double> written = c.K_tail.transpose() * c.R;
    const Matrix<double> kept = c.gamma_C.row(0).asDiagonal() * S;
    S = kept + written;                                                               // Eq. 23
    if (m.contains(S_C_without_gamma_C)) S = c.S_0 + written;
    if (m.contains(S_C_without_S_0)) S = written;
    if (m.contains(S_C_with_mean_gamma_C)) S = c.gamma_C.mean() * c.S_0 + written;
}

std::vector<ChunkForward> forward(const Inputs& x, const Mutants& m, Index chunk_length, Outputs& out) {
    std::vector<ChunkForward> chunks;
    Matrix<double> S = x.initial_state, base = Matrix<double>::Zero(1, x.g.cols());
    out.o.resize(x.v.rows(), x.v.cols());
    for (Index first = 0; first < x.q.rows(); first += chunk_length) {
        const Index length = std::min(chunk_length, x.q.rows() - first);
        Mutants here = m;
        if (length == chunk_length) here.erase(gamma_C_of_a_full_chunk);
        ChunkForward c = rows_of_chunk(x, first, length, here);
        const Matrix<double> g = x.g.middleRows(first, length), G = cumulative_decay(g, here, base);
        decayed_rows(c, G, g, here);
        triangular_system(c, G, x, here);
        output_and_state(c, S, out.o, here);
        chunks.push_back(std::move(c));
    }
    out.final_state = S;
    return chunks;
}

void backward(const std::vector<ChunkForward>& chunks, const Inputs& x, const Mutants& m, Outputs& out) {
    for (Matrix<double>* d : {&out.dq, &out.dk, &out.dg, &out.db}) d->resize(x.q.rows(), x.q.cols());
    for (Matrix<double>* d : {&out.dv, &out.dw}) d->resize(x.v.rows(), x.v.cols());
    Matrix<double> dS = x.d_final_state, carry = Matrix<double>::Zero(1, x.g.cols());
    if (m.contains(d_final_state_ignored)) dS.setZero();
    for (std::size_t i = chunks.size(); i-- > 0;) {
        mutable_chunk_backward(chunks[i], x, m, dS, carry, out);
        if (m.contains(dS_0_not_carried)) dS.setZero();
    }
    out.d_initial_state = dS;
}

}  // namespace

Matrix<double> lower(Matrix<double> M, Index diagonal) {
    for (Index r = 0; r < M.rows(); ++r)
        for (Index s = std::max<Index>(0, r + diagonal + 1); s < M.cols(); ++s) M(r, s) = 0;
    return M;
}

Outputs mutable_chunk(const Inputs& x, const Mutants& m, Index chunk_length) {
    Outputs out;
    const std::vector<ChunkForward> chunks = forward(x, m, chunk_length, out);
    backward(chunks, x, m, out);
    return out;
}

}  // namespace gdn2::planted
