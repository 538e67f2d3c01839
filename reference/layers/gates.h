// How much to keep, erase and write, from a projection of the current token: Eqs. 11-12.
//   decay    g = -exp(A_log[head]) softplus(f + dt_bias[channel])
//   bounded  g = lower_bound sigmoid(exp(A_log[head]) (f + dt_bias[channel]))      in (lower_bound, 0)
//   edit     b = most sigmoid(x W_b^T),  w likewise
// f has one column per channel (as many to each head) or one per head.
//   tests  tests/reference/layers/gates_test.cpp
#pragma once

#include <optional>
#include <string>

#include "reference/layers/linear.h"

namespace gdn2 {

/// The decay gate: g of the logits f.
template <class Scalar>
struct DecayGate {
    Vector<Scalar> A_log;               ///< [heads]
    Vector<Scalar> dt_bias;             ///< [channels], a multiple of heads
    std::optional<double> lower_bound;  ///< of the bounded form; none for softplus

    Index heads() const { return A_log.size(); }
    Index channels() const { return dt_bias.size(); }
};

/// Where A = exp(A_log) starts, uniform in (A_low, A_high]; equal bounds give that number.
struct DecayOptions {
    double A_low = 1, A_high = 16;
    std::optional<double> lower_bound;  ///< below 0
};

/// log A, A uniform in (low, high].
template <class Scalar>
Vector<Scalar> make_A_log(Index heads, double low, double high, Random& random);

/// The inverse softplus of time steps whose log is uniform from log 1e-3 to log 1e-1.
template <class Scalar>
Vector<Scalar> make_dt_bias(Index channels, Random& random);

/// Throws Error when channels are no multiple of heads, or a lower bound is not below 0.
template <class Scalar>
DecayGate<Scalar> make_decay_gate(Index heads, Index channels, const DecayOptions& options, Random& random);

/// g of f, both [tokens, channels]. Throws Error when f has other columns.
template <class Scalar>
Matrix<Scalar> forward(const DecayGate<Scalar>& gate, const Matrix<Scalar>& f);

/// df; adds to `d`. Throws Error when dg has not the shape of f.
template <class Scalar>
Matrix<Scalar> backward(const DecayGate<Scalar>& gate, const Matrix<Scalar>& f, const Matrix<Scalar>& dg,
                        DecayGate<Scalar>& d);

/// `prefix` + A_log, dt_bias, without weight decay.
template <class Scalar>
void collect(const std::string& prefix, DecayGate<Scalar>& gate, Parameters<Scalar>& into);

/// The erase gate b or the write gate w, per channel or per head, as the map has outputs.
template <class Scalar>
struct EditGate {
    Linear<Scalar> proj;
    double most = 1;  ///< 2 lets an erase gate turn eigenvalues negative
};

/// y [tokens, out], in (0, most), of x [tokens, in].
template <class Scalar>
Matrix<Scalar> forward(const EditGate<Scalar>& gate, const Matrix<Scalar>& x);

/// dx, given y of forward; adds to `d`. Throws Error when the shapes disagree.
template <class Scalar>
Matrix<Scalar> backward(const EditGate<Scalar>& gate, const Matrix<Scalar>& x, const Matrix<Scalar>& y,
                        const Matrix<Scalar>& dy, EditGate<Scalar>& d);

/// `prefix` + weight, bias: "b_proj." for the erase gate, "w_proj." for the write gate.
template <class Scalar>
void collect(const std::string& prefix, EditGate<Scalar>& gate, Parameters<Scalar>& into);

}  // namespace gdn2
