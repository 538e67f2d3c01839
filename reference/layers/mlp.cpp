// See mlp.h.
#include "reference/layers/mlp.h"

#include "reference/core/instantiate.h"
#include "reference/layers/activation.h"

namespace gdn2 {

template <class Scalar>
Mlp<Scalar> make_mlp(Index dim, Index hidden, const LinearOptions& options, Random& random) {
    Mlp<Scalar> mlp;
    mlp.gate_proj = make_linear<Scalar>(dim, hidden, options, random);
    mlp.up_proj = make_linear<Scalar>(dim, hidden, options, random);
    mlp.down_proj = make_linear<Scalar>(hidden, dim, options, random);
    return mlp;
}

template <class Scalar>
Matrix<Scalar> forward(const Mlp<Scalar>& mlp, const Matrix<Scalar>& x, MlpKept<Scalar>* kept) {
    MlpKept<Scalar> now{forward(mlp.gate_proj, x), forward(mlp.up_proj, x)};
    const Matrix<Scalar> hidden = silu(now.gate).cwiseProduct(now.up);
    if (kept != nullptr) *kept = std::move(now);
    return forward(mlp.down_proj, hidden);
}

template <class Scalar>
Matrix<Scalar> backward(const Mlp<Scalar>& mlp, const Matrix<Scalar>& x, const MlpKept<Scalar>& kept,
                        const Matrix<Scalar>& dy, Mlp<Scalar>& d) {
    const Matrix<Scalar> activated = silu(kept.gate);
    // forward: y = down(hidden)
    const Matrix<Scalar> hidden = activated.cwiseProduct(kept.up);
    const Matrix<Scalar> d_hidden = backward(mlp.down_proj, hidden, dy, d.down_proj);
    // forward: hidden = silu(gate) * up
    const Matrix<Scalar> d_up = d_hidden.cwiseProduct(activated);
    const Matrix<Scalar> d_activated = d_hidden.cwiseProduct(kept.up);
    // forward: up = up(x), gate = gate(x)
    Matrix<Scalar> dx = backward(mlp.up_proj, x, d_up, d.up_proj);
    dx += backward(mlp.gate_proj, x, silu_backward(kept.gate, d_activated), d.gate_proj);
    return dx;
}

template <class Scalar>
void collect(const std::string& prefix, Mlp<Scalar>& mlp, Parameters<Scalar>& into) {
    collect(prefix + "gate_proj.", mlp.gate_proj, into);
    collect(prefix + "up_proj.", mlp.up_proj, into);
    collect(prefix + "down_proj.", mlp.down_proj, into);
}

#define GDN2_DECLARE(Scalar)                                                                        \
    template Mlp<Scalar> make_mlp(Index, Index, const LinearOptions&, Random&);                     \
    template Matrix<Scalar> forward(const Mlp<Scalar>&, const Matrix<Scalar>&, MlpKept<Scalar>*);   \
    template Matrix<Scalar> backward(const Mlp<Scalar>&, const Matrix<Scalar>&, const MlpKept<Scalar>&, \
                                     const Matrix<Scalar>&, Mlp<Scalar>&);                          \
    template void collect(const std::string&, Mlp<Scalar>&, Parameters<Scalar>&);
GDN2_INSTANTIATE(GDN2_DECLARE)

}  // namespace gdn2
