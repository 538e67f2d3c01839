// Gated Delta Rule-2, one token at a time: the definition every other path is held to.
//   paper  Section 3.1, Eqs. 8-10          cost  7 length key_dim value_dim per head
//   tests  tests/reference/delta_rule/recurrent_test.cpp
#include "reference/delta_rule/recurrent.h"

#include "reference/core/instantiate.h"
#include "reference/delta_rule/decay.h"

namespace gdn2 {

template <class Scalar>
Token<Scalar> token_of(const Sequence<Scalar>& x, Index t) {
    const auto row = [t](const Rows<Scalar>& rows) {
        return Eigen::Map<const Vector<Scalar>>(rows.data() + t * rows.outerStride(), rows.cols());
    };
    return {row(x.q), row(x.k), row(x.g), row(x.b), row(x.v), row(x.w), t};
}

template <class Scalar>
Vector<Scalar> step(const Token<Scalar>& x, Matrix<Scalar>& S, trace::Recorder* recorder) {
    const Vector<Scalar> e = x.b.cwiseProduct(x.k);                      // Eq. 8   where to look
    const Vector<Scalar> z = x.w.cwiseProduct(x.v);                      // Eq. 8   what to leave there

    const Vector<Scalar> alpha = decay_of<Scalar>(x.g);
    S.noalias() = alpha.asDiagonal() * S;                                // Eq. 9   S' = Diag(alpha) S
    record(recorder, trace::Field::S_decayed, x.t, S);
    const Vector<Scalar> r = S.transpose() * e;                          // Eq. 9   read
    const Vector<Scalar> u = z - r;                                      // Eq. 9   residual
    S.noalias() += x.k * u.transpose();                                  // Eq. 9   write

    record(recorder, trace::Field::alpha, x.t, alpha);
    record(recorder, trace::Field::e, x.t, e);
    record(recorder, trace::Field::z, x.t, z);
    record(recorder, trace::Field::r, x.t, r);
    record(recorder, trace::Field::u, x.t, u);
    record(recorder, trace::Field::S, x.t, S);
    return S.transpose() * x.q;                                          // Eq. 10
}

template <class Scalar>
Forward<Scalar> recurrent(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                          trace::Recorder* recorder) {
    Matrix<Scalar> S = initial_state, o(x.length(), x.value_dim());
    for (Index t = 0; t < x.length(); ++t) {
        o.row(t) = x.scale * step(token_of(x, t), S, recorder).transpose();
        record(recorder, trace::Field::o, t, o.row(t));
    }
    return {std::move(o), std::move(S)};
}

#define GDN2_DECLARE(Scalar)                                                                             \
    template Token<Scalar> token_of(const Sequence<Scalar>&, Index);                                     \
    template Vector<Scalar> step(const Token<Scalar>&, Matrix<Scalar>&, trace::Recorder*);               \
    template Forward<Scalar> recurrent(const Sequence<Scalar>&, const Matrix<Scalar>&, trace::Recorder*);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
