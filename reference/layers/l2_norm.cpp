// See l2_norm.h.
#include "reference/layers/l2_norm.h"

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

template <class Row>
typename Row::Scalar reciprocal_length(const Row& x) {
    using std::sqrt;
    using Scalar = typename Row::Scalar;
    return Scalar(1) / sqrt(x.squaredNorm() + Scalar(l2_norm_epsilon));
}

}  // namespace

template <class Scalar>
Matrix<Scalar> l2_norm(const Matrix<Scalar>& x, Index dim) {
    require_heads("x", x, dim);
    Matrix<Scalar> y = x;
    for (auto&& head : heads_of(y, dim).rowwise()) head *= reciprocal_length(head);
    return y;
}

template <class Scalar>
Matrix<Scalar> l2_norm_backward(const Matrix<Scalar>& x, Index dim, const Matrix<Scalar>& dy) {
    require_heads("x", x, dim);
    require_shape("dy", dy, x.rows(), x.cols());
    Matrix<Scalar> dx = dy;
    const auto x_heads = heads_of(x, dim);
    auto d = heads_of(dx, dim);
    for (Index i = 0; i < d.rows(); ++i) {
        // forward: y = r x, r = (sum x^2 + epsilon)^(-1/2)
        const Scalar r = reciprocal_length(x_heads.row(i));
        const Scalar along = r * r * x_heads.row(i).dot(d.row(i));
        d.row(i) = r * (d.row(i) - along * x_heads.row(i));
    }
    return dx;
}

#define GDN2_DECLARE(Scalar)                                      \
    template Matrix<Scalar> l2_norm(const Matrix<Scalar>&, Index); \
    template Matrix<Scalar> l2_norm_backward(const Matrix<Scalar>&, Index, const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
