// See deltanet.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/deltanet.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

template <class Scalar>
DeltaNetGradient<Scalar> gradient_for(const DeltaNet<Scalar>& in) {
    const Matrix<Scalar> keys(in.k.rows(), in.k.cols());
    return {keys, keys, Matrix<Scalar>(in.v.rows(), in.v.cols()), Matrix<Scalar>(in.length(), 1), {}};
}

/// A chunk's matrices. C is its length.
template <class Scalar>
struct Chunk {
    Matrix<Scalar> KK, T;   ///< [C, C]  tril(K K^T, -1), and its rows times beta
    Matrix<Scalar> A_qk;    ///< [C, C]  tril(Q K^T)
    Matrix<Scalar> missing; ///< [C, value_dim]  V - K S_0: what S_0 says wrongly
    Matrix<Scalar> R;       ///< [C, value_dim]  what each token writes
};

template <class Scalar>
Chunk<Scalar> chunk_of(const DeltaNet<Scalar>& in, const Matrix<Scalar>& S_0) {
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(in.length(), in.length());
    Chunk<Scalar> c{zero, zero, zero, in.v, {}};
    c.KK.template triangularView<Eigen::StrictlyLower>() = in.k * in.k.transpose();
    c.T.noalias() = in.beta.col(0).asDiagonal() * c.KK;
    c.A_qk.template triangularView<Eigen::Lower>() = in.q * in.k.transpose();
    c.missing.noalias() -= in.k * S_0;
    c.R.noalias() = in.beta.col(0).asDiagonal() * c.missing;             // X
    c.T.template triangularView<Eigen::UnitLower>().solveInPlace(c.R);   // (I + T) R = X
    return c;
}

/// Differentiates one chunk, whose tokens start at `first` of d's rows. dS comes in as the gradient by S_C and goes
/// out as the gradient by S_0.
template <class Scalar>
void chunk_backward(const DeltaNet<Scalar>& in, const Matrix<Scalar>& S_0, const Matrix<Scalar>& dO, Index first,
                    Matrix<Scalar>& dS, DeltaNetGradient<Scalar>& d) {
    const Chunk<Scalar> c = chunk_of(in, S_0);
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, in.length()); };
    auto dq = rows(d.dq), dk = rows(d.dk);
    // forward: S_C = S_0 + K^T R
    dk.noalias() = c.R * dS.transpose();
    Matrix<Scalar> dR = in.k * dS;
    // forward: O = scale (Q S_0 + A_qk R)   (the scale is in dO)
    dq.noalias() = dO * S_0.transpose();
    dS.noalias() += in.q.transpose() * dO;
    dR.noalias() += c.A_qk.transpose() * dO;
    const Matrix<Scalar> dA_qk = (dO * c.R.transpose()).template triangularView<Eigen::Lower>();
    // forward: A_qk = tril(Q K^T)
    dq.noalias() += dA_qk * in.k;
    dk.noalias() += dA_qk.transpose() * in.q;
    // forward: (I + T) R = X
    c.T.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(dR);
    const Matrix<Scalar>& dX = dR;
    const Matrix<Scalar> dT = (-dX * c.R.transpose()).template triangularView<Eigen::StrictlyLower>();
    // forward: T = Diag(beta) KK, X = Diag(beta) missing
    rows(d.dbeta) = dT.cwiseProduct(c.KK).rowwise().sum() + dX.cwiseProduct(c.missing).rowwise().sum();
    const Matrix<Scalar> dKK = in.beta.col(0).asDiagonal() * dT;
    const Matrix<Scalar> d_missing = in.beta.col(0).asDiagonal() * dX;
    // forward: KK = tril(K K^T, -1)
    dk.noalias() += dKK * in.k;
    dk.noalias() += dKK.transpose() * in.k;
    // forward: missing = V - K S_0
    rows(d.dv) = d_missing;
    dk.noalias() -= d_missing * S_0.transpose();
    dS.noalias() -= in.k.transpose() * d_missing;
}

}  // namespace

