// The adjoint of recurrent.cpp, token by token in reverse. Above each line stands the forward line it differentiates.
//   paper  Eqs. 8-10          cost  about 20 length key_dim value_dim per head
//   tests  tests/reference/delta_rule/recurrent_backward_test.cpp
#include "reference/delta_rule/recurrent_backward.h"

#include <cmath>

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"
#include "reference/delta_rule/recurrent.h"

namespace gdn2 {
namespace {

/// Differentiates one token. dS comes in as the gradient by S_t and goes out as the gradient by S_{t-1}.
template <class Scalar>
void step_backward(const Token<Scalar>& x, const Matrix<Scalar>& S_before, const Matrix<Scalar>& S,
                   const Vector<Scalar>& d_o, Matrix<Scalar>& dS, Gradient<Scalar>& d, trace::Recorder* recorder) {
    const Vector<Scalar> alpha = decay_of<Scalar>(x.g);
    const Vector<Scalar> e = x.b.cwiseProduct(x.k), z = x.w.cwiseProduct(x.v);
    Matrix<Scalar> S_decayed(S.rows(), S.cols());
    S_decayed.noalias() = alpha.asDiagonal() * S_before;
    const Vector<Scalar> u = z - S_decayed.transpose() * e;

    // forward: o = S^T q   (Eq. 10; the scale is in d_o)
    const Vector<Scalar> dq = S * d_o;
    dS.noalias() += x.q * d_o.transpose();
    record(recorder, trace::Field::dS, x.t, dS);
    // forward: S = S' + k u^T   (Eq. 9)
    Vector<Scalar> dk = dS * u;
    const Vector<Scalar> du = dS.transpose() * x.k;
    // forward: u = z - r   (Eq. 9)
    const Vector<Scalar>& dz = du;
    const Vector<Scalar> dr = -du;
    // forward: r = S'^T e   (Eq. 9)
    const Vector<Scalar> de = S_decayed * dr;
    dS.noalias() += e * dr.transpose();
    record(recorder, trace::Field::du, x.t, du);
    record(recorder, trace::Field::de, x.t, de);
    // forward: S' = Diag(alpha) S_{t-1}, alpha = exp(g)   (Eq. 9)
    d.dg.row(x.t) = dS.cwiseProduct(S_decayed).rowwise().sum();
    dS.noalias() = alpha.asDiagonal() * dS;
    // forward: z = w * v   (Eq. 8)
    d.dw.row(x.t) = dz.cwiseProduct(x.v);
    d.dv.row(x.t) = dz.cwiseProduct(x.w);
    // forward: e = b * k   (Eq. 8)
    d.db.row(x.t) = de.cwiseProduct(x.k);
    dk += de.cwiseProduct(x.b);
    d.dk.row(x.t) = dk;
    d.dq.row(x.t) = dq;
}

/// The states before each token of `span`, and after its last.
template <class Scalar>
std::vector<Matrix<Scalar>> states_of(const Sequence<Scalar>& span, const Matrix<Scalar>& start) {
    std::vector<Matrix<Scalar>> states{start};
    for (Index t = 0; t < span.length(); ++t) {
        states.push_back(states.back());
        step(token_of(span, t), states.back());
    }
    return states;
}

}  // namespace

template <class Scalar>
Gradient<Scalar> recurrent_backward(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                                    const Rows<Scalar>& d_o, const Matrix<Scalar>& d_final_state,
                                    trace::Recorder* recorder) {
    const Index span = std::max<Index>(1, static_cast<Index>(std::sqrt(static_cast<double>(x.length()))));
    std::vector<Matrix<Scalar>> starts;
    Matrix<Scalar> S = initial_state;
    for (Index t = 0; t < x.length(); ++t) {
        if (t % span == 0) starts.push_back(S);
        step(token_of(x, t), S);
    }

    Gradient<Scalar> d = gradient_for(x);
    Matrix<Scalar> dS = d_final_state;
    for (std::size_t i = starts.size(); i-- > 0;) {
        const Index first = static_cast<Index>(i) * span;
        const auto states = states_of(span_of(x, first, std::min(span, x.length() - first)), starts[i]);
        for (std::size_t j = states.size() - 1; j-- > 0;) {
            const Index t = first + static_cast<Index>(j);
            const Vector<Scalar> scaled_d_o = x.scale * d_o.row(t).transpose();
            step_backward(token_of(x, t), states[j], states[j + 1], scaled_d_o, dS, d, recorder);
        }
        starts.pop_back();
    }
    d.d_initial_state = std::move(dS);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                             \
    template Gradient<Scalar> recurrent_backward(const Sequence<Scalar>&, const Matrix<Scalar>&,         \
                                                 const Rows<Scalar>&, const Matrix<Scalar>&,          \
                                                 trace::Recorder*);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
