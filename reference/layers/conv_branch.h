// What q, k and v of a mixer begin with: a projection, a short causal convolution, SiLU.
//     y = SiLU(conv(x W^T))      or without the convolution, or without SiLU (softmax attention's)
//   tests  tests/reference/layers/conv_branch_test.cpp
#pragma once

#include <string>

#include "reference/layers/linear.h"
#include "reference/layers/short_conv.h"

namespace gdn2 {

/// A convolution of width 0 is none.
template <class Scalar>
struct ConvBranch {
    Linear<Scalar> proj;
    ShortConv<Scalar> conv;
    bool activated = true;

    bool has_conv() const { return conv.weight.size() > 0; }
};

/// What forward keeps for backward: what enters the convolution, and what leaves it.
template <class Scalar>
struct ConvBranchKept {
    Matrix<Scalar> projected, convolved;
};

/// y [tokens, out]. Fills `kept` unless null. Throws Error as its parts do.
template <class Scalar>
Matrix<Scalar> forward(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, Batch batch,
                       ConvBranchKept<Scalar>* kept = nullptr);

/// dx; adds to `d`.
template <class Scalar>
Matrix<Scalar> backward(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, Batch batch,
                        const ConvBranchKept<Scalar>& kept, const Matrix<Scalar>& dy, ConvBranch<Scalar>& d);

/// y of the next tokens x [count, in] of one sequence.
template <class Scalar>
Matrix<Scalar> step(const ConvBranch<Scalar>& branch, const Matrix<Scalar>& x, ShortConvCache<Scalar>& cache);

/// `prefix` + "q_proj." and "q_conv1d." for the branch named "q".
template <class Scalar>
void collect(const std::string& prefix, const std::string& name, ConvBranch<Scalar>& branch,
             Parameters<Scalar>& into);

}  // namespace gdn2
