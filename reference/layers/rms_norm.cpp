// See rms_norm.h.
#include "reference/layers/rms_norm.h"

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

template <class Row>
typename Row::Scalar reciprocal_rms(const Row& x, double epsilon) {
    using std::sqrt;
    using Scalar = typename Row::Scalar;
    const auto dim = static_cast<Scalar>(static_cast<double>(x.size()));
    return Scalar(1) / sqrt(x.squaredNorm() / dim + Scalar(epsilon));
}

}  // namespace

template <class Scalar>
RmsNorm<Scalar> make_rms_norm(Index dim, double epsilon) {
    return {Vector<Scalar>::Ones(dim), epsilon};
}

template <class Scalar>
Matrix<Scalar> forward(const RmsNorm<Scalar>& norm, const Matrix<Scalar>& x) {
    require_heads("x", x, norm.dim());
    Matrix<Scalar> y = x;
    for (auto&& head : heads_of(y, norm.dim()).rowwise())
        head = reciprocal_rms(head, norm.epsilon) * head.cwiseProduct(norm.weight.transpose());
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const RmsNorm<Scalar>& norm, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        RmsNorm<Scalar>& d) {
    require_heads("x", x, norm.dim());
    require_shape("dy", dy, x.rows(), x.cols());
    const auto dim = static_cast<Scalar>(static_cast<double>(norm.dim()));
    Matrix<Scalar> dx = dy;
    const auto x_heads = heads_of(x, norm.dim());
    auto heads = heads_of(dx, norm.dim());
    for (Index i = 0; i < heads.rows(); ++i) {
        const auto x_head = x_heads.row(i);
        auto head = heads.row(i);
        const Scalar r = reciprocal_rms(x_head, norm.epsilon);
        // forward: y = (r x) w
        d.weight += r * head.cwiseProduct(x_head).transpose();
        head.array() *= norm.weight.transpose().array();
        // forward: r x, r = (mean x^2 + epsilon)^(-1/2)
        const Scalar along = r * r * x_head.dot(head) / dim;
        head = r * (head - along * x_head);
    }
    return dx;
}

template <class Scalar>
void collect(const std::string& prefix, RmsNorm<Scalar>& norm, Parameters<Scalar>& into) {
    collect(prefix + "weight", norm.weight, false, into);
}

#define GDN2_DECLARE(Scalar)                                                                  \
    template RmsNorm<Scalar> make_rms_norm(Index, double);                                    \
    template Matrix<Scalar> forward(const RmsNorm<Scalar>&, const Matrix<Scalar>&);           \
    template Matrix<Scalar> backward(const RmsNorm<Scalar>&, const Matrix<Scalar>&,           \
                                     const Matrix<Scalar>&, RmsNorm<Scalar>&);                \
    template void collect(const std::string&, RmsNorm<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
