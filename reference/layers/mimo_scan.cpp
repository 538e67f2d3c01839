// See mimo_scan.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/layers/mimo_scan.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/layers/per_head.h"

namespace gdn2 {
namespace {

ScanSizes scan_sizes(const MimoSizes& sizes) { return {sizes.heads, sizes.heads, sizes.key_dim, sizes.value_dim}; }
Batch scan_batch(const MimoSizes& sizes, Batch batch) { return {batch.batch, batch.length * sizes.ranks}; }

/// Every row `ranks` times.
template <class Scalar>
Matrix<Scalar> each_rank(const Matrix<Scalar>& x, Index ranks) {
    Matrix<Scalar> y(x.rows() * ranks, x.cols());
    for (Index row = 0; row < y.rows(); ++row) y.row(row) = x.row(row / ranks);
    return y;
}

/// dx of y = each_rank(x).
template <class Scalar>
Matrix<Scalar> each_rank_backward(const Matrix<Scalar>& dy, Index ranks) {
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(dy.rows() / ranks, dy.cols());
    for (Index row = 0; row < dy.rows(); ++row) dx.row(row / ranks) += dy.row(row);
    return dx;
}

/// Each token's rows, of which it has x.rows() / tokens, from the token before; zeros for a sequence's first.
template <class Scalar>
Matrix<Scalar> token_before(const Matrix<Scalar>& x, Batch batch) {
    Matrix<Scalar> y = Matrix<Scalar>::Zero(x.rows(), x.cols());
    if (batch.tokens() == 0) return y;
    const Index each = x.rows() / batch.tokens(), moved = (batch.length - 1) * each;
    for (Index first = 0; first < x.rows(); first += batch.length * each)
        y.middleRows(first + each, moved) = x.middleRows(first, moved);
    return y;
}

/// dx of y = token_before(x).
template <class Scalar>
Matrix<Scalar> token_before_backward(const Matrix<Scalar>& dy, Batch batch) {
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(dy.rows(), dy.cols());
    if (batch.tokens() == 0) return dx;
    const Index each = dy.rows() / batch.tokens(), moved = (batch.length - 1) * each;
    for (Index first = 0; first < dy.rows(); first += batch.length * each)
        dx.middleRows(first, moved) = dy.middleRows(first + each, moved);
    return dx;
}

template <class Scalar>
void require_input(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch) {
    require_batch("q", x.q, scan_batch(sizes, batch));
    require_shape("k", x.k, x.q.rows(), sizes.heads * sizes.key_dim);
    require_shape("v", x.v, x.q.rows(), sizes.heads * sizes.value_dim);
    for (const auto* m : {&x.g, &x.now, &x.share}) require_shape("g, now, share", *m, batch.tokens(), sizes.heads);
}

/// What both writes of the token before amount to, in every rank.
template <class Scalar>
Matrix<Scalar> whole_write(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch) {
    return each_rank<Scalar>(token_before(x.now, batch) + x.share, sizes.ranks);
}

/// The scan that is a token late, with each pair in a row of its own.
template <class Scalar>
ScanInput<Scalar> late_input(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch) {
    ScanInput<Scalar> late;
    late.q = scale_heads(x.q, each_rank(decay_of<Scalar>(x.g), sizes.ranks));
    late.k = token_before(x.k, batch);
    late.z = scale_heads(token_before(x.v, batch), whole_write(x, sizes, batch));
    late.g = Matrix<Scalar>::Zero(x.q.rows(), sizes.heads);
    const Matrix<Scalar> g_before = token_before(x.g, batch);
    for (Index token = 0; token < x.g.rows(); ++token) late.g.row(token * sizes.ranks) = g_before.row(token);
    late.g_of_heads = true;
    return late;
}

/// What a token's queries meet at once: its own pairs.
template <class Scalar>
ScanInput<Scalar> own_input(const MimoInput<Scalar>& x, const MimoSizes& sizes) {
    ScanInput<Scalar> own;
    own.q = x.q;
    own.k = x.k;
    own.z = scale_heads(x.v, each_rank(x.now, sizes.ranks));
    return own;
}

/// The pairs s of a token that its query r meets.
enum class Meets { all, later };

/// Sets what is not met to 0.
template <class Scalar>
void keep_met(Meets meets, Matrix<Scalar>& M) {
    if (meets == Meets::later) M.template triangularView<Eigen::Lower>().setZero();
}

/// The rows of one head of one token.
template <class Scalar>
Rows<Scalar> part_of(const Matrix<Scalar>& m, const MimoSizes& sizes, Index token, Index head) {
    const Index dim = m.cols() / sizes.heads;
    return {m.data() + token * sizes.ranks * m.cols() + head * dim, sizes.ranks, dim, Eigen::OuterStride<>(m.cols())};
}
template <class Scalar>
MutableRows<Scalar> part_of(Matrix<Scalar>& m, const MimoSizes& sizes, Index token, Index head) {
    const Index dim = m.cols() / sizes.heads;
    return {m.data() + token * sizes.ranks * m.cols() + head * dim, sizes.ranks, dim, Eigen::OuterStride<>(m.cols())};
}

/// y_r += sum of (q_r . k_s) z_s over the pairs s that query r meets, in every token and head.
template <class Scalar>
void meet(Meets meets, const ScanInput<Scalar>& x, const MimoSizes& sizes, Matrix<Scalar>& y) {
    if (meets == Meets::later && sizes.ranks == 1) return;
    Matrix<Scalar> M(sizes.ranks, sizes.ranks);
    for (Index token = 0; token < y.rows() / sizes.ranks; ++token)
        for (Index head = 0; head < sizes.heads; ++head) {
            const auto q = part_of(x.q, sizes, token, head), k = part_of(x.k, sizes, token, head);
            M = q.lazyProduct(k.transpose());
            keep_met(meets, M);
            part_of(y, sizes, token, head) += M.lazyProduct(part_of(x.z, sizes, token, head));
        }
}

/// Adds to d, given dy.
template <class Scalar>
void meet_backward(Meets meets, const ScanInput<Scalar>& x, const MimoSizes& sizes, const Matrix<Scalar>& d_y,
                   ScanGradient<Scalar>& d) {
    if (meets == Meets::later && sizes.ranks == 1) return;
    Matrix<Scalar> M(sizes.ranks, sizes.ranks), dM = M;
    for (Index token = 0; token < d_y.rows() / sizes.ranks; ++token)
        for (Index head = 0; head < sizes.heads; ++head) {
            const auto q = part_of(x.q, sizes, token, head), k = part_of(x.k, sizes, token, head);
            const auto z = part_of(x.z, sizes, token, head), dy = part_of(d_y, sizes, token, head);
            M = q.lazyProduct(k.transpose());
            keep_met(meets, M);
            // forward: y += M z
            part_of(d.dz, sizes, token, head) += M.transpose().lazyProduct(dy);
            dM = dy.lazyProduct(z.transpose());
            // forward: M = q k^T where met
            keep_met(meets, dM);
            part_of(d.dq, sizes, token, head) += dM.lazyProduct(k);
            part_of(d.dk, sizes, token, head) += dM.transpose().lazyProduct(q);
        }
}

/// Adds what comes through late_input.
template <class Scalar>
void late_backward(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch, const ScanInput<Scalar>& late,
                   const ScanGradient<Scalar>& d_late, MimoGradient<Scalar>& d) {
    const Index ranks = sizes.ranks;
    // forward: g of the first rank is token_before(g)
    Matrix<Scalar> dg_before(x.g.rows(), sizes.heads);
    for (Index token = 0; token < x.g.rows(); ++token) dg_before.row(token) = d_late.dg.row(token * ranks);
    d.dg = token_before_backward(dg_before, batch);
    // forward: z = (token_before(now) + share) token_before(v), in every rank
    const Matrix<Scalar> d_whole =
        each_rank_backward(head_dots(d_late.dz, token_before(x.v, batch), sizes.heads), ranks);
    d.d_share = d_whole;
    d.d_now += token_before_backward(d_whole, batch);
    d.dv += token_before_backward(scale_heads(d_late.dz, whole_write(x, sizes, batch)), batch);
    // forward: k = token_before(k)
    d.dk += token_before_backward(d_late.dk, batch);
    // forward: q = alpha q, in every rank, of which dg = alpha dalpha
    d.dq += scale_heads(d_late.dq, each_rank(decay_of<Scalar>(x.g), ranks));
    d.dg += each_rank_backward(head_dots(d_late.dq, late.q, sizes.heads), ranks);
}

}  // namespace

template <class Scalar>
Matrix<Scalar> mimo_scan(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch, ScanKept<Scalar>* kept) {
    require_input(x, sizes, batch);
    const ScanInput<Scalar> late = late_input(x, sizes, batch);
    Matrix<Scalar> y = memory_scan(late, scan_sizes(sizes), scan_batch(sizes, batch), kept);
    meet(Meets::later, late, sizes, y);
    meet(Meets::all, own_input(x, sizes), sizes, y);
    return y;
}

template <class Scalar>
MimoGradient<Scalar> mimo_scan_backward(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch,
                                        const ScanKept<Scalar>& kept, const Matrix<Scalar>& dy) {
    require_input(x, sizes, batch);
    // forward: meet(all, own_input, y)
    const Matrix<Scalar> no_keys = Matrix<Scalar>::Zero(x.k.rows(), x.k.cols());
    ScanGradient<Scalar> d_own{no_keys, no_keys, {}, Matrix<Scalar>::Zero(x.v.rows(), x.v.cols()), {}};
    meet_backward(Meets::all, own_input(x, sizes), sizes, dy, d_own);
    // forward: own z = now v, in every rank
    MimoGradient<Scalar> d;
    d.dq = std::move(d_own.dq);
    d.dk = std::move(d_own.dk);
    d.dv = scale_heads(d_own.dz, each_rank(x.now, sizes.ranks));
    d.d_now = each_rank_backward(head_dots(d_own.dz, x.v, sizes.heads), sizes.ranks);
    // forward: y = memory_scan(late_input), meet(later, late_input, y)
    const ScanInput<Scalar> late = late_input(x, sizes, batch);
    ScanGradient<Scalar> d_late =
        memory_scan_backward(late, scan_sizes(sizes), scan_batch(sizes, batch), kept, dy);
    meet_backward(Meets::later, late, sizes, dy, d_late);
    late_backward(x, sizes, batch, late, d_late, d);
    return d;
}

template <class Scalar>
Matrix<Scalar> mimo_step(const MimoInput<Scalar>& x, const LastPairs<Scalar>& last, const MimoSizes& sizes,
                         std::vector<Scalar>& S) {
    require_input(x, sizes, {1, 1});
    require_shape("last.k", last.k, sizes.ranks, sizes.heads * sizes.key_dim);
    require_shape("last.v", last.v, sizes.ranks, sizes.heads * sizes.value_dim);
    const Matrix<Scalar> alpha = decay_of<Scalar>(x.g);
    Matrix<Scalar> y(x.v.rows(), x.v.cols());
    for (Index head = 0; head < sizes.heads; ++head) {
        const auto k = part_of(x.k, sizes, 0, head), v = part_of(x.v, sizes, 0, head);
        const auto last_k = part_of(last.k, sizes, 0, head), last_v = part_of(last.v, sizes, 0, head);
        Eigen::Map<Matrix<Scalar>> S_head(S.data() + head * sizes.key_dim * sizes.value_dim, sizes.key_dim,
                                          sizes.value_dim);
        S_head.noalias() += x.share(0, head) * (last_k.transpose() * last_v);
        S_head *= alpha(0, head);
        S_head.noalias() += x.now(0, head) * (k.transpose() * v);
        part_of(y, sizes, 0, head).noalias() = part_of(x.q, sizes, 0, head) * S_head;
    }
    return y;
}

#define GDN2_DECLARE(Scalar)                                                                                       \
    template Matrix<Scalar> mimo_scan(const MimoInput<Scalar>&, const MimoSizes&, Batch, ScanKept<Scalar>*);       \
    template MimoGradient<Scalar> mimo_scan_backward(const MimoInput<Scalar>&, const MimoSizes&, Batch,            \
                                                     const ScanKept<Scalar>&, const Matrix<Scalar>&);              \
    template Matrix<Scalar> mimo_step(const MimoInput<Scalar>&, const LastPairs<Scalar>&, const MimoSizes&,        \
                                      std::vector<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
