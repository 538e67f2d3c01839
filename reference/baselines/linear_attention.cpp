// See linear_attention.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/linear_attention.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

template <class Scalar>
LinearAttentionGradient<Scalar> gradient_for(const LinearAttention<Scalar>& in) {
    const Matrix<Scalar> keys(in.k.rows(), in.k.cols());
    return {keys, keys, Matrix<Scalar>(in.v.rows(), in.v.cols()), {}};
}

/// tril(Q K^T): who reads whom.
template <class Scalar>
Matrix<Scalar> readings(const LinearAttention<Scalar>& chunk) {
    Matrix<Scalar> A_qk = Matrix<Scalar>::Zero(chunk.length(), chunk.length());
    A_qk.template triangularView<Eigen::Lower>() = chunk.q * chunk.k.transpose();
    return A_qk;
}

}  // namespace

template <class Scalar>
Vector<Scalar> linear_attention_step(const LinearAttention<Scalar>& in, Index t, Matrix<Scalar>& S) {
    S.noalias() += in.k.row(t).transpose() * in.v.row(t);                // S_t = S_{t-1} + k v^T
    return in.scale * (S.transpose() * in.q.row(t).transpose());         // o = scale S_t^T q
}

template <class Scalar>
Forward<Scalar> linear_attention(const LinearAttention<Scalar>& in, const Matrix<Scalar>& initial_state) {
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index t = 0; t < in.length(); ++t) o.row(t) = linear_attention_step(in, t, S);
    return {std::move(o), std::move(S)};
}

template <class Scalar>
Forward<Scalar> linear_attention_chunk(const LinearAttention<Scalar>& in, const Matrix<Scalar>& initial_state,
                                       Index chunk_length, ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, o(in.length(), in.v.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const LinearAttention<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        if (starts) starts->push_back(S);

        auto O = o.middleRows(first, chunk.length());
        O.noalias() = chunk.q * S;
        O.noalias() += readings(chunk) * chunk.v;
        O *= in.scale;                                                   // O = scale (Q S_0 + A_qk V)
        S.noalias() += chunk.k.transpose() * chunk.v;                    // S_C = S_0 + K^T V
    }
    return {std::move(o), std::move(S)};
}

template <class Scalar>
LinearAttentionGradient<Scalar> linear_attention_backward(const LinearAttention<Scalar>& in,
                                                          const Matrix<Scalar>& initial_state,
                                                          const Rows<Scalar>& d_o,
                                                          const Matrix<Scalar>& d_final_state) {
    const auto states = states_of(in.length(), initial_state, [&](Index t, Matrix<Scalar>& S) {
        linear_attention_step(in, t, S);
    });
    LinearAttentionGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const Matrix<Scalar>& S = states[static_cast<std::size_t>(t) + 1];
        // forward: o = scale S_t^T q
        const Vector<Scalar> d_read = in.scale * d_o.row(t).transpose();
        d.dq.row(t) = S * d_read;
        dS.noalias() += in.q.row(t).transpose() * d_read.transpose();
        // forward: S_t = S_{t-1} + k v^T
        d.dk.row(t) = dS * in.v.row(t).transpose();
        d.dv.row(t) = in.k.row(t) * dS;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

template <class Scalar>
LinearAttentionGradient<Scalar> linear_attention_chunk_backward(const LinearAttention<Scalar>& in,
                                                                const ChunkStarts<Scalar>& starts,
                                                                const Rows<Scalar>& d_o,
                                                                const Matrix<Scalar>& d_final_state,
                                                                Index chunk_length) {
    LinearAttentionGradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const LinearAttention<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, chunk.length()); };
        const Matrix<Scalar> dO = in.scale * d_o.middleRows(first, chunk.length());

        // forward: S_C = S_0 + K^T V
        rows(d.dk).noalias() = chunk.v * dS.transpose();
        rows(d.dv).noalias() = chunk.k * dS;
        // forward: O = scale (Q S_0 + A_qk V)
        rows(d.dq).noalias() = dO * starts[i].transpose();
        dS.noalias() += chunk.q.transpose() * dO;
        rows(d.dv).noalias() += readings(chunk).transpose() * dO;
        const Matrix<Scalar> dA_qk = (dO * chunk.v.transpose()).template triangularView<Eigen::Lower>();
        // forward: A_qk = tril(Q K^T)
        rows(d.dq).noalias() += dA_qk * chunk.k;
        rows(d.dk).noalias() += dA_qk.transpose() * chunk.q;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                       \
    template Vector<Scalar> linear_attention_step(const LinearAttention<Scalar>&, Index, Matrix<Scalar>&);         \
    template Forward<Scalar> linear_attention(const LinearAttention<Scalar>&, const Matrix<Scalar>&);              \
    template Forward<Scalar> linear_attention_chunk(const LinearAttention<Scalar>&, const Matrix<Scalar>&, Index,  \
                                                    ChunkStarts<Scalar>*);                                         \
    template LinearAttentionGradient<Scalar> linear_attention_backward(                                            \
        const LinearAttention<Scalar>&, const Matrix<Scalar>&, const Rows<Scalar>&, const Matrix<Scalar>&);        \
    template LinearAttentionGradient<Scalar> linear_attention_chunk_backward(                                      \
        const LinearAttention<Scalar>&, const ChunkStarts<Scalar>&, const Rows<Scalar>&, const Matrix<Scalar>&,    \
        Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
