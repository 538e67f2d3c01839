// See mamba3_single_write.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/mamba3_single_write.h"

#include "reference/baselines/mamba3_rotation.h"
#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

/// Every token's numbers, [length] each.
template <class Scalar>
struct Weights {
    Vector<Scalar> alpha, now, carry;  ///< exp(Delta A), lambda Delta, what the next token writes of this one

    Vector<Scalar> c() const { return now + carry; }
};

/// (1 - lambda_t) Delta_t: what token t writes of the token before it, but for alpha.
template <class Scalar>
Vector<Scalar> shares_before(const Mamba3<Scalar>& in) {
    return (Scalar(1) - in.lambda.col(0).array()) * in.Delta.col(0).array();
}

template <class Scalar>
Weights<Scalar> weights_of(const Mamba3<Scalar>& in) {
    const Matrix<Scalar> g = in.Delta.cwiseProduct(in.A);
    Weights<Scalar> w{exp_of(g).col(0), in.lambda.col(0).cwiseProduct(in.Delta.col(0)),
                      Vector<Scalar>::Zero(in.length())};
    const Index last = in.length() - 1;
    if (last > 0) w.carry.head(last) = shares_before(in).tail(last);
    return w;
}

/// H before the first token: S and the pair that its token still carries.
template <class Scalar>
Matrix<Scalar> start_of(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& state) {
    if (in.length() == 0) return state.S;
    return state.S + shares_before(in)[0] * (state.k.transpose() * state.x);
}

/// The state after the last token, where H = S.
template <class Scalar>
Mamba3State<Scalar> end_of(const Mamba3<Scalar>& in, const Rotation<Scalar>& by, Matrix<Scalar> H,
                           const Mamba3State<Scalar>& before) {
    if (in.length() == 0) return before;
    const Index last = in.length() - 1;
    const auto ranks = [&](const Matrix<Scalar>& row) {
        return Matrix<Scalar>(Eigen::Map<const Matrix<Scalar>>(row.data(), in.rank, row.cols() / in.rank));
    };
    return {std::move(H), ranks(by.k.row(last)), ranks(in.x.row(last)), by.theta.row(last)};
}

/// Each number as a block of rows x cols times itself, and the adjoint: each block's sum.
template <class Scalar>
Matrix<Scalar> spread(const Matrix<Scalar>& numbers, Index rows, Index cols) {
    Matrix<Scalar> blocks(numbers.rows() * rows, numbers.cols() * cols);
    for (Index i = 0; i < numbers.rows(); ++i)
        for (Index j = 0; j < numbers.cols(); ++j)
            blocks.block(i * rows, j * cols, rows, cols).setConstant(numbers(i, j));
    return blocks;
}
template <class Scalar>
Matrix<Scalar> block_sums(const Matrix<Scalar>& blocks, Index rows, Index cols) {
    Matrix<Scalar> sums(blocks.rows() / rows, blocks.cols() / cols);
    for (Index i = 0; i < sums.rows(); ++i)
        for (Index j = 0; j < sums.cols(); ++j) sums(i, j) = blocks.block(i * rows, j * cols, rows, cols).sum();
    return sums;
}

/// A chunk of C tokens. Rows of K, Q, X are (token, rank).
template <class Scalar>
struct Chunk {
    ChunkDecay<Scalar> decay;
    Vector<Scalar> c;        ///< [C]
    Matrix<Scalar> K, Q, X;  ///< [C rank, dim]
    Matrix<Scalar> gamma;    ///< [C rank, 1]
    Matrix<Scalar> tail;     ///< [C rank, 1]       to_end * c
    Matrix<Scalar> W, QK;    ///< [C rank, C rank]
};

template <class Scalar>
Chunk<Scalar> chunk_of(const Mamba3<Scalar>& in, const Rotation<Scalar>& by, const Weights<Scalar>& w, Index first,
                       Index n) {
    const auto rows = [&](const Matrix<Scalar>& span) {
        return Matrix<Scalar>(
            Eigen::Map<const Matrix<Scalar>>(span.data(), n * in.rank, span.cols() / in.rank));
    };
    Chunk<Scalar> c{chunk_decay<Scalar>(w.alpha.segment(first, n)), w.c().segment(first, n),
                    rows(by.k.middleRows(first, n)), rows(by.q.middleRows(first, n)), rows(in.x.middleRows(first, n)),
                    {}, {}, {}, {}};
    c.gamma = spread<Scalar>(c.decay.from_start, in.rank, 1);
    c.tail = spread<Scalar>(c.decay.to_end.cwiseProduct(c.c), in.rank, 1);
    Matrix<Scalar> W = c.decay.between * c.c.asDiagonal();
    W.diagonal() = w.now.segment(first, n);
    c.W = spread(W, in.rank, in.rank);
    c.QK.noalias() = c.Q * c.K.transpose();
    return c;
}

/// Gradients of a whole sequence that chunks fill in, with tokens' keys and queries still turned.
template <class Scalar>
struct Parts {
    Matrix<Scalar> dk, dq, dx;   ///< as Rotation's and in.x
    Vector<Scalar> dg, dnow, dc; ///< [length]
    Scalar dD = Scalar(0);
};

