// See activation.h. exp and log run on vector registers in Eigen; what remains is a loop the compiler vectorises.
#include "reference/layers/activation.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

/// exp(-|x|), in (0, 1], or exactly 0 far out.
template <class Scalar>
Matrix<Scalar> falling(const Matrix<Scalar>& x) {
    return decay_of<Scalar>(-x.array().abs());
}

/// sigmoid(x), given e = exp(-|x|).
template <class Scalar>
Scalar sigmoid_of(const Scalar& x, const Scalar& e) {
    return (x < Scalar(0) ? e : Scalar(1)) / (Scalar(1) + e);
}

/// f(x, exp(-|x|)) for every number.
template <class Scalar, class Function>
Matrix<Scalar> map(const Matrix<Scalar>& x, const Function& f) {
    Matrix<Scalar> e = falling(x);
    e = x.binaryExpr(e, f);
    return e;
}

}  // namespace

template <class Scalar>
Matrix<Scalar> sigmoid(const Matrix<Scalar>& x) {
    return map(x, [](const Scalar& at, const Scalar& e) { return sigmoid_of(at, e); });
}

template <class Scalar>
Matrix<Scalar> silu(const Matrix<Scalar>& x) {
    return map(x, [](const Scalar& at, const Scalar& e) { return at * sigmoid_of(at, e); });
}

template <class Scalar>
Matrix<Scalar> softplus(const Matrix<Scalar>& x) {
    // max(x, 0) + log(1 + e); what 1 + e rounds off is added again, so that a small e keeps its digits.
    Matrix<Scalar> e = falling(x);
    const auto u = e.array() + Scalar(1);
    e = x.array().max(Scalar(0)) + (u.log() + (e.array() - (u - Scalar(1))));
    return e;
}

template <class Scalar>
Matrix<Scalar> activate(Activation activation, const Matrix<Scalar>& x) {
    return activation == Activation::silu ? silu(x) : sigmoid(x);
}

template <class Scalar>
Matrix<Scalar> sigmoid_backward(const Matrix<Scalar>& y, const Matrix<Scalar>& dy) {
    require_shape("dy", dy, y.rows(), y.cols());
    return dy.array() * y.array() * (Scalar(1) - y.array());
}

template <class Scalar>
Matrix<Scalar> silu_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& dy) {
    require_shape("dy", dy, x.rows(), x.cols());
    Matrix<Scalar> slope = map(x, [](const Scalar& at, const Scalar& e) {
        return sigmoid_of(at, e) * (Scalar(1) + at * sigmoid_of<Scalar>(-at, e));
    });
    slope.array() *= dy.array();
    return slope;
}

template <class Scalar>
Matrix<Scalar> softplus_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& dy) {
    require_shape("dy", dy, x.rows(), x.cols());
    Matrix<Scalar> dx = sigmoid(x);
    dx.array() *= dy.array();
    return dx;
}

template <class Scalar>
Matrix<Scalar> activate_backward(Activation activation, const Matrix<Scalar>& x, const Matrix<Scalar>& dy) {
    return activation == Activation::silu ? silu_backward(x, dy) : sigmoid_backward(sigmoid(x), dy);
}

#define GDN2_DECLARE(Scalar)                                                                                  \
    template Matrix<Scalar> sigmoid(const Matrix<Scalar>&);                                                   \
    template Matrix<Scalar> silu(const Matrix<Scalar>&);                                                      \
    template Matrix<Scalar> softplus(const Matrix<Scalar>&);                                                  \
    template Matrix<Scalar> activate(Activation, const Matrix<Scalar>&);                                      \
    template Matrix<Scalar> sigmoid_backward(const Matrix<Scalar>&, const Matrix<Scalar>&);                   \
    template Matrix<Scalar> silu_backward(const Matrix<Scalar>&, const Matrix<Scalar>&);                      \
    template Matrix<Scalar> softplus_backward(const Matrix<Scalar>&, const Matrix<Scalar>&);                  \
    template Matrix<Scalar> activate_backward(Activation, const Matrix<Scalar>&, const Matrix<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
