// Gated Delta Rule-2, one token at a time: the definition every other path is held to.
//   paper  Section 3.1, Eqs. 8-10
//   tests  tests/reference/delta_rule/recurrent_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"
#include "reference/trace/recorder.h"

namespace gdn2 {

/// One token of one head: views into its sequence.
template <class Scalar>
struct Token {
    Eigen::Map<const Vector<Scalar>> q, k, g, b;  ///< [key_dim]
    Eigen::Map<const Vector<Scalar>> v, w;        ///< [value_dim]
    Index t;                                      ///< position in the sequence
};

/// Token t of a sequence.
template <class Scalar>
Token<Scalar> token_of(const Sequence<Scalar>& x, Index t);

/// Edits S [key_dim, value_dim] by one token and returns S^T q, not yet scaled.
template <class Scalar>
Vector<Scalar> step(const Token<Scalar>& x, Matrix<Scalar>& S, trace::Recorder* recorder = nullptr);

/// Runs the rule over a sequence from `initial_state` [key_dim, value_dim]. An empty sequence returns it unchanged.
template <class Scalar>
Forward<Scalar> recurrent(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                          trace::Recorder* recorder = nullptr);

}  // namespace gdn2
