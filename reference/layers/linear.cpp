// See linear.h.
#include "reference/layers/linear.h"

#include <cmath>
#include <numeric>

#include "reference/core/instantiate.h"
#include "reference/layers/initial.h"
#include "reference/layers/shapes.h"

namespace gdn2 {

template <class Scalar>
Linear<Scalar> make_linear(Index in, Index out, const LinearOptions& options, Random& random) {
    const double fan_in = static_cast<double>(in), both = static_cast<double>(in + out);
    const Index biases = options.bias ? out : 0;
    Linear<Scalar> layer{{}, Vector<Scalar>::Zero(biases)};
    switch (options.init) {
        case LinearInit::xavier_uniform:
            layer.weight = uniform_matrix<Scalar>(out, in, options.scale * std::sqrt(6 / both), random);
            break;
        case LinearInit::normal:
            layer.weight = normal_matrix<Scalar>(out, in, options.scale, random);
            break;
        case LinearInit::torch_default:
            layer.weight = uniform_matrix<Scalar>(out, in, options.scale / std::sqrt(fan_in), random);
            layer.bias = uniform_matrix<Scalar>(biases, 1, options.scale / std::sqrt(fan_in), random);
            break;
    }
    return layer;
}

template <class Scalar>
Linear<Scalar> make_joint_linear(Index in, const std::vector<Index>& outs, const LinearOptions& options,
                                 Random& random) {
    const Index all = std::accumulate(outs.begin(), outs.end(), Index{0}), biases = options.bias ? all : 0;
    Linear<Scalar> joint{Matrix<Scalar>(all, in), Vector<Scalar>(biases)};
    Index first = 0;
    for (const Index out : outs) {
        const Linear<Scalar> part = make_linear<Scalar>(in, out, options, random);
        joint.weight.middleRows(first, out) = part.weight;
        if (options.bias) joint.bias.segment(first, out) = part.bias;
        first += out;
    }
    return joint;
}

template <class Scalar>
Matrix<Scalar> forward(const Linear<Scalar>& layer, const Matrix<Scalar>& x) {
    require_cols("x", x, layer.in());
    Matrix<Scalar> y(x.rows(), layer.out());
    y.noalias() = x * layer.weight.transpose();
    if (layer.bias.size() > 0) y.rowwise() += layer.bias.transpose();
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const Linear<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        Linear<Scalar>& d) {
    require_cols("x", x, layer.in());
    require_shape("dy", dy, x.rows(), layer.out());
    // forward: y += bias
    if (layer.bias.size() > 0) d.bias += dy.colwise().sum().transpose();
    // forward: y = x W^T
    d.weight.noalias() += dy.transpose() * x;
    Matrix<Scalar> dx(x.rows(), x.cols());
    dx.noalias() = dy * layer.weight;
    return dx;
}

template <class Scalar>
void collect(const std::string& prefix, Linear<Scalar>& layer, Parameters<Scalar>& into) {
    collect(prefix + "weight", layer.weight, true, into);
    collect(prefix + "bias", layer.bias, false, into);
}

#define GDN2_DECLARE(Scalar)                                                                   \
    template Linear<Scalar> make_linear(Index, Index, const LinearOptions&, Random&);          \
    template Linear<Scalar> make_joint_linear(Index, const std::vector<Index>&,                \
                                              const LinearOptions&, Random&);                  \
    template Matrix<Scalar> forward(const Linear<Scalar>&, const Matrix<Scalar>&);             \
    template Matrix<Scalar> backward(const Linear<Scalar>&, const Matrix<Scalar>&,             \
                                     const Matrix<Scalar>&, Linear<Scalar>&);                  \
    template void collect(const std::string&, Linear<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
