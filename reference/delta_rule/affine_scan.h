// A span of tokens as one affine map of the state, and the scan that finds every span's start state.
//
// Over a span the state goes from S to M S + N: M (key_dim x key_dim) is the product of the tokens'
// (I - k e^T) Diag(alpha), and N the state reached from zero. In WY form, for a span that is one chunk,
//   M = Diag(gamma_C) - K_tail^T Y        N = K_tail^T U                          (Eqs. 23, 35)
// Neighbouring spans compose as (M2 M1, M2 N1 + N2), which is associative: spans can be reduced in any grouping, so
// over chunks, thread blocks, devices or machines.
//   tests  tests/reference/delta_rule/affine_scan_test.cpp (any split gives the same answer)
#pragma once

#include <vector>

#include "reference/delta_rule/problem.h"

namespace gdn2 {

/// S -> M S + N.
template <class Scalar>
struct AffineMap {
    Matrix<Scalar> M;  ///< [key_dim, key_dim]
    Matrix<Scalar> N;  ///< [key_dim, value_dim]

    Matrix<Scalar> operator()(const Matrix<Scalar>& S) const { return M * S + N; }
};

/// The map that changes nothing: M = I, N = 0.
template <class Scalar>
AffineMap<Scalar> identity_map(Index key_dim, Index value_dim);

/// The map of all tokens of `span`, built chunk by chunk; the identity for an empty one.
template <class Scalar>
AffineMap<Scalar> map_of(const Sequence<Scalar>& span, Index chunk_length);

/// First `earlier`, then `later`.
template <class Scalar>
AffineMap<Scalar> compose(const AffineMap<Scalar>& later, const AffineMap<Scalar>& earlier);

/// Exclusive scan, by recursive pairing as a parallel machine would: entry i maps the state before span 0 to the
/// state before span i. One entry per span.
template <class Scalar>
std::vector<AffineMap<Scalar>> exclusive_scan(const std::vector<AffineMap<Scalar>>& spans);

/// Forward pass with the sequence cut at `bounds` = [0, ..., length], non-decreasing: maps of all spans, their
/// start states by the scan, then each span on its own. Same result as chunk(). Throws Error on other bounds.
template <class Scalar>
Forward<Scalar> split_forward(const Sequence<Scalar>& x, const Matrix<Scalar>& initial_state,
                              const std::vector<Index>& bounds, Index chunk_length);

}  // namespace gdn2
