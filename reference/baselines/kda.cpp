// See kda.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/kda.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

template <class Scalar>
KdaGradient<Scalar> gradient_for(const Kda<Scalar>& in) {
    const Matrix<Scalar> keys(in.k.rows(), in.k.cols());
    return {keys, keys, Matrix<Scalar>(in.v.rows(), in.v.cols()), keys, Matrix<Scalar>(in.length(), 1), {}};
}

/// A chunk's matrices. C is its length.
template <class Scalar>
struct Chunk {
    Matrix<Scalar> alpha, gamma; ///< [C, key_dim]  decay of each token, and from the start to after it
    Matrix<Scalar> D;            ///< [C, key_dim]  D_C: the keys as they have faded at the end
    Matrix<Scalar> KK, A_qk;     ///< [C, C]  k_r . D_rs for s < r, q_r . D_rs for s <= r
    Matrix<Scalar> T;            ///< [C, C]  Diag(beta) KK
    Matrix<Scalar> missing;      ///< [C, value_dim]  V - (gamma * K) S_0
    Matrix<Scalar> R;            ///< [C, value_dim]  what each token writes

    auto gamma_C() const { return gamma.row(gamma.rows() - 1); }
};

/// Calls visit(r, D) for every token, where row s <= r of D is D_rs; returns D_C.
template <class Scalar, class Visit>
Matrix<Scalar> fade_keys(const Rows<Scalar>& k, const Matrix<Scalar>& alpha, const Visit& visit) {
    Matrix<Scalar> D = k;
    for (Index r = 0; r < k.rows(); ++r) {
        D.topRows(r).array().rowwise() *= alpha.row(r).array();
        visit(r, D);
    }
    return D;
}

template <class Scalar>
Chunk<Scalar> chunk_of(const Kda<Scalar>& in, const Matrix<Scalar>& S_0) {
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(in.length(), in.length()), alpha = exp_of<Scalar>(in.g);
    Chunk<Scalar> c{alpha, alpha, {}, zero, zero, {}, in.v, {}};
    for (Index r = 1; r < in.length(); ++r) c.gamma.row(r) = c.gamma.row(r).cwiseProduct(c.gamma.row(r - 1));
    c.D = fade_keys(in.k, c.alpha, [&](Index r, const Matrix<Scalar>& D) {
        c.KK.row(r).head(r).noalias() = in.k.row(r) * D.topRows(r).transpose();
        c.A_qk.row(r).head(r + 1).noalias() = in.q.row(r) * D.topRows(r + 1).transpose();
    });
    c.T.noalias() = in.beta.col(0).asDiagonal() * c.KK;
    c.missing.noalias() -= c.gamma.cwiseProduct(in.k) * S_0;
    c.R.noalias() = in.beta.col(0).asDiagonal() * c.missing;             // X
    c.T.template triangularView<Eigen::UnitLower>().solveInPlace(c.R);   // (I + T) R = X
    return c;
}

/// Gradients by the keys and queries of a chunk, kept apart by what a key does.
template <class Scalar>
struct KeyGradient {
    Matrix<Scalar> dq, dk_reading, dk_written;
};

/// Adjoint of fade_keys and the two products, given dKK, dA_qk and the gradient dD_C by the keys at the end.
template <class Scalar>
KeyGradient<Scalar> products_backward(const Kda<Scalar>& in, const Chunk<Scalar>& c, const Matrix<Scalar>& dKK,
                                      const Matrix<Scalar>& dA_qk, const Matrix<Scalar>& dD_C) {
    KeyGradient<Scalar> d{c.alpha, c.alpha, dD_C};
    // forward: KK_rs = k_r . D_rs, A_qk_rs = q_r . D_rs, by k_r and q_r
    fade_keys(in.k, c.alpha, [&](Index r, const Matrix<Scalar>& D) {
        d.dk_reading.row(r).noalias() = dKK.row(r).head(r) * D.topRows(r);
        d.dq.row(r).noalias() = dA_qk.row(r).head(r + 1) * D.topRows(r + 1);
    });
    // the same by D_rs, handed back through D_rs = D_{r-1,s} * alpha_r
    for (Index r = in.length() - 1; r >= 0; --r) {
        d.dk_written.topRows(r).noalias() += dKK.row(r).head(r).transpose() * in.k.row(r);
        d.dk_written.topRows(r + 1).noalias() += dA_qk.row(r).head(r + 1).transpose() * in.q.row(r);
        d.dk_written.topRows(r).array().rowwise() *= c.alpha.row(r).array();
    }
    return d;
}

