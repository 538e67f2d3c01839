// The rules that GDN-2 is compared with, and what their files share.
//
// Each file states one rule from its own equations and knows nothing of delta_rule's arithmetic; tests hold the two
// rooms together. All files have the same shape, so that two rules can be read side by side:
//   <rule>_step             one token: edits the state, returns the output
//   <rule>                  a sequence, token by token: the definition
//   <rule>_chunk            the same a chunk at a time, in matrix products: what training runs
//   <rule>_backward         adjoint of <rule>; keeps a state for every token
//   <rule>_chunk_backward   adjoint of <rule>_chunk; keeps a state for every chunk
// A state S is [key_dim, value_dim]; inputs are views of one head of one sequence, [length, dim], and a number per
// token is [length, 1]. A decay g is a logarithm, at most 0; -inf wipes the state exactly.
//   tests  tests/reference/baselines/baseline_test.cpp
#pragma once

#include <cmath>
#include <vector>

#include "reference/delta_rule/problem.h"

namespace gdn2::baselines {

/// The state at the start of every chunk: all that an adjoint needs from a chunkwise forward pass.
template <class Scalar>
using ChunkStarts = std::vector<Matrix<Scalar>>;

/// Tokens [first, first + length) of `rows`.
template <class Scalar>
Rows<Scalar> span_of(const Rows<Scalar>& rows, Index first, Index length) {
    return {rows.data() + first * rows.outerStride(), length, rows.cols(), Eigen::OuterStride<>(rows.outerStride())};
}

/// exp of every number, exactly 0 at -inf (Eigen's vectorised exp stops at about 1e-308).
template <class Scalar>
Matrix<Scalar> exp_of(const Matrix<Scalar>& exponents) {
    return exponents.unaryExpr([](const Scalar& x) {
        using std::exp;
        return exp(x);
    });
}

/// The states before every token and after the last; step(t, S) runs token t.
template <class Scalar, class Step>
std::vector<Matrix<Scalar>> states_of(Index length, const Matrix<Scalar>& initial_state, const Step& step) {
    std::vector<Matrix<Scalar>> states{initial_state};
    for (Index t = 0; t < length; ++t) {
        states.push_back(states.back());
        step(t, states.back());
    }
    return states;
}

/// Decays within a chunk of C tokens when a token has one alpha = exp(g) for all channels. Products of alphas, never
/// quotients: nothing overflows, and alpha = 0 is exact.
template <class Scalar>
struct ChunkDecay {
    Vector<Scalar> from_start;  ///< [C]     gamma_r = alpha_1 ... alpha_r
    Vector<Scalar> to_end;      ///< [C]     alpha_{r+1} ... alpha_C
    Matrix<Scalar> between;     ///< [C, C]  L_rs = alpha_{s+1} ... alpha_r for s <= r, else 0

    const Scalar& whole() const { return from_start[from_start.size() - 1]; }
};

/// Of at least one token.
template <class Scalar>
ChunkDecay<Scalar> chunk_decay(const Vector<Scalar>& alpha);

/// dg [C], given the gradients by the members of `decay`: g_i is in every product that spans token i. Reads d.between
/// on and below the diagonal only.
template <class Scalar>
Vector<Scalar> chunk_decay_backward(const ChunkDecay<Scalar>& decay, const ChunkDecay<Scalar>& d);

}  // namespace gdn2::baselines
