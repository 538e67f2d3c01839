// See gated_rms_norm.h.
#include "reference/layers/gated_rms_norm.h"

#include "reference/core/instantiate.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

template <class Scalar>
GatedGradient<Scalar> norm_first_backward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x,
                                          const Matrix<Scalar>& gate, const Matrix<Scalar>& dy,
                                          GatedRmsNorm<Scalar>& d) {
    GatedGradient<Scalar> out;
    // forward: y = RMSNorm(x) * act(gate)
    const Matrix<Scalar> d_activated = dy.cwiseProduct(forward(layer.norm, x));
    out.d_gate = activate_backward(layer.activation, gate, d_activated);
    const Matrix<Scalar> d_normed = dy.cwiseProduct(activate(layer.activation, gate));
    out.dx = backward(layer.norm, x, d_normed, d.norm);
    return out;
}

template <class Scalar>
GatedGradient<Scalar> gate_first_backward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x,
                                          const Matrix<Scalar>& gate, const Matrix<Scalar>& dy,
                                          GatedRmsNorm<Scalar>& d) {
    const Matrix<Scalar> activated = activate(layer.activation, gate);
    const Matrix<Scalar> gated = x.cwiseProduct(activated);
    // forward: y = RMSNorm(gated)
    const Matrix<Scalar> d_gated = backward(layer.norm, gated, dy, d.norm);
    // forward: gated = x * act(gate)
    const Matrix<Scalar> d_activated = d_gated.cwiseProduct(x);
    return {d_gated.cwiseProduct(activated), activate_backward(layer.activation, gate, d_activated)};
}

}  // namespace

template <class Scalar>
Matrix<Scalar> forward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& gate) {
    require_shape("gate", gate, x.rows(), x.cols());
    Matrix<Scalar> y = activate(layer.activation, gate);
    if (layer.norm_before_gate) {
        y.array() *= forward(layer.norm, x).array();
        return y;
    }
    y.array() *= x.array();
    return forward(layer.norm, y);
}

template <class Scalar>
GatedGradient<Scalar> backward(const GatedRmsNorm<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& gate,
                               const Matrix<Scalar>& dy, GatedRmsNorm<Scalar>& d) {
    require_shape("gate", gate, x.rows(), x.cols());
    require_shape("dy", dy, x.rows(), x.cols());
    return layer.norm_before_gate ? norm_first_backward(layer, x, gate, dy, d)
                                  : gate_first_backward(layer, x, gate, dy, d);
}

template <class Scalar>
void collect(const std::string& prefix, GatedRmsNorm<Scalar>& layer, Parameters<Scalar>& into) {
    collect(prefix, layer.norm, into);
}

#define GDN2_DECLARE(Scalar)                                                                                    \
    template Matrix<Scalar> forward(const GatedRmsNorm<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&); \
    template GatedGradient<Scalar> backward(const GatedRmsNorm<Scalar>&, const Matrix<Scalar>&,                 \
                                            const Matrix<Scalar>&, const Matrix<Scalar>&,                       \
                                            GatedRmsNorm<Scalar>&);                                             \
    template void collect(const std::string&, GatedRmsNorm<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
