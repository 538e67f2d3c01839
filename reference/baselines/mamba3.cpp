// See mamba3.h. In an adjoint, above each line stands the forward line it differentiates.
#include "reference/baselines/mamba3.h"

#include "reference/baselines/mamba3_rotation.h"
#include "reference/core/instantiate.h"

namespace gdn2::baselines {
namespace {

/// Row t of [length, rank * dim] as [rank, dim].
template <class Scalar, class Matrices>
Eigen::Map<const Matrix<Scalar>> ranks_of(const Matrices& rows, Index t, Index rank) {
    return {rows.data() + t * rows.outerStride(), rank, rows.cols() / rank};
}

template <class Scalar>
Eigen::Map<Matrix<Scalar>> ranks_of(Matrix<Scalar>& rows, Index t, Index rank) {
    return {rows.data() + t * rows.outerStride(), rank, rows.cols() / rank};
}

/// The numbers of token t that weigh its two writes.
template <class Scalar>
struct Weights {
    Scalar alpha, earlier, now;  ///< decay; of the last token's pairs; of this token's

    Weights(const Mamba3<Scalar>& in, Index t) {
        using std::exp;
        alpha = exp(in.Delta(t, 0) * in.A(t, 0));
        earlier = (Scalar(1) - in.lambda(t, 0)) * in.Delta(t, 0) * alpha;
        now = in.lambda(t, 0) * in.Delta(t, 0);
    }
};

/// One token whose keys and queries [rank, state_dim] have been turned; leaves theta. Returns y [rank, value_dim].
template <class Scalar, class Keys>
Matrix<Scalar> turned_step(const Mamba3<Scalar>& in, Index t, const Keys& k, const Keys& q,
                           Mamba3State<Scalar>& state) {
    const Weights<Scalar> w(in, t);
    const auto x = ranks_of<Scalar>(in.x, t, in.rank);
    state.S *= w.alpha;                                                  // S_t = alpha S_{t-1}
    state.S.noalias() += w.earlier * (state.k.transpose() * state.x);    //   + earlier k_{t-1} x_{t-1}^T
    state.S.noalias() += w.now * (k.transpose() * x);                    //   + now k_t x_t^T
    state.k = k;
    state.x = x;
    return q * state.S + in.D * x;                                       // y = S_t^T q + D x
}

template <class Scalar>
void require_widths(const Mamba3<Scalar>& in) {
    require(in.rank >= 1 && in.B.cols() % in.rank == 0 && in.x.cols() % in.rank == 0,
            "mamba3: widths must divide by the rank, got B " + std::to_string(in.B.cols()) + ", x " +
                std::to_string(in.x.cols()) + ", rank " + std::to_string(in.rank));
    require(2 * in.angles.cols() <= in.state_dim(),
            "mamba3: state_dim " + std::to_string(in.state_dim()) + " has no room for " +
                std::to_string(in.angles.cols()) + " angles");
}

template <class Scalar>
Mamba3Gradient<Scalar> gradient_for(const Mamba3<Scalar>& in) {
    Mamba3Gradient<Scalar> d;
    d.dx.resize(in.length(), in.x.cols());
    d.dDelta.resize(in.length(), 1);
    d.dA.resize(in.length(), 1);
    d.dlambda.resize(in.length(), 1);
    d.dD = Scalar(0);
    return d;
}

/// Differentiates turned_step, given the state before it, q, k, S after it and dy. d_state comes in as the gradient by
/// the state after the token and goes out as that by the state before it; dk and dq are set.
template <class Scalar>
void turned_step_backward(const Mamba3<Scalar>& in, Index t, const Mamba3State<Scalar>& before,
                          const Rotation<Scalar>& by, const Matrix<Scalar>& S, const Rows<Scalar>& d_y,
                          Mamba3State<Scalar>& d_state, Matrix<Scalar>& dk, Matrix<Scalar>& dq,
                          Mamba3Gradient<Scalar>& d) {
    const Weights<Scalar> w(in, t);
    const Scalar Delta = in.Delta(t, 0), lambda = in.lambda(t, 0), before_share = Scalar(1) - lambda;
    const auto k = ranks_of<Scalar>(by.k, t, in.rank), q = ranks_of<Scalar>(by.q, t, in.rank);
    const auto x = ranks_of<Scalar>(in.x, t, in.rank), dy = ranks_of<Scalar>(d_y, t, in.rank);
    Matrix<Scalar>& dS = d_state.S;
    // forward: y = S_t^T q + D x
    ranks_of(dq, t, in.rank) = dy * S.transpose();
    dS.noalias() += q.transpose() * dy;
    d.dD += dy.cwiseProduct(x).sum();
    // forward: the state keeps k and x;  S_t = ... + now k x^T
    const Matrix<Scalar> dS_x = x * dS.transpose();
    ranks_of(dk, t, in.rank) = d_state.k + w.now * dS_x;
    ranks_of(d.dx, t, in.rank) = d_state.x + in.D * dy + w.now * (k * dS);
    const Scalar d_now = dS_x.cwiseProduct(k).sum();
    // forward: S_t = ... + earlier k_{t-1} x_{t-1}^T
    const Matrix<Scalar> dS_earlier = before.x * dS.transpose();
    d_state.k = w.earlier * dS_earlier;
    d_state.x = w.earlier * (before.k * dS);
    const Scalar d_earlier = dS_earlier.cwiseProduct(before.k).sum();
    // forward: S_t = alpha S_{t-1} + ..., earlier = (1 - lambda) Delta alpha, now = lambda Delta, alpha = exp(Delta A)
    const Scalar dg = w.alpha * dS.cwiseProduct(before.S).sum() + w.earlier * d_earlier;
    d.dlambda(t, 0) = Delta * (d_now - w.alpha * d_earlier);
    d.dDelta(t, 0) = lambda * d_now + before_share * w.alpha * d_earlier + in.A(t, 0) * dg;
    d.dA(t, 0) = Delta * dg;
    dS *= w.alpha;
}

}  // namespace

template <class Scalar>
Mamba3State<Scalar> mamba3_start(const Mamba3<Scalar>& in) {
    require_widths(in);
    return {Matrix<Scalar>::Zero(in.state_dim(), in.value_dim()), Matrix<Scalar>::Zero(in.rank, in.state_dim()),
            Matrix<Scalar>::Zero(in.rank, in.value_dim()), Matrix<Scalar>::Zero(1, in.angles.cols())};
}

template <class Scalar>
Vector<Scalar> mamba3_step(const Mamba3<Scalar>& in, Index t, Mamba3State<Scalar>& state) {
    const Rotation<Scalar> by = rotation_of(in.span(t, 1), state.theta);
    state.theta = by.theta;
    const Matrix<Scalar> y = turned_step(in, t, ranks_of<Scalar>(by.k, 0, in.rank),
                                         ranks_of<Scalar>(by.q, 0, in.rank), state);
    return Eigen::Map<const Vector<Scalar>>(y.data(), y.size());
}

template <class Scalar>
Mamba3Forward<Scalar> mamba3(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state) {
    require_widths(in);
    Mamba3State<Scalar> state = initial_state;
    Matrix<Scalar> y(in.length(), in.x.cols());
    for (Index t = 0; t < in.length(); ++t) y.row(t) = mamba3_step(in, t, state);
    return {std::move(y), std::move(state)};
}

template <class Scalar>
Mamba3Gradient<Scalar> mamba3_backward(const Mamba3<Scalar>& in, const Mamba3State<Scalar>& initial_state,
                                       const Rows<Scalar>& d_y, const Mamba3State<Scalar>& d_final_state) {
    require_widths(in);
    const Rotation<Scalar> by = rotation_of(in, initial_state.theta);
    std::vector<Mamba3State<Scalar>> states{initial_state};
    for (Index t = 0; t < in.length(); ++t) {
        states.push_back(states.back());
        turned_step(in, t, ranks_of<Scalar>(by.k, t, in.rank), ranks_of<Scalar>(by.q, t, in.rank), states.back());
    }
    Mamba3Gradient<Scalar> d = gradient_for(in);
    d.d_initial_state = d_final_state;
    Matrix<Scalar> dk(in.length(), in.B.cols()), dq = dk;
    for (Index t = in.length() - 1; t >= 0; --t) {
        const auto i = static_cast<std::size_t>(t);
        turned_step_backward(in, t, states[i], by, states[i + 1].S, d_y, d.d_initial_state, dk, dq, d);
    }
    rotation_backward(in, by, dk, dq, d.d_initial_state.theta, d);
    return d;
}

#define GDN2_DECLARE(Scalar)                                                                                  \
    template Mamba3State<Scalar> mamba3_start(const Mamba3<Scalar>&);                                         \
    template Vector<Scalar> mamba3_step(const Mamba3<Scalar>&, Index, Mamba3State<Scalar>&);                  \
    template Mamba3Forward<Scalar> mamba3(const Mamba3<Scalar>&, const Mamba3State<Scalar>&);                 \
    template Mamba3Gradient<Scalar> mamba3_backward(const Mamba3<Scalar>&, const Mamba3State<Scalar>&,        \
                                                    const Rows<Scalar>&, const Mamba3State<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2::baselines
