// y = x W^T + bias, for whole [tokens, dim] matrices at once.
//   dx = dy W      dW = dy^T x      dbias = sum over tokens of dy
//   tests  tests/reference/layers/linear_test.cpp
#pragma once

#include <string>
#include <vector>

#include "reference/core/random.h"
#include "reference/layers/parameter.h"

namespace gdn2 {

/// As in PyTorch: one row of `weight` per output.
template <class Scalar>
struct Linear {
    Matrix<Scalar> weight;  ///< [out, in]
    Vector<Scalar> bias;    ///< [out], or empty for none

    Index in() const { return weight.cols(); }
    Index out() const { return weight.rows(); }
};

/// The rules by which weights start.
enum class LinearInit {
    xavier_uniform,  ///< uniform within scale * sqrt(6 / (in + out)), biases 0; the paper's scale is 2^-2.5
    normal,          ///< normal with deviation `scale`, biases 0
    torch_default,   ///< weights and biases uniform within scale / sqrt(in)
};

/// The gain with which the authors' code starts every linear layer.
inline constexpr double official_gain = 0.1767766952966369;  // 2^-2.5

/// How a projection starts.
struct LinearOptions {
    bool bias = false;
    LinearInit init = LinearInit::xavier_uniform;
    double scale = 1;
};

/// A layer from `in` to `out` dimensions.
template <class Scalar>
Linear<Scalar> make_linear(Index in, Index out, const LinearOptions& options, Random& random);

/// Several maps of x in one weight, outputs side by side; each starts as it would alone.
template <class Scalar>
Linear<Scalar> make_joint_linear(Index in, const std::vector<Index>& outs, const LinearOptions& options,
                                 Random& random);

/// y [tokens, out] of x [tokens, in]. Throws Error when x has other columns.
template <class Scalar>
Matrix<Scalar> forward(const Linear<Scalar>& layer, const Matrix<Scalar>& x);

/// dx; adds to `d`. Throws Error when dy is not [tokens, out].
template <class Scalar>
Matrix<Scalar> backward(const Linear<Scalar>& layer, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        Linear<Scalar>& d);

/// `prefix` + weight, bias.
template <class Scalar>
void collect(const std::string& prefix, Linear<Scalar>& layer, Parameters<Scalar>& into);

}  // namespace gdn2
