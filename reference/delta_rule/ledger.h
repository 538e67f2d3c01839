// What one token does to the state as a map, and which token owns how much of a state.
//   S_t = M_t S_{t-1} + k_t z_t^T        M = (I - k e^T) Diag(alpha)                                 Eq. 9
// so that every state is a sum with one term, of rank 1, for each token, and one for the state at the start:
//   S_t = sum_s C_s + M_t ... M_1 S_init       C_s = x_s z_s^T,   x_s = M_t ... M_{s+1} k_s
// A token's share is <C_s, S_t> / |S_t|^2: all shares add up to 1. One may be negative: that token pulls against what
// is there now.
//   tests  tests/reference/delta_rule/ledger_test.cpp
#pragma once

#include "reference/delta_rule/recurrent.h"

namespace gdn2 {

/// 1 - e^T k, the only eigenvalue of I - k e^T that is not 1: what the old content along k keeps.
double erase_eigenvalue(const Token<double>& x);

/// The spectral norm of I - k e^T. Above 1 where e and k point in different directions: then the token can make the
/// state grow.
double erase_norm(const Token<double>& x);

/// Who owns the state after the last token of a sequence.
struct Ledger {
    Vector<double> x_norm;           ///< [length]: |x_s|, what is left of a key
    Vector<double> size;             ///< [length]: |C_s| = |x_s| |z_s|
    Vector<double> share;            ///< [length]; zeros where the state is zero
    double initial_size = 0;         ///< |M_t ... M_1 S_init|
    double initial_share = 0;
};

/// The ledger of `final_state` [key_dim, value_dim], which `x` reaches from `initial_state`. To see only the last
/// tokens, give those and the state before them. Costs about 5 length key_dim^2. What has faded below 1e-150 is 0.
Ledger ledger_of(const Sequence<double>& x, const Matrix<double>& initial_state, const Matrix<double>& final_state);

}  // namespace gdn2
