// See gated_deltanet.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/gated_deltanet.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

template <class Scalar>
GatedDeltaNetGradient<Scalar> gradient_for(const GatedDeltaNet<Scalar>& in) {
    const Matrix<Scalar> keys(in.k.rows(), in.k.cols()), numbers(in.length(), 1);
    return {keys, keys, Matrix<Scalar>(in.v.rows(), in.v.cols()), numbers, numbers, {}};
}

/// A chunk's matrices. C is its length.
template <class Scalar>
struct Chunk {
    ChunkDecay<Scalar> decay;
    Matrix<Scalar> KK, QK;  ///< [C, C]  tril(K K^T, -1) and tril(Q K^T), not decayed
    Matrix<Scalar> T;       ///< [C, C]  Diag(beta) (KK * L)
    Matrix<Scalar> kS;      ///< [C, value_dim]  K S_0
    Matrix<Scalar> missing; ///< [C, value_dim]  V - Diag(gamma) K S_0
    Matrix<Scalar> R;       ///< [C, value_dim]  what each token writes
};

template <class Scalar>
Chunk<Scalar> chunk_of(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& S_0) {
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(in.length(), in.length());
    Chunk<Scalar> c{chunk_decay<Scalar>(exp_of<Scalar>(in.g).col(0)), zero, zero, zero, in.k * S_0, in.v, {}};
    c.KK.template triangularView<Eigen::StrictlyLower>() = in.k * in.k.transpose();
    c.QK.template triangularView<Eigen::Lower>() = in.q * in.k.transpose();
    c.T.noalias() = in.beta.col(0).asDiagonal() * c.KK.cwiseProduct(c.decay.between);
    c.missing.noalias() -= c.decay.from_start.asDiagonal() * c.kS;
    c.R.noalias() = in.beta.col(0).asDiagonal() * c.missing;             // X
    c.T.template triangularView<Eigen::UnitLower>().solveInPlace(c.R);   // (I + T) R = X
    return c;
}

/// Differentiates one chunk, whose tokens start at `first` of d's rows. dS comes in as the gradient by S_C and goes
/// out as the gradient by S_0.
template <class Scalar>
void chunk_backward(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& S_0, const Matrix<Scalar>& dO, Index first,
                    Matrix<Scalar>& dS, GatedDeltaNetGradient<Scalar>& d) {
    const Chunk<Scalar> c = chunk_of(in, S_0);
    const auto& [gamma, to_end, L] = c.decay;
    const auto beta = in.beta.col(0);
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, in.length()); };
    auto dq = rows(d.dq), dk = rows(d.dk);
    ChunkDecay<Scalar> d_decay;
    // forward: S_C = gamma_C S_0 + (Diag(to_end) K)^T R
    const Matrix<Scalar> dk_tail = c.R * dS.transpose();
    dk.noalias() = to_end.asDiagonal() * dk_tail;
    d_decay.to_end = in.k.cwiseProduct(dk_tail).rowwise().sum();
    Matrix<Scalar> dR = to_end.asDiagonal() * (in.k * dS);
    const Scalar d_whole = dS.cwiseProduct(S_0).sum();
    dS *= c.decay.whole();
    // forward: O = scale (Diag(gamma) Q S_0 + (QK * L) R)   (the scale is in dO)
    const Matrix<Scalar> d_qS = gamma.asDiagonal() * dO;
    dq.noalias() = d_qS * S_0.transpose();
    dS.noalias() += in.q.transpose() * d_qS;
    d_decay.from_start = dO.cwiseProduct(in.q * S_0).rowwise().sum();
    dR.noalias() += c.QK.cwiseProduct(L).transpose() * dO;
    const Matrix<Scalar> dA_qk = dO * c.R.transpose();
    // forward: QK = tril(Q K^T)
    const Matrix<Scalar> dQK = dA_qk.cwiseProduct(L);
    dq.noalias() += dQK * in.k;
    dk.noalias() += dQK.transpose() * in.q;
    // forward: (I + T) R = X
    c.T.transpose().template triangularView<Eigen::UnitUpper>().solveInPlace(dR);
    const Matrix<Scalar>& dX = dR;
    const Matrix<Scalar> dT = (-dX * c.R.transpose()).template triangularView<Eigen::StrictlyLower>();
    // forward: T = Diag(beta) (KK * L), X = Diag(beta) missing
    rows(d.dbeta) = (dT.cwiseProduct(c.KK).cwiseProduct(L).rowwise().sum() +
                     dX.cwiseProduct(c.missing).rowwise().sum());
    d_decay.between = dA_qk.cwiseProduct(c.QK) + beta.asDiagonal() * dT.cwiseProduct(c.KK);
    const Matrix<Scalar> dKK = beta.asDiagonal() * dT.cwiseProduct(L), d_missing = beta.asDiagonal() * dX;
    // forward: KK = tril(K K^T, -1)
    dk.noalias() += dKK * in.k;
    dk.noalias() += dKK.transpose() * in.k;
    // forward: missing = V - Diag(gamma) K S_0
    rows(d.dv) = d_missing;
    const Matrix<Scalar> d_kS = gamma.asDiagonal() * d_missing;
    dk.noalias() -= d_kS * S_0.transpose();
    dS.noalias() -= in.k.transpose() * d_kS;
    d_decay.from_start -= d_missing.cwiseProduct(c.kS).rowwise().sum();
    d_decay.from_start[in.length() - 1] += d_whole;
    rows(d.dg) = chunk_decay_backward(c.decay, d_decay);
}

}  // namespace

