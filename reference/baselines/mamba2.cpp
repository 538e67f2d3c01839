// See mamba2.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/mamba2.h"

#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

template <class Scalar>
Mamba2Gradient<Scalar> gradient_for(const Mamba2<Scalar>& in) {
    const Matrix<Scalar> keys(in.B.rows(), in.B.cols());
    return {keys, keys, Matrix<Scalar>(in.x.rows(), in.x.cols()), Matrix<Scalar>(in.length(), 1), {}, Scalar(0),
            Scalar(0)};
}

/// A chunk's matrices. C is its length.
template <class Scalar>
struct Chunk {
    ChunkDecay<Scalar> decay;
    Matrix<Scalar> CB;  ///< [C, C]  C B^T; L makes it triangular
    Matrix<Scalar> X;   ///< [C, value_dim]  Diag(dt) x
};

template <class Scalar>
Chunk<Scalar> chunk_of(const Mamba2<Scalar>& in) {
    return {chunk_decay<Scalar>(exp_of<Scalar>(in.A * in.dt).col(0)), in.C * in.B.transpose(),
            in.dt.col(0).asDiagonal() * in.x};
}

/// Differentiates one chunk, whose tokens start at `first` of d's rows. dS comes in as the gradient by S_C and goes
/// out as the gradient by S_0.
template <class Scalar>
void chunk_backward(const Mamba2<Scalar>& in, const Matrix<Scalar>& S_0, const Matrix<Scalar>& dY, Index first,
                    Matrix<Scalar>& dS, Mamba2Gradient<Scalar>& d) {
    const Chunk<Scalar> c = chunk_of(in);
    const auto& [gamma, to_end, L] = c.decay;
    const auto rows = [&](Matrix<Scalar>& tensor) { return tensor.middleRows(first, in.length()); };
    auto dC = rows(d.dC), dB = rows(d.dB);
    ChunkDecay<Scalar> d_decay;
    // forward: S_C = gamma_C S_0 + (Diag(to_end) B)^T X
    const Matrix<Scalar> dB_tail = c.X * dS.transpose();
    dB.noalias() = to_end.asDiagonal() * dB_tail;
    d_decay.to_end = in.B.cwiseProduct(dB_tail).rowwise().sum();
    Matrix<Scalar> dX = to_end.asDiagonal() * (in.B * dS);
    const Scalar d_whole = dS.cwiseProduct(S_0).sum();
    dS *= c.decay.whole();
    // forward: Y = Diag(gamma) C S_0 + (CB * L) X + D x
    const Matrix<Scalar> d_CS = gamma.asDiagonal() * dY;
    dC.noalias() = d_CS * S_0.transpose();
    dS.noalias() += in.C.transpose() * d_CS;
    d_decay.from_start = dY.cwiseProduct(in.C * S_0).rowwise().sum();
    d_decay.from_start[in.length() - 1] += d_whole;
    dX.noalias() += c.CB.cwiseProduct(L).transpose() * dY;
    const Matrix<Scalar> d_read = dY * c.X.transpose(), dCB = d_read.cwiseProduct(L);
    d_decay.between = d_read.cwiseProduct(c.CB);
    d.dD += dY.cwiseProduct(in.x).sum();
    // forward: CB = C B^T
    dC.noalias() += dCB * in.B;
    dB.noalias() += dCB.transpose() * in.C;
    // forward: X = Diag(dt) x, alpha = exp(dt A)
    const Vector<Scalar> dg = chunk_decay_backward(c.decay, d_decay);
    rows(d.dx) = in.dt.col(0).asDiagonal() * dX + in.D * dY;
    rows(d.ddt) = dX.cwiseProduct(in.x).rowwise().sum() + in.A * dg;
    d.dA += in.dt.col(0).dot(dg);
}

}  // namespace

template <class Scalar>
Vector<Scalar> mamba2_step(const Mamba2<Scalar>& in, Index t, Matrix<Scalar>& S) {
    using std::exp;
    const Scalar dt = in.dt(t, 0);
    S *= exp(dt * in.A);
    S.noalias() += (dt * in.B.row(t).transpose()) * in.x.row(t);         // S_t = exp(dt A) S_{t-1} + dt B x^T
    return S.transpose() * in.C.row(t).transpose() + in.D * in.x.row(t).transpose();      // y = S_t^T C + D x
}