/// Differentiates one chunk, whose tokens start at `first`. dH comes in as the gradient by H_C and goes out as the
/// gradient by H_0.
template <class Scalar>
void chunk_backward(const Mamba3<Scalar>& in, const Chunk<Scalar>& c, const Matrix<Scalar>& H_0,
                    const Matrix<Scalar>& dY, Index first, Matrix<Scalar>& dH, Parts<Scalar>& d) {
    const Index n = c.c.size(), rank = in.rank;
    const auto row_sums = [&](const Matrix<Scalar>& products) {
        return Vector<Scalar>(block_sums<Scalar>(products, rank, products.cols()));
    };
    // forward: H_C = gamma_C H_0 + (Diag(tail) K)^T X
    const Matrix<Scalar> dK_tail = c.X * dH.transpose();
    Matrix<Scalar> dK = c.tail.col(0).asDiagonal() * dK_tail, dX = c.tail.col(0).asDiagonal() * (c.K * dH);
    const Vector<Scalar> d_tail = row_sums(c.K.cwiseProduct(dK_tail));
    const Scalar d_whole = dH.cwiseProduct(H_0).sum();
    dH *= c.decay.whole();
    // forward: Y = Diag(gamma) Q H_0 + (QK * W) X + D X
    const Matrix<Scalar> d_QH = c.gamma.col(0).asDiagonal() * dY;
    Matrix<Scalar> dQ = d_QH * H_0.transpose();
    dH.noalias() += c.Q.transpose() * d_QH;
    dX.noalias() += c.QK.cwiseProduct(c.W).transpose() * dY;
    dX += in.D * dY;
    d.dD += dY.cwiseProduct(c.X).sum();
    const Matrix<Scalar> d_read = dY * c.X.transpose(), dQK = d_read.cwiseProduct(c.W);
    // forward: QK = Q K^T
    dQ.noalias() += dQK * c.K;
    dK.noalias() += dQK.transpose() * c.Q;
    // forward: W_ts = L_ts c_s for s < t, W_tt = now_t, tail = to_end * c
    const Matrix<Scalar> dW = block_sums<Scalar>(d_read.cwiseProduct(c.QK), rank, rank);
    const Matrix<Scalar> d_earlier = dW.template triangularView<Eigen::StrictlyLower>();
    d.dnow.segment(first, n) = dW.diagonal();
    d.dc.segment(first, n) = d_earlier.cwiseProduct(c.decay.between).colwise().sum().transpose() +
                             d_tail.cwiseProduct(c.decay.to_end);
    ChunkDecay<Scalar> d_decay{row_sums(dY.cwiseProduct(c.Q * H_0)), d_tail.cwiseProduct(c.c),
                               d_earlier * c.c.asDiagonal()};
    d_decay.from_start[n - 1] += d_whole;
    d.dg.segment(first, n) = chunk_decay_backward(c.decay, d_decay);
    // forward: rows (t, r) of K, Q, X
    const auto tokens = [&](const Matrix<Scalar>& rows) {
        return Eigen::Map<const Matrix<Scalar>>(rows.data(), n, rank * rows.cols());
    };
    d.dk.middleRows(first, n) = tokens(dK);
    d.dq.middleRows(first, n) = tokens(dQ);
    d.dx.middleRows(first, n) = tokens(dX);
}

/// Adjoint of start_of: d.S holds dH and stays dS; adds to d.k and d.x, which held nothing, and returns the gradient by
/// the first token's share.
template <class Scalar>
Scalar start_backward(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& state, Mamba3State<Scalar>& d) {
    const Scalar share = shares_before(in)[0];
    const Matrix<Scalar> dH_x = state.x * d.S.transpose();
    d.k = share * dH_x;
    d.x = share * (state.k * d.S);
    return dH_x.cwiseProduct(state.k).sum();
}

/// Adjoint of weights_of, given also the gradient by the share of the token before the first.
template <class Scalar>
void weights_backward(const Mamba3<Scalar>& in, const Parts<Scalar>& parts, const Scalar& d_first_share,
                      Mamba3Gradient<Scalar>& d) {
    const Index length = in.length();
    const auto Delta = in.Delta.col(0), lambda = in.lambda.col(0), A = in.A.col(0);
    // forward: c = now + carry, carry_t = share_{t+1}
    const Vector<Scalar> d_now = parts.dnow + parts.dc;
    Vector<Scalar> d_share(length);
    d_share[0] = d_first_share;
    d_share.tail(length - 1) = parts.dc.head(length - 1);
    // forward: share = (1 - lambda) Delta, now = lambda Delta, alpha = exp(Delta A)
    d.dlambda = Delta.cwiseProduct(d_now - d_share);
    d.dDelta = lambda.cwiseProduct(d_now - d_share) + d_share + A.cwiseProduct(parts.dg);
    d.dA = Delta.cwiseProduct(parts.dg);
}

}  // namespace