template <class Scalar>
Vector<Scalar> gated_deltanet_step(const GatedDeltaNet<Scalar>& in, Index t, Matrix<Scalar>& S) {
    using std::exp;
    S *= exp(in.g(t, 0));                                                // S' = alpha S_{t-1}
    const Vector<Scalar> r = in.k.row(t) * S;                            // what is left under k
    const Vector<Scalar> u = in.beta(t, 0) * (in.v.row(t).transpose() - r);
    S.noalias() += in.k.row(t).transpose() * u.transpose();              // S_t = S' + k u^T
    return in.scale * (S.transpose() * in.q.row(t).transpose());         // o = scale S_t^T q
}

template <class Scalar>
Forward<Scalar> gated_deltanet(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state) {
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index t = 0; t < in.length(); ++t) o.row(t) = gated_deltanet_step(in, t, S);
    return {std::move(o), std::move(S)};
}

template <class Scalar>
Forward<Scalar> gated_deltanet_chunk(const GatedDeltaNet<Scalar>& in, const Matrix<Scalar>& initial_state,
                                     Index chunk_length, ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const GatedDeltaNet<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Chunk<Scalar> c = chunk_of(chunk, S);
        if (starts) starts->push_back(S);

        auto O = o.middleRows(first, chunk.length());
        O.noalias() = c.decay.from_start.asDiagonal() * (chunk.q * S);
        O.noalias() += c.QK.cwiseProduct(c.decay.between) * c.R;
        O *= in.scale;                                          // O = scale (Diag(gamma) Q S_0 + (QK * L) R)
        S *= c.decay.whole();
        S.noalias() += chunk.k.transpose() * (c.decay.to_end.asDiagonal() * c.R);
    }
    return {std::move(o), std::move(S)};
}

template <class Scalar>
GatedDeltaNetGradient<Scalar> gated_deltanet_backward(const GatedDeltaNet<Scalar>& in,
                                                      const Matrix<Scalar>& initial_state, const Rows<Scalar>& d_o,
                                                      const Matrix<Scalar>& d_final_state) {
    using std::exp;
    const auto states = states_of(in.length(), initial_state, [&](Index t, Matrix<Scalar>& S) {
        gated_deltanet_step(in, t, S);
    });
    GatedDeltaNetGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const Scalar alpha = exp(in.g(t, 0)), beta = in.beta(t, 0);
        const Matrix<Scalar> S_decayed = alpha * states[static_cast<std::size_t>(t)];
        const Vector<Scalar> k = in.k.row(t);
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
        // forward: S' = alpha S_{t-1}, alpha = exp(g)
        d.dg(t, 0) = dS.cwiseProduct(S_decayed).sum();
        dS *= alpha;
        d.dk.row(t) = dk;
        d.dv.row(t) = dv;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

template <class Scalar>
GatedDeltaNetGradient<Scalar> gated_deltanet_chunk_backward(const GatedDeltaNet<Scalar>& in,
                                                            const ChunkStarts<Scalar>& starts,
                                                            const Rows<Scalar>& d_o,
                                                            const Matrix<Scalar>& d_final_state, Index chunk_length) {
    GatedDeltaNetGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const GatedDeltaNet<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Matrix<Scalar> dO = in.scale * d_o.middleRows(first, chunk.length());
        chunk_backward(chunk, starts[i], dO, first, dS, d);
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                       \
    template Vector<Scalar> gated_deltanet_step(const GatedDeltaNet<Scalar>&, Index, Matrix<Scalar>&);             \
    template Forward<Scalar> gated_deltanet(const GatedDeltaNet<Scalar>&, const Matrix<Scalar>&);                  \
    template Forward<Scalar> gated_deltanet_chunk(const GatedDeltaNet<Scalar>&, const Matrix<Scalar>&, Index,      \
                                                  ChunkStarts<Scalar>*);                                           \
    template GatedDeltaNetGradient<Scalar> gated_deltanet_backward(                                                \
        const GatedDeltaNet<Scalar>&, const Matrix<Scalar>&, const Rows<Scalar>&, const Matrix<Scalar>&);          \
    template GatedDeltaNetGradient<Scalar> gated_deltanet_chunk_backward(                                          \
        const GatedDeltaNet<Scalar>&, const ChunkStarts<Scalar>&, const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