/// Differentiates one chunk, whose tokens start at `first` of d's rows. dS comes in as the gradient by S_C and goes
/// out as the gradient by S_0.
template <class Scalar>
void chunk_backward(const Kda<Scalar>& in, const Matrix<Scalar>& S_0, const Matrix<Scalar>& dO, Index first,
                    Matrix<Scalar>& dS, KdaGradient<Scalar>& d) {
    const Chunk<Scalar> c = chunk_of(in, S_0);
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, in.length()); };
    // forward: S_C = Diag(gamma_C) S_0 + D_C^T R
    const Matrix<Scalar> dD_C = c.R * dS.transpose();
    Matrix<Scalar> dR = c.D * dS;
    const Vector<Scalar> d_log_C = c.gamma_C().transpose().cwiseProduct(dS.cwiseProduct(S_0).rowwise().sum()) +
                                   c.D.cwiseProduct(dD_C).colwise().sum().transpose();
    dS.array().colwise() *= c.gamma_C().transpose().array();
    // forward: O = scale ((gamma * Q) S_0 + A_qk R)   (the scale is in dO)
    const Matrix<Scalar> dq_S = c.gamma.cwiseProduct(dO * S_0.transpose());
    dS.noalias() += c.gamma.cwiseProduct(in.q).transpose() * dO;
    dR.noalias() += c.A_qk.transpose() * dO;
    const Matrix<Scalar> dA_qk = (dO * c.R.transpose()).template triangularView<Eigen::Lower>();
    // forward: (I + T) R = X
    c.T.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(dR);
    const Matrix<Scalar>& dX = dR;
    const Matrix<Scalar> dT = (-dX * c.R.transpose()).template triangularView<Eigen::StrictlyLower>();
    // forward: T = Diag(beta) KK, X = Diag(beta) missing
    rows(d.dbeta) = dT.cwiseProduct(c.KK).rowwise().sum() + dX.cwiseProduct(c.missing).rowwise().sum();
    const Matrix<Scalar> dKK = in.beta.col(0).asDiagonal() * dT, d_missing = in.beta.col(0).asDiagonal() * dX;
    // forward: missing = V - (gamma * K) S_0
    rows(d.dv) = d_missing;
    dS.noalias() -= c.gamma.cwiseProduct(in.k).transpose() * d_missing;
    KeyGradient<Scalar> keys = products_backward(in, c, dKK, dA_qk, dD_C);
    keys.dq += dq_S;
    keys.dk_reading -= c.gamma.cwiseProduct(d_missing * S_0.transpose());
    rows(d.dq) = keys.dq;
    rows(d.dk) = keys.dk_reading + keys.dk_written;
    // forward: alpha = exp(g); q_r and k_r meet what has faded until r, k_s fades after s
    auto dg = rows(d.dg);
    dg = in.q.cwiseProduct(keys.dq) + in.k.cwiseProduct(keys.dk_reading - keys.dk_written);
    dg.row(dg.rows() - 1) += d_log_C;
    for (Index i = dg.rows() - 1; i > 0; --i) dg.row(i - 1) += dg.row(i);
}

}  // namespace

template <class Scalar>
Vector<Scalar> kda_step(const Kda<Scalar>& in, Index t, Matrix<Scalar>& S) {
    const Vector<Scalar> alpha = exp_of<Scalar>(in.g.row(t)).transpose();
    S.array().colwise() *= alpha.array();                                // S' = Diag(alpha) S_{t-1}
    const Vector<Scalar> r = in.k.row(t) * S;                            // what is left under k
    const Vector<Scalar> u = in.beta(t, 0) * (in.v.row(t).transpose() - r);
    S.noalias() += in.k.row(t).transpose() * u.transpose();              // S_t = S' + k u^T
    return in.scale * (S.transpose() * in.q.row(t).transpose());         // o = scale S_t^T q
}