template <class Scalar>
Forward<Scalar> mamba2(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state) {
    Matrix<Scalar> S = initial_state, y(in.length(), in.x.cols());
    for (Index t = 0; t < in.length(); ++t) y.row(t) = mamba2_step(in, t, S);
    return {std::move(y), std::move(S)};
}

template <class Scalar>
Forward<Scalar> mamba2_chunk(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                             ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    Matrix<Scalar> S = initial_state, y(in.length(), in.x.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const Mamba2<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Chunk<Scalar> c = chunk_of(chunk);
        if (starts) starts->push_back(S);

        auto Y = y.middleRows(first, chunk.length());
        Y.noalias() = c.decay.from_start.asDiagonal() * (chunk.C * S);
        Y.noalias() += c.CB.cwiseProduct(c.decay.between) * c.X;
        Y += in.D * chunk.x;                                    // Y = Diag(gamma) C S_0 + (CB * L) X + D x
        S *= c.decay.whole();
        S.noalias() += chunk.B.transpose() * (c.decay.to_end.asDiagonal() * c.X);
    }
    return {std::move(y), std::move(S)};
}

template <class Scalar>
Mamba2Gradient<Scalar> mamba2_backward(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state,
                                       const Rows<Scalar>& d_y, const Matrix<Scalar>& d_final_state) {
    using std::exp;
    const auto states = states_of(in.length(), initial_state, [&](Index t, Matrix<Scalar>& S) {
        mamba2_step(in, t, S);
    });
    Mamba2Gradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const Scalar dt = in.dt(t, 0), alpha = exp(dt * in.A);
        const Vector<Scalar> x = in.x.row(t), B = in.B.row(t), dy = d_y.row(t);
        // forward: y = S_t^T C + D x
        d.dC.row(t) = states[static_cast<std::size_t>(t) + 1] * dy;
        dS.noalias() += in.C.row(t).transpose() * dy.transpose();
        d.dD += dy.dot(x);
        // forward: S_t = exp(dt A) S_{t-1} + dt B x^T
        const Vector<Scalar> dS_x = dS * x;
        const Scalar dg = alpha * dS.cwiseProduct(states[static_cast<std::size_t>(t)]).sum();
        d.dB.row(t) = dt * dS_x;
        d.dx.row(t) = dt * (dS.transpose() * B) + in.D * dy;
        d.ddt(t, 0) = B.dot(dS_x) + in.A * dg;
        d.dA += dt * dg;
        dS *= alpha;
    }
    d.d_initial_state = std::move(dS);
    return d;
}

template <class Scalar>
Mamba2Gradient<Scalar> mamba2_chunk_backward(const Mamba2<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                             const Rows<Scalar>& d_y, const Matrix<Scalar>& d_final_state,
                                             Index chunk_length) {
    Mamba2Gradient<Scalar> d = gradient_for(in);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length;
        const Mamba2<Scalar> chunk = in.span(first, std::min(chunk_length, in.length() - first));
        const Matrix<Scalar> dY = d_y.middleRows(first, chunk.length());
        chunk_backward(chunk, starts[i], dY, first, dS, d);
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                  \
    template Vector<Scalar> mamba2_step(const Mamba2<Scalar>&, Index, Matrix<Scalar>&);                       \
    template Forward<Scalar> mamba2(const Mamba2<Scalar>&, const Matrix<Scalar>&);                            \
    template Forward<Scalar> mamba2_chunk(const Mamba2<Scalar>&, const Matrix<Scalar>&, Index,                \
                                          ChunkStarts<Scalar>*);                                              \
    template Mamba2Gradient<Scalar> mamba2_backward(const Mamba2<Scalar>&, const Matrix<Scalar>&,             \
                                                    const Rows<Scalar>&, const Matrix<Scalar>&);              \
    template Mamba2Gradient<Scalar> mamba2_chunk_backward(const Mamba2<Scalar>&, const ChunkStarts<Scalar>&,  \
                                                          const Rows<Scalar>&, const Matrix<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
