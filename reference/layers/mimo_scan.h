// Mamba-3's memory for training: `ranks` pairs a token, each written by its own token and again by the next one.
//     S_t   = alpha_t (S_{t-1} + share_t sum_r k_{t-1,r} v_{t-1,r}^T) + now_t sum_r k_t,r v_t,r^T       alpha = exp(g)
//     y_t,r = S_t^T q_t,r
// Once the next token is there, both writes are one, with now_{t-1} + share_t. So the scan runs a token late, where it
// holds H_{t-1}, all pairs before t written whole, and a token meets its own pairs besides:
//     H_t   = alpha_t H_{t-1} + sum_r (now_t + share_{t+1}) k_t,r v_t,r^T
//     y_t,r = H_{t-1}^T (alpha_t q_t,r) + sum_s (q_t,r . k_t,s) now_t v_t,s
// (Writing whole at once, and taking back the share, would let rounding see the next token.) The pairs of a token
// are `ranks` tokens of the scan, of which the first decays; what query r then misses, pairs s > r, it meets likewise.
//   cost   ranks times memory_scan's, and 3 ranks^2 (key_dim + value_dim) a token and head
//   tests  tests/reference/layers/mimo_scan_test.cpp, against the two writes of baselines
#pragma once

#include "reference/layers/memory_scan.h"

namespace gdn2 {

/// What a token holds.
struct MimoSizes {
    Index heads = 1;
    Index ranks = 1;  ///< pairs a head
    Index key_dim = 1, value_dim = 1;
};

/// Keys and queries as they meet the memory, turned.
template <class Scalar>
struct MimoInput {
    Matrix<Scalar> q, k;           ///< [tokens * ranks, heads * key_dim]
    Matrix<Scalar> v;              ///< [tokens * ranks, heads * value_dim]
    Matrix<Scalar> g, now, share;  ///< [tokens, heads]; a sequence's first share is of nothing
};

/// Gradients, each of the shape of its input.
template <class Scalar>
struct MimoGradient {
    Matrix<Scalar> dq, dk, dv, dg, d_now, d_share;
};

/// y [tokens * ranks, heads * value_dim], from states of zeros. Fills `kept` unless null. Throws Error on shapes that
/// disagree.
template <class Scalar>
Matrix<Scalar> mimo_scan(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch,
                         ScanKept<Scalar>* kept = nullptr);

/// Gradients of <y, dy>, given what the forward pass kept.
template <class Scalar>
MimoGradient<Scalar> mimo_scan_backward(const MimoInput<Scalar>& x, const MimoSizes& sizes, Batch batch,
                                        const ScanKept<Scalar>& kept, const Matrix<Scalar>& dy);

/// The pairs of the token before, which the next one writes again; before the first token, zeros.
template <class Scalar>
struct LastPairs {
    Matrix<Scalar> k, v;  ///< [ranks, heads * dim]
};

/// One token with both its writes, as the rule says: x of that token; edits S [heads, key_dim, value_dim]. Returns y
/// [ranks, heads * value_dim].
template <class Scalar>
Matrix<Scalar> mimo_step(const MimoInput<Scalar>& x, const LastPairs<Scalar>& last, const MimoSizes& sizes,
                         std::vector<Scalar>& S);

}  // namespace gdn2
