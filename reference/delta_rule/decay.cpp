// See decay.h.
#include "reference/delta_rule/decay.h"

#include <limits>
#include <type_traits>

#include "reference/core/instantiate.h"

namespace gdn2 {
namespace {

constexpr Index block_length = 16;

/// A contiguous range of a chunk's tokens.
struct Span {
    Index first, length;

    Index end() const { return first + length; }
    bool is_block() const { return length <= block_length; }

    /// Where the later half starts: whole blocks in front, so that full chunks split evenly.
    Index middle() const {
        const Index blocks = (length + block_length - 1) / block_length;
        return first + (blocks + 1) / 2 * block_length;
    }
    Span earlier() const { return {first, middle() - first}; }
    Span later() const { return {middle(), end() - middle()}; }
};

template <class Scalar>
struct Inputs {
    const Sequence<Scalar>& x;
    const Matrix<Scalar>& e;

    auto g(Span span) const { return span_of(x, span.first, span.length).g; }
};

/// One pass over the tokens of a block: D holds every earlier key of the block, decayed to now.
template <class Scalar>
void block_products(const Inputs<Scalar>& in, Span span, DecayedProducts<Scalar>& out) {
    const Matrix<Scalar> alpha = decay_of<Scalar>(in.g(span));
    Matrix<Scalar> D(span.length, in.e.cols());
    for (Index i = 0; i < span.length; ++i) {
        const Index r = span.first + i;
        D.topRows(i).array().rowwise() *= alpha.row(i).array();
        out.T.row(r).segment(span.first, i).noalias() = in.e.row(r) * D.topRows(i).transpose();      // Eq. 21
        D.row(i) = in.x.k.row(r);
        out.A_qk.row(r).segment(span.first, i + 1).noalias() =
            in.x.q.row(r) * D.topRows(i + 1).transpose();                                            // Eq. 25
    }
}

template <class Scalar>
void products(const Inputs<Scalar>& in, Span span, DecayedProducts<Scalar>& out) {
    if (span.is_block()) return block_products(in, span, out);
    const Span earlier = span.earlier(), later = span.later();
    products(in, earlier, out);
    products(in, later, out);

    const Matrix<Scalar> since = decay_from_start(in.g(later));
    const Matrix<Scalar> until = decay_to_end(in.g(earlier));
    const Matrix<Scalar> k = until.cwiseProduct(in.x.k.middleRows(earlier.first, earlier.length));
    const Matrix<Scalar> e = since.cwiseProduct(in.e.middleRows(later.first, later.length));
    const Matrix<Scalar> q = since.cwiseProduct(in.x.q.middleRows(later.first, later.length));
    out.T.block(later.first, earlier.first, later.length, earlier.length).noalias() = e * k.transpose();
    out.A_qk.block(later.first, earlier.first, later.length, earlier.length).noalias() = q * k.transpose();
}

/// Every D of block_products, the one that meets token i at [i].
template <class Scalar>
std::vector<Matrix<Scalar>> decayed_keys(const Inputs<Scalar>& in, Span span, const Matrix<Scalar>& alpha) {
    std::vector<Matrix<Scalar>> D(static_cast<std::size_t>(span.length));
    for (Index i = 0; i < span.length; ++i) {
        Matrix<Scalar>& now = D[static_cast<std::size_t>(i)];
        now.resize(i + 1, in.e.cols());
        if (i > 0) now.topRows(i).noalias() = D[static_cast<std::size_t>(i - 1)] * alpha.row(i).asDiagonal();
        now.row(i) = in.x.k.row(span.first + i);
    }
    return D;
}

template <class Scalar>
struct Upstream {
    const Matrix<Scalar>&dT, &dA_qk;
};

template <class Scalar>
void block_products_backward(const Inputs<Scalar>& in, Span span, const Upstream<Scalar>& up,
                             DecayedProductsGradient<Scalar>& out) {
    const Matrix<Scalar> alpha = decay_of<Scalar>(in.g(span));
    const std::vector<Matrix<Scalar>> keys = decayed_keys(in, span, alpha);
    Matrix<Scalar> dD = Matrix<Scalar>::Zero(span.length, in.e.cols());
    for (Index i = span.length - 1; i >= 0; --i) {
        const Index r = span.first + i;
        const Matrix<Scalar>& D = keys[static_cast<std::size_t>(i)];
        const auto dA_qk = up.dA_qk.row(r).segment(span.first, i + 1);
        const auto dT = up.dT.row(r).segment(span.first, i);
        // forward: A_qk_r = D q_r   (Eq. 25), D with k_r in its last row
        out.dq.row(r).noalias() += dA_qk * D;
        dD.topRows(i + 1).noalias() += dA_qk.transpose() * in.x.q.row(r);
        // forward: D_i = k_r
        out.dk.row(r) += dD.row(i);
        // forward: T_r = D e_r   (Eq. 21)
        out.de.row(r).noalias() += dT * D.topRows(i);
        dD.topRows(i).noalias() += dT.transpose() * in.e.row(r);
        // forward: D = D Diag(alpha_r), alpha = exp(g)
        out.dg.row(r) += dD.topRows(i).cwiseProduct(D.topRows(i)).colwise().sum();
        dD.topRows(i).array().rowwise() *= alpha.row(i).array();
    }
}

template <class Scalar>
void products_backward(const Inputs<Scalar>& in, Span span, const Upstream<Scalar>& up,
                       DecayedProductsGradient<Scalar>& out) {
    if (span.is_block()) return block_products_backward(in, span, up, out);
    const Span earlier = span.earlier(), later = span.later();
    products_backward(in, earlier, up, out);
    products_backward(in, later, up, out);

    const Matrix<Scalar> since = decay_from_start(in.g(later));
    const Matrix<Scalar> until = decay_to_end(in.g(earlier));
    const Matrix<Scalar> k = until.cwiseProduct(in.x.k.middleRows(earlier.first, earlier.length));
    const Matrix<Scalar> e = since.cwiseProduct(in.e.middleRows(later.first, later.length));
    const Matrix<Scalar> q = since.cwiseProduct(in.x.q.middleRows(later.first, later.length));
    const auto dT = up.dT.block(later.first, earlier.first, later.length, earlier.length);
    const auto dA_qk = up.dA_qk.block(later.first, earlier.first, later.length, earlier.length);

    // forward: T = e k^T, A_qk = q k^T
    Matrix<Scalar> de = dT * k, dq = dA_qk * k, dk = dT.transpose() * e;
    dk.noalias() += dA_qk.transpose() * q;
    // forward: e = since * e, q = since * q, k = until * k
    Matrix<Scalar> d_log = de.cwiseProduct(e) + dq.cwiseProduct(q);
    out.de.middleRows(later.first, later.length) += since.cwiseProduct(de);
    out.dq.middleRows(later.first, later.length) += since.cwiseProduct(dq);
    out.dk.middleRows(earlier.first, earlier.length) += until.cwiseProduct(dk);
    // forward: since and until = exp of sums of g
    Matrix<Scalar> dg = Matrix<Scalar>::Zero(later.length, d_log.cols());
    decay_from_start_backward(d_log, dg);
    out.dg.middleRows(later.first, later.length) += dg;
    d_log = dk.cwiseProduct(k);
    dg.setZero(earlier.length, d_log.cols());
    decay_to_end_backward(d_log, dg);
    out.dg.middleRows(earlier.first, earlier.length) += dg;
}

}  // namespace

template <class Scalar>
Matrix<Scalar> decay_of(Matrix<Scalar> exponents) {
    if constexpr (std::is_floating_point_v<Scalar>) {
        const Scalar smallest = std::numeric_limits<Scalar>::min();
        exponents = (exponents.array().exp() - smallest).max(Scalar(0));
    } else {
        exponents = exponents.array().exp();
    }
    return exponents;
}

template <class Scalar>
Matrix<Scalar> cumulative(const Rows<Scalar>& g) {
    Matrix<Scalar> G = g;
    for (Index r = 1; r < G.rows(); ++r) G.row(r) += G.row(r - 1);       // Eq. 18
    return G;
}

template <class Scalar>
Matrix<Scalar> decay_from_start(const Rows<Scalar>& g) {
    return decay_of(cumulative(g));
}

template <class Scalar>
Matrix<Scalar> decay_to_end(const Rows<Scalar>& g) {
    Matrix<Scalar> rest(g.rows(), g.cols());
    rest.row(g.rows() - 1).setZero();
    for (Index r = g.rows() - 1; r > 0; --r) rest.row(r - 1) = rest.row(r) + g.row(r);
    return decay_of(std::move(rest));
}

template <class Scalar>
void decay_from_start_backward(const Matrix<Scalar>& d_log, Matrix<Scalar>& dg) {
    Matrix<Scalar> sum = Matrix<Scalar>::Zero(1, dg.cols());
    for (Index i = dg.rows() - 1; i >= 0; --i) dg.row(i) += sum += d_log.row(i);                  // Eq. 82
}

template <class Scalar>
void decay_to_end_backward(const Matrix<Scalar>& d_log, Matrix<Scalar>& dg) {
    Matrix<Scalar> sum = Matrix<Scalar>::Zero(1, dg.cols());
    for (Index i = 1; i < dg.rows(); ++i) dg.row(i) += sum += d_log.row(i - 1);
}

template <class Scalar>
DecayedProducts<Scalar> decayed_products(const Sequence<Scalar>& x, const Matrix<Scalar>& e) {
    const Index length = x.length();
    DecayedProducts<Scalar> out{Matrix<Scalar>::Zero(length, length), Matrix<Scalar>::Zero(length, length)};
    products<Scalar>({x, e}, {0, length}, out);
    return out;
}

template <class Scalar>
DecayedProductsGradient<Scalar> decayed_products_backward(const Sequence<Scalar>& x, const Matrix<Scalar>& e,
                                                          const Matrix<Scalar>& dT,
                                                          const Matrix<Scalar>& dA_qk) {
    const Matrix<Scalar> zero = Matrix<Scalar>::Zero(e.rows(), e.cols());
    DecayedProductsGradient<Scalar> out{zero, zero, zero, zero};
    products_backward<Scalar>({x, e}, {0, x.length()}, {dT, dA_qk}, out);
    return out;
}

#define GDN2_DECLARE(Scalar)                                                                             \
    template Matrix<Scalar> decay_of(Matrix<Scalar>);                                                    \
    template Matrix<Scalar> cumulative(const Rows<Scalar>&);                                             \
    template Matrix<Scalar> decay_from_start(const Rows<Scalar>&);                                       \
    template Matrix<Scalar> decay_to_end(const Rows<Scalar>&);                                           \
    template void decay_from_start_backward(const Matrix<Scalar>&, Matrix<Scalar>&);                     \
    template void decay_to_end_backward(const Matrix<Scalar>&, Matrix<Scalar>&);                         \
    template DecayedProducts<Scalar> decayed_products(const Sequence<Scalar>&, const Matrix<Scalar>&);   \
    template DecayedProductsGradient<Scalar> decayed_products_backward(                                  \
        const Sequence<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
