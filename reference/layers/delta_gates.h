// The erase gate b and the write gate w of the delta family, from the current token.
//   channels  most sigmoid(x W^T), a number for each channel                     Eqs. 11-12
//   mean      the mean of a head's channels, after the sigmoid, in each of them
//   beta      most sigmoid(x W^T), a number a head, in each of its channels; w takes the erase gate's
//   tests  tests/reference/layers/delta_gates_test.cpp
#pragma once

#include <string>

#include "reference/layers/gates.h"

namespace gdn2 {

/// Where b comes from.
enum class Erase { none, beta, mean, channels };
/// Where w comes from: of_erase is b's beta or mean.
enum class Write { ones, of_erase, mean, channels };

/// The two gates of key_heads heads of key_dim channels, and value_heads of value_dim.
template <class Scalar>
struct DeltaGates {
    Erase erase = Erase::channels;
    Write write = Write::channels;
    Index key_heads = 1, value_heads = 1, key_dim = 1, value_dim = 1;
    EditGate<Scalar> b;  ///< one output a key head for beta, one a key channel else; empty for none
    EditGate<Scalar> w;  ///< one output a value channel; empty for ones; kept without use for a tied mean
};

/// Both gates in each channel, and what backward needs.
template <class Scalar>
struct DeltaGatesValues {
    Matrix<Scalar> b;           ///< [tokens, key_heads * key_dim], or empty: nothing is erased
    Matrix<Scalar> w;           ///< [tokens, value_heads * value_dim], or empty: all is written
    Matrix<Scalar> b_of, w_of;  ///< the gates' own outputs
};

/// b and w of x [tokens, d_model].
template <class Scalar>
DeltaGatesValues<Scalar> forward(const DeltaGates<Scalar>& gates, const Matrix<Scalar>& x);

/// dx, given the gradients by b and w (empty where these are); adds to `d`.
template <class Scalar>
Matrix<Scalar> backward(const DeltaGates<Scalar>& gates, const Matrix<Scalar>& x, const DeltaGatesValues<Scalar>& y,
                        const Matrix<Scalar>& db, const Matrix<Scalar>& dw, DeltaGates<Scalar>& d);

/// `prefix` + b_proj.weight, w_proj.weight.
template <class Scalar>
void collect(const std::string& prefix, DeltaGates<Scalar>& gates, Parameters<Scalar>& into);

}  // namespace gdn2
