// SwiGLU: what each token does by itself between mixers.
//   y = (silu(x W_gate^T) * (x W_up^T)) W_down^T
//   tests  tests/reference/layers/mlp_test.cpp
#pragma once

#include <string>

#include "reference/layers/linear.h"

namespace gdn2 {

/// SwiGLU: y = W_down (SiLU(W_gate x) * (W_up x)).
template <class Scalar>
struct Mlp {
    Linear<Scalar> gate_proj, up_proj;  ///< [hidden, dim]
    Linear<Scalar> down_proj;           ///< [dim, hidden]
};

/// What forward keeps for backward, [tokens, hidden] each.
template <class Scalar>
struct MlpKept {
    Matrix<Scalar> gate, up;
};

/// All three projections drawn alike.
template <class Scalar>
Mlp<Scalar> make_mlp(Index dim, Index hidden, const LinearOptions& options, Random& random);

/// y of x, both [tokens, dim]. Fills `kept` unless null. Throws Error when x has other columns.
template <class Scalar>
Matrix<Scalar> forward(const Mlp<Scalar>& mlp, const Matrix<Scalar>& x, MlpKept<Scalar>* kept = nullptr);

/// dx; adds to `d`. Throws Error when dy has not the shape of x.
template <class Scalar>
Matrix<Scalar> backward(const Mlp<Scalar>& mlp, const Matrix<Scalar>& x, const MlpKept<Scalar>& kept,
                        const Matrix<Scalar>& dy, Mlp<Scalar>& d);

/// `prefix` + gate_proj.weight, up_proj.weight, down_proj.weight.
template <class Scalar>
void collect(const std::string& prefix, Mlp<Scalar>& mlp, Parameters<Scalar>& into);

}  // namespace gdn2