template <class Scalar>
Mamba3Forward<Scalar> mamba3_single_write(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state) {
    const Rotation<Scalar> by = rotation_of(in, initial_state.theta);
    const Weights<Scalar> w = weights_of(in);
    Matrix<Scalar> H = start_of(in, initial_state), y(in.length(), in.x.cols());
    for (Index t = 0; t < in.length(); ++t) {
        const Eigen::Map<const Matrix<Scalar>> k(by.k.row(t).data(), in.rank, in.state_dim());
        const Eigen::Map<const Matrix<Scalar>> q(by.q.row(t).data(), in.rank, in.state_dim());
        const Eigen::Map<const Matrix<Scalar>> x(in.x.row(t).data(), in.rank, in.value_dim());
        H *= w.alpha[t];
        H.noalias() += (w.now[t] + w.carry[t]) * (k.transpose() * x);    // H_t = alpha H_{t-1} + c k x^T
        Matrix<Scalar> y_t = q * H + in.D * x;
        y_t.noalias() -= w.carry[t] * (q * k.transpose()) * x;           // y = H_t^T q - carry (q . k) x + D x
        y.row(t) = Eigen::Map<const Vector<Scalar>>(y_t.data(), y_t.size());
    }
    return {std::move(y), end_of(in, by, std::move(H), initial_state)};
}

template <class Scalar>
Mamba3Forward<Scalar> mamba3_chunk(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                   Index chunk_length, ChunkStarts<Scalar>* starts) {
    require_chunk_length(chunk_length);
    const Rotation<Scalar> by = rotation_of(in, initial_state.theta);
    const Weights<Scalar> w = weights_of(in);
    Matrix<Scalar> H = start_of(in, initial_state), y(in.length(), in.x.cols());
    for (Index first = 0; first < in.length(); first += chunk_length) {
        const Index n = std::min(chunk_length, in.length() - first);
        const Chunk<Scalar> c = chunk_of(in, by, w, first, n);
        if (starts) starts->push_back(H);

        Matrix<Scalar> Y = c.gamma.col(0).asDiagonal() * (c.Q * H);
        Y.noalias() += c.QK.cwiseProduct(c.W) * c.X;
        Y += in.D * c.X;                                        // Y = Diag(gamma) Q H_0 + (QK * W) X + D X
        y.middleRows(first, n) = Eigen::Map<const Matrix<Scalar>>(Y.data(), n, y.cols());
        H *= c.decay.whole();
        H.noalias() += c.K.transpose() * (c.tail.col(0).asDiagonal() * c.X);
    }
    return {std::move(y), end_of(in, by, std::move(H), initial_state)};
}

template <class Scalar>
Mamba3Gradient<Scalar> mamba3_chunk_backward(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                             const ChunkStarts<Scalar>& starts, const Rows<Scalar>& d_y,
                                             const Mamba3State<Scalar>& d_final_state, Index chunk_length) {
    const Index length = in.length(), last = length - 1;
    const Rotation<Scalar> by = rotation_of(in, initial_state.theta);
    const Weights<Scalar> w = weights_of(in);
    const Matrix<Scalar> keys(length, in.B.cols());
    const Vector<Scalar> numbers(length);
    Parts<Scalar> parts{keys, keys, Matrix<Scalar>(length, in.x.cols()), numbers, numbers, numbers};
    Mamba3Gradient<Scalar> d{{}, {}, {}, Matrix<Scalar>(length, 1), numbers, numbers, {}, Scalar(0), d_final_state};
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * chunk_length, n = std::min(chunk_length, length - first);
        const Matrix<Scalar> span = d_y.middleRows(first, n);
        const Matrix<Scalar> dY = Eigen::Map<const Matrix<Scalar>>(span.data(), n * in.rank, in.value_dim());
        chunk_backward<Scalar>(in, chunk_of(in, by, w, first, n), starts[i], dY, first, d.d_initial_state.S, parts);
    }
    if (length > 0) {
        // forward: the final state keeps the last k and x
        parts.dk.row(last) += Eigen::Map<const Vector<Scalar>>(d_final_state.k.data(), keys.cols()).transpose();
        parts.dx.row(last) += Eigen::Map<const Vector<Scalar>>(d_final_state.x.data(), in.x.cols()).transpose();
        weights_backward(in, parts, start_backward(in, initial_state, d.d_initial_state), d);
    }
    d.dx = std::move(parts.dx);
    d.dD = parts.dD;
    rotation_backward(in, by, parts.dk, parts.dq, d.d_initial_state.theta, d);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                        \
    template Mamba3Forward<Scalar> mamba3_single_write(const Mamba3<Scalar>&, const Mamba3State<Scalar>&);          \
    template Mamba3Forward<Scalar> mamba3_chunk(const Mamba3<Scalar>&, const Mamba3State<Scalar>&, Index,           \
                                                ChunkStarts<Scalar>*);                                              \
    template Mamba3Gradient<Scalar> mamba3_chunk_backward(const Mamba3<Scalar>&, const Mamba3State<Scalar>&,        \
                                                          const ChunkStarts<Scalar>&, const Rows<Scalar>&,          \
                                                          const Mamba3State<Scalar>&, Index);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