template <class Scalar>
Vector<Scalar> deltanet_step(const DeltaNet<Scalar>& in, Index t, Matrix<Scalar>& S) {
    const Vector<Scalar> r = in.k.row(t) * S;                            // what is stored under k
    const Vector<Scalar> u = in.beta(t, 0) * (in.v.row(t).transpose() - r);
    S.noalias() += in.k.row(t).transpose() * u.transpose();              // S_t = S_{t-1} + k u^T
    return in.scale * (S.transpose() * in.q.row(t).transpose());         // o = scale S_t^T q
}

template <class Scalar>
Forward<Scalar> deltanet(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state) {
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index t = 0; t < in.length(); ++t) o.row(t) = deltanet_step(in, t, S);
    return {std::move(o), std::move(S)};
}

template <class Scalar>
Forward<Scalar> deltanet_chunk(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                               ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const DeltaNet<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Chunk<Scalar> c = chunk_of(chunk, S);
        if (starts) starts->push_back(S);

        auto O = o.middleRows(first, chunk.length());
        O.noalias() = chunk.q * S;
        O.noalias() += c.A_qk * c.R;
        O *= in.scale;                                                   // O = scale (Q S_0 + A_qk R)
        S.noalias() += chunk.k.transpose() * c.R;                        // S_C = S_0 + K^T R
    }
    return {std::move(o), std::move(S)};
}

template <class Scalar>
DeltaNetGradient<Scalar> deltanet_backward(const DeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state,
                                           const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state) {
    const auto states = states_of(in.length(), initial_state, [&](Index t, Matrix<Scalar>& S) {
        deltanet_step(in, t, S);
    });
    DeltaNetGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const Matrix<Scalar>& S_before = states[static_cast<std::size_t>(t)];
        const Vector<Scalar> k = in.k.row(t);
        const Vector<Scalar> missing = in.v.row(t).transpose() - S_before.transpose() * k;
        // forward: o = scale S_t^T q
        const Vector<Scalar> d_read = in.scale * d_o.row(t).transpose();
        d.dq.row(t) = states[static_cast<std::size_t>(t) + 1] * d_read;
        dS.noalias() += in.q.row(t).transpose() * d_read.transpose();
        // forward: S_t = S_{t-1} + k u^T
        Vector<Scalar> dk = in.beta(t, 0) * (dS * missing);
        const Vector<Scalar> du = dS.transpose() * k;
        // forward: u = beta (v - r)
        d.dbeta(t, 0) = du.dot(missing);
        const Vector<Scalar> dv = in.beta(t, 0) * du;
        // forward: r = S_{t-1}^T k
        dk.noalias() -= S_before * dv;
        dS.noalias() -= k * dv.transpose();
        d.dk.row(t) = dk;
        d.dv.row(t) = dv;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

template <class Scalar>
DeltaNetGradient<Scalar> deltanet_chunk_backward(const DeltaNet<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                                 const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                                 Index chunk_length) {
    DeltaNetGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const DeltaNet<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Matrix<Scalar> dO = in.scale * d_o.middleRows(first, chunk.length());
        chunk_backward(chunk, starts[i], dO, first, dS, d);
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                      \
    template Vector<Scalar> deltanet_step(const DeltaNet<Scalar>&, Index, Matrix<Scalar>&);                       \
    template Forward<Scalar> deltanet(const DeltaNet<Scalar>&, const Matrix<Scalar>&);                            \
    template Forward<Scalar> deltanet_chunk(const DeltaNet<Scalar>&, const Matrix<Scalar>&, Index,                \
                                            ChunkStarts<Scalar>*);                                                \
    template DeltaNetGradient<Scalar> deltanet_backward(const DeltaNet<Scalar>&, const Matrix<Scalar>&,           \
                                                        const Rows<Scalar>&, const Matrix<Scalar>&);              \
    template DeltaNetGradient<Scalar> deltanet_chunk_backward(const DeltaNet<Scalar>&, const ChunkStarts<Scalar>&, \
                                                              const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