template <class Scalar>
Forward<Scalar> kda(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state) {
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index t = 0; t < in.length(); ++t) o.row(t) = kda_step(in, t, S);
    return {std::move(o), std::move(S)};
}

template <class Scalar>
Forward<Scalar> kda_chunk(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                          ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const Kda<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Chunk<Scalar> c = chunk_of(chunk, S);
        if (starts) starts->push_back(S);

        auto O = o.middleRows(first, chunk.length());
        O.noalias() = c.gamma.cwiseProduct(chunk.q) * S;
        O.noalias() += c.A_qk * c.R;
        O *= in.scale;                                                   // O = scale ((gamma * Q) S_0 + A_qk R)
        S.array().colwise() *= c.gamma_C().transpose().array();
        S.noalias() += c.D.transpose() * c.R;                            // S_C = Diag(gamma_C) S_0 + D_C^T R
    }
    return {std::move(o), std::move(S)};
}

template <class Scalar>
KdaGradient<Scalar> kda_backward(const Kda<Scalar>& in, const Matrix<Scalar>& initial_state, const Rows<Scalar>& d_o,
                                 const Matrix<Scalar>& d_final_state) {
    const auto states = states_of(in.length(), initial_state, [&](Index t, Matrix<Scalar>& S) {
        kda_step(in, t, S);
    });
    KdaGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const Scalar beta = in.beta(t, 0);
        const Vector<Scalar> k = in.k.row(t), alpha = exp_of<Scalar>(in.g.row(t)).transpose();
        const Matrix<Scalar> S_decayed = alpha.asDiagonal() * states[static_cast<std::size_t>(t)];
        const Vector<Scalar> missing = in.v.row(t).transpose() - S_decayed.transpose() * k;
        // forward: o = scale S_t^T q
        const Vector<Scalar> d_read = in.scale * d_o.row(t).transpose();
        d.dq.row(t) = states[static_cast<std::size_t>(t) + 1] * d_read;
        dS.noalias() += in.q.row(t).transpose() * d_read.transpose();
        // forward: S_t = S' + k u^T
        Vector<Scalar> dk = beta * (dS * missing);
        const Vector<Scalar> du = dS.transpose() * k;
        // forward: u = beta (v - r)
        d.dbeta(t, 0) = du.dot(missing);
        const Vector<Scalar> dv = beta * du;
        // forward: r = S'^T k
        dk.noalias() -= S_decayed * dv;
        dS.noalias() -= k * dv.transpose();
        // forward: S' = Diag(alpha) S_{t-1}, alpha = exp(g)
        d.dg.row(t) = dS.cwiseProduct(S_decayed).rowwise().sum();
        dS.array().colwise() *= alpha.array();
        d.dk.row(t) = dk;
        d.dv.row(t) = dv;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

template <class Scalar>
KdaGradient<Scalar> kda_chunk_backward(const Kda<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                       const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                       Index chunk_length) {
    KdaGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const Kda<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Matrix<Scalar> dO = in.scale * d_o.middleRows(first, chunk.length());
        chunk_backward(chunk, starts[i], dO, first, dS, d);
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                     \
    template Vector<Scalar> kda_step(const Kda<Scalar>&, Index, Matrix<Scalar>&);                                \
    template Forward<Scalar> kda(const Kda<Scalar>&, const Matrix<Scalar>&);                                     \
    template Forward<Scalar> kda_chunk(const Kda<Scalar>&, const Matrix<Scalar>&, Index, ChunkStarts<Scalar>*);  \
    template KdaGradient<Scalar> kda_backward(const Kda<Scalar>&, const Matrix<Scalar>&, const Rows<Scalar>&,    \
                                              const Matrix<Scalar>&);                                            \
    template KdaGradient<Scalar> kda_chunk_backward(const Kda<Scalar>&, const ChunkStarts<Scalar>&,              \
                                                    const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
