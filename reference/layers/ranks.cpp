// See ranks.h.
#include "reference/layers/ranks.h"

#include "reference/core/instantiate.h"

namespace gdn2 {
namespace {

/// Calls visit(head, rank, row) for each row of [heads * ranks, dim].
template <class Visit>
void for_each_rank(RankSizes sizes, const Visit& visit) {
    for (Index head = 0; head < sizes.heads; ++head)
        for (Index rank = 0; rank < sizes.ranks; ++rank) visit(head, rank, head * sizes.ranks + rank);
}

/// One head and rank of every token of wide rows: [tokens, dim].
template <class Scalar>
Rows<Scalar> part_of(const Matrix<Scalar>& wide, RankSizes sizes, Index head, Index rank) {
    const Index dim = wide.cols() / sizes.heads;
    return {wide.data() + rank * wide.cols() + head * dim, wide.rows() / sizes.ranks, dim,
            Eigen::OuterStride<>(sizes.ranks * wide.cols())};
}
template <class Scalar>
MutableRows<Scalar> part_of(Matrix<Scalar>& wide, RankSizes sizes, Index head, Index rank) {
    const Index dim = wide.cols() / sizes.heads;
    return {wide.data() + rank * wide.cols() + head * dim, wide.rows() / sizes.ranks, dim,
            Eigen::OuterStride<>(sizes.ranks * wide.cols())};
}

}  // namespace

template <class Scalar>
Matrix<Scalar> biased(const Matrix<Scalar>& x, const Matrix<Scalar>& bias, RankSizes sizes) {
    const Index dim = bias.cols();
    Matrix<Scalar> y(x.rows() * sizes.ranks, sizes.heads * dim);
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        part_of(y, sizes, head, rank) = x.middleCols(rank * dim, dim).rowwise() + bias.row(row);
    });
    return y;
}

template <class Scalar>
Matrix<Scalar> biased_backward(const Matrix<Scalar>& dy, RankSizes sizes, Matrix<Scalar>& d_bias) {
    const Index dim = d_bias.cols();
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(dy.rows() / sizes.ranks, sizes.ranks * dim);
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        // forward: y_rank,head = x_rank + bias_head,rank
        const auto d_part = part_of(dy, sizes, head, rank);
        dx.middleCols(rank * dim, dim) += d_part;
        d_bias.row(row) += d_part.colwise().sum();
    });
    return dx;
}

template <class Scalar>
Matrix<Scalar> widened(const Matrix<Scalar>& x, const Matrix<Scalar>& by, RankSizes sizes) {
    const Index dim = by.cols();
    Matrix<Scalar> y(x.rows() * sizes.ranks, x.cols());
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        part_of(y, sizes, head, rank) = x.middleCols(head * dim, dim) * by.row(row).asDiagonal();
    });
    return y;
}

template <class Scalar>
Matrix<Scalar> widened_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& by, const Matrix<Scalar>& dy,
                                RankSizes sizes, Matrix<Scalar>& d_by) {
    const Index dim = by.cols();
    Matrix<Scalar> dx = Matrix<Scalar>::Zero(x.rows(), x.cols());
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        // forward: y_rank,head = x_head * by_head,rank
        const auto d_part = part_of(dy, sizes, head, rank);
        dx.middleCols(head * dim, dim) += d_part * by.row(row).asDiagonal();
        d_by.row(row) += d_part.cwiseProduct(x.middleCols(head * dim, dim)).colwise().sum();
    });
    return dx;
}

template <class Scalar>
Matrix<Scalar> narrowed(const Matrix<Scalar>& x, const Matrix<Scalar>& by, RankSizes sizes) {
    const Index dim = by.cols();
    Matrix<Scalar> y = Matrix<Scalar>::Zero(x.rows() / sizes.ranks, x.cols());
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        y.middleCols(head * dim, dim) += part_of(x, sizes, head, rank) * by.row(row).asDiagonal();
    });
    return y;
}

template <class Scalar>
Matrix<Scalar> narrowed_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& by, const Matrix<Scalar>& dy,
                                 RankSizes sizes, Matrix<Scalar>& d_by) {
    const Index dim = by.cols();
    Matrix<Scalar> dx(x.rows(), x.cols());
    for_each_rank(sizes, [&](Index head, Index rank, Index row) {
        // forward: y_head += x_rank,head * by_head,rank
        const auto d_head = dy.middleCols(head * dim, dim);
        part_of(dx, sizes, head, rank) = d_head * by.row(row).asDiagonal();
        d_by.row(row) += d_head.cwiseProduct(part_of(x, sizes, head, rank)).colwise().sum();
    });
    return dx;
}

template <class Scalar>
void collect(const std::string& name, Matrix<Scalar>& by, RankSizes sizes, bool weight_decay,
             Parameters<Scalar>& into) {
    into.push_back({name, {sizes.heads, sizes.ranks, by.cols()}, by.data(), weight_decay});
}

#define GDN2_DECLARE(Scalar)                                                                                       \
    template Matrix<Scalar> biased(const Matrix<Scalar>&, const Matrix<Scalar>&, RankSizes);                       \
    template Matrix<Scalar> biased_backward(const Matrix<Scalar>&, RankSizes, Matrix<Scalar>&);                    \
    template Matrix<Scalar> widened(const Matrix<Scalar>&, const Matrix<Scalar>&, RankSizes);                      \
    template Matrix<Scalar> widened_backward(const Matrix<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&,  \
                                             RankSizes, Matrix<Scalar>&);                                          \
    template Matrix<Scalar> narrowed(const Matrix<Scalar>&, const Matrix<Scalar>&, RankSizes);                     \
    template Matrix<Scalar> narrowed_backward(const Matrix<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&, \
                                              RankSizes, Matrix<Scalar>&);                                         \
    template void collect(const std::string&, Matrix<Scalar>&, RankSizes, bool, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
