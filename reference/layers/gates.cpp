// See gates.h. Eqs. 11-12.
#include "reference/layers/gates.h"

#include <algorithm>
#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"
#include "reference/layers/shapes.h"

namespace gdn2 {
namespace {

/// exp(A_log), once per channel: [1, channels].
template <class Scalar>
Matrix<Scalar> rates(const DecayGate<Scalar>& gate) {
    const Index each = gate.channels() / std::max<Index>(gate.heads(), 1);
    const Vector<Scalar> A = gate.A_log.array().exp();
    Matrix<Scalar> rate(1, gate.channels());
    for (Index head = 0; head < gate.heads(); ++head) rate.middleCols(head * each, each).setConstant(A(head));
    return rate;
}

/// forward: rate = exp(A_log), once per channel.
template <class Scalar>
void rates_backward(const Matrix<Scalar>& rate, const Matrix<Scalar>& d_rate, DecayGate<Scalar>& d) {
    const Index each = rate.cols() / std::max<Index>(d.heads(), 1);
    for (Index head = 0; head < d.heads(); ++head)
        d.A_log(head) += rate.middleCols(head * each, each).cwiseProduct(d_rate.middleCols(head * each, each)).sum();
}

template <class Scalar>
Matrix<Scalar> with_bias(const DecayGate<Scalar>& gate, const Matrix<Scalar>& f) {
    require_cols("f", f, gate.channels());
    return f.rowwise() + gate.dt_bias.transpose();
}

/// du and d_rate of g = -rate softplus(u).
template <class Scalar>
Matrix<Scalar> unbounded_backward(const Matrix<Scalar>& rate, const Matrix<Scalar>& u, const Matrix<Scalar>& dg,
                                  Matrix<Scalar>& d_rate) {
    d_rate = -dg.cwiseProduct(softplus(u)).colwise().sum();
    const Matrix<Scalar> d_softplus = -(dg * rate.row(0).asDiagonal());
    return softplus_backward(u, d_softplus);
}

/// du and d_rate of g = lower_bound sigmoid(rate u).
template <class Scalar>
Matrix<Scalar> bounded_backward(const Matrix<Scalar>& rate, const Matrix<Scalar>& u, const Matrix<Scalar>& dg,
                                Scalar lower_bound, Matrix<Scalar>& d_rate) {
    const Matrix<Scalar> s = sigmoid<Scalar>(u * rate.row(0).asDiagonal());
    const Matrix<Scalar> d_inner = sigmoid_backward<Scalar>(s, lower_bound * dg);
    d_rate = d_inner.cwiseProduct(u).colwise().sum();
    return d_inner * rate.row(0).asDiagonal();
}

}  // namespace

template <class Scalar>
Vector<Scalar> make_A_log(Index heads, double low, double high, Random& random) {
    Vector<Scalar> A_log(heads);
    for (Scalar& x : A_log) x = static_cast<Scalar>(std::log(high - (high - low) * random.uniform()));
    return A_log;
}

template <class Scalar>
Vector<Scalar> make_dt_bias(Index channels, Random& random) {
    Vector<Scalar> dt_bias(channels);
    for (Scalar& x : dt_bias) {
        const double dt = std::max(std::exp(random.uniform(std::log(1e-3), std::log(1e-1))), 1e-4);
        x = static_cast<Scalar>(dt + std::log(-std::expm1(-dt)));
    }
    return dt_bias;
}

template <class Scalar>
DecayGate<Scalar> make_decay_gate(Index heads, Index channels, const DecayOptions& options, Random& random) {
    require(heads > 0 && channels % heads == 0, "a decay gate's channels must be a multiple of its heads, got " +
                                                    std::to_string(channels) + " and " + std::to_string(heads));
    require(!options.lower_bound || *options.lower_bound < 0, "a decay gate's lower bound must be below 0");
    DecayGate<Scalar> gate;
    gate.A_log = make_A_log<Scalar>(heads, options.A_low, options.A_high, random);
    gate.dt_bias = make_dt_bias<Scalar>(channels, random);
    gate.lower_bound = options.lower_bound;
    return gate;
}

template <class Scalar>
Matrix<Scalar> forward(const DecayGate<Scalar>& gate, const Matrix<Scalar>& f) {
    const Matrix<Scalar> u = with_bias(gate, f), rate = rates(gate);
    if (gate.lower_bound)
        return static_cast<Scalar>(*gate.lower_bound) * sigmoid<Scalar>(u * rate.row(0).asDiagonal());
    Matrix<Scalar> g = softplus(u);
    g.array().rowwise() *= -rate.row(0).array();
    return g;
}

template <class Scalar>
Matrix<Scalar> backward(const DecayGate<Scalar>& gate, const Matrix<Scalar>& f, const Matrix<Scalar>& dg,
                        DecayGate<Scalar>& d) {
    require_shape("dg", dg, f.rows(), f.cols());
    const Matrix<Scalar> u = with_bias(gate, f), rate = rates(gate);
    Matrix<Scalar> d_rate;
    const Matrix<Scalar> du = gate.lower_bound
                                  ? bounded_backward(rate, u, dg, static_cast<Scalar>(*gate.lower_bound), d_rate)
                                  : unbounded_backward(rate, u, dg, d_rate);
    rates_backward(rate, d_rate, d);
    // forward: u = f + dt_bias
    d.dt_bias += du.colwise().sum().transpose();
    return du;
}

template <class Scalar>
void collect(const std::string& prefix, DecayGate<Scalar>& gate, Parameters<Scalar>& into) {
    collect(prefix + "A_log", gate.A_log, false, into);
    collect(prefix + "dt_bias", gate.dt_bias, false, into);
}

template <class Scalar>
Matrix<Scalar> forward(const EditGate<Scalar>& gate, const Matrix<Scalar>& x) {
    Matrix<Scalar> y = sigmoid(forward(gate.proj, x));
    if (gate.most != 1) y *= static_cast<Scalar>(gate.most);
    return y;
}

template <class Scalar>
Matrix<Scalar> backward(const EditGate<Scalar>& gate, const Matrix<Scalar>& x, const Matrix<Scalar>& y,
                        const Matrix<Scalar>& dy, EditGate<Scalar>& d) {
    require_shape("y", y, x.rows(), gate.proj.out());
    require_shape("dy", dy, x.rows(), gate.proj.out());
    // forward: y = most sigmoid(logits), so that dy/dlogits = y (1 - y / most)
    const Scalar share = Scalar(1) / static_cast<Scalar>(gate.most);
    const Matrix<Scalar> d_logits = dy.array() * y.array() * (Scalar(1) - share * y.array());
    // forward: logits = x W^T
    return backward(gate.proj, x, d_logits, d.proj);
}

template <class Scalar>
void collect(const std::string& prefix, EditGate<Scalar>& gate, Parameters<Scalar>& into) {
    collect(prefix, gate.proj, into);
}

#define GDN2_DECLARE(Scalar)                                                                               \
    template Vector<Scalar> make_A_log(Index, double, double, Random&);                                    \
    template Vector<Scalar> make_dt_bias(Index, Random&);                                                  \
    template DecayGate<Scalar> make_decay_gate(Index, Index, const DecayOptions&, Random&);                \
    template Matrix<Scalar> forward(const DecayGate<Scalar>&, const Matrix<Scalar>&);                      \
    template Matrix<Scalar> backward(const DecayGate<Scalar>&, const Matrix<Scalar>&,                      \
                                     const Matrix<Scalar>&, DecayGate<Scalar>&);                           \
    template void collect(const std::string&, DecayGate<Scalar>&, Parameters<Scalar>&);                    \
    template Matrix<Scalar> forward(const EditGate<Scalar>&, const Matrix<Scalar>&);                       \
    template Matrix<Scalar> backward(const EditGate<Scalar>&, const Matrix<Scalar>&, const Matrix<Scalar>&, \
                                     const Matrix<Scalar>&, EditGate<Scalar>&);                            \
    template void collect(const std::string&, EditGate<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
