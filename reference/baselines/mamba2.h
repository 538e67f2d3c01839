// Mamba-2, in the letters of its paper: a decaying sum, driven by a step size dt that is also the write strength.
//   S_t = exp(dt_t A) S_{t-1} + dt_t B_t x_t^T        A < 0, one number per head
//   y_t = S_t^T C_t + D x_t                           no scale
// B is the key, C the query, x the value: linear attention with one decay per token. Nothing is erased on purpose.
// In chunks (the paper's SSD), with L_rs = alpha_{s+1} ... alpha_r, gamma_r = alpha_1 ... alpha_r, X = Diag(dt) x:
//   Y = Diag(gamma) C S_0 + (C B^T * L) X + D x,  S_C = gamma_C S_0 + (Diag(to_end) B)^T X
//   paper  Dao, Gu 2024, arXiv 2405.21060
//   tests  tests/reference/baselines/rules_test.cpp, equalities_test.cpp
#pragma once

#include "reference/baselines/baseline.h"

namespace gdn2::baselines {

/// One sequence of one head: views, which must outlive it.
template <class Scalar>
struct Mamba2 {
    Rows<Scalar> C, B;  ///< [length, state_dim]
    Rows<Scalar> x;     ///< [length, value_dim]
    Rows<Scalar> dt;    ///< [length, 1]  step size, > 0
    Scalar A;           ///< rate of decay, < 0
    Scalar D;           ///< how much of x reaches the output directly

    Index length() const { return x.rows(); }
    Mamba2 span(Index first, Index n) const {
        return {span_of(C, first, n), span_of(B, first, n), span_of(x, first, n), span_of(dt, first, n), A, D};
    }
};

/// Gradients of <y, d_y> + <final_state, d_final_state>, in the shapes of the inputs.
template <class Scalar>
struct Mamba2Gradient {
    Matrix<Scalar> dC, dB, dx, ddt, d_initial_state;
    Scalar dA, dD;
};

/// Edits S [state_dim, value_dim] by token t and returns y_t [value_dim].
template <class Scalar>
Vector<Scalar> mamba2_step(const Mamba2<Scalar>& in, Index t, Matrix<Scalar>& S);

/// Runs the rule over a sequence; y is the result's o. An empty sequence returns `initial_state` unchanged.
template <class Scalar>
Forward<Scalar> mamba2(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state);

/// The same in chunks, the last one possibly shorter. Fills `starts` unless null. Throws Error when chunk_length < 1.
template <class Scalar>
Forward<Scalar> mamba2_chunk(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state, Index chunk_length,
                             ChunkStarts<Scalar>* starts = nullptr);

/// Adjoint of mamba2; d_y is [length, value_dim].
template <class Scalar>
Mamba2Gradient<Scalar> mamba2_backward(const Mamba2<Scalar>& in, const Matrix<Scalar>& initial_state,
                                       const Rows<Scalar>& d_y, const Matrix<Scalar>& d_final_state);

/// Adjoint of mamba2_chunk, which filled `starts`.
template <class Scalar>
Mamba2Gradient<Scalar> mamba2_chunk_backward(const Mamba2<Scalar>& in, const ChunkStarts<Scalar>& starts,
                                             const Rows<Scalar>& d_y, const Matrix<Scalar>& d_final_state,
                                             Index chunk_length);

}  // namespace gdn2::baselines
