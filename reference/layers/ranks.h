// Several keys, queries or values a token, as Mamba-3's MIMO form has: rank after rank in rows of their own,
// [tokens * ranks, heads * dim], the layout of [tokens, ranks, heads, dim]. What differs by head and rank is a row of
// [heads * ranks, dim], in a file [heads, ranks, dim].
//   biased   y_t,r,h = x_t,r + bias_h,r         from ranks that all heads share, [tokens, ranks * dim]
//   widened  y_t,r,h = x_t,h * by_h,r           from one vector a head, [tokens, heads * dim]
//   narrowed y_t,h   = sum_r x_t,r,h * by_h,r   back to one
//   tests  tests/reference/layers/ranks_test.cpp
#pragma once

#include <string>

#include "reference/layers/parameter.h"

namespace gdn2 {

/// How many heads a row has, and how many rows a token.
struct RankSizes {
    Index heads = 1, ranks = 1;
};

/// y [tokens * ranks, heads * dim] of x [tokens, ranks * dim] and bias [heads * ranks, dim].
template <class Scalar>
Matrix<Scalar> biased(const Matrix<Scalar>& x, const Matrix<Scalar>& bias, RankSizes sizes);
/// dx; adds to d_bias.
template <class Scalar>
Matrix<Scalar> biased_backward(const Matrix<Scalar>& dy, RankSizes sizes, Matrix<Scalar>& d_bias);

/// y [tokens * ranks, heads * dim] of x [tokens, heads * dim] and `by` [heads * ranks, dim].
template <class Scalar>
Matrix<Scalar> widened(const Matrix<Scalar>& x, const Matrix<Scalar>& by, RankSizes sizes);
/// dx; adds to d_by.
template <class Scalar>
Matrix<Scalar> widened_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& by, const Matrix<Scalar>& dy,
                                RankSizes sizes, Matrix<Scalar>& d_by);

/// y [tokens, heads * dim] of x [tokens * ranks, heads * dim] and `by` [heads * ranks, dim].
template <class Scalar>
Matrix<Scalar> narrowed(const Matrix<Scalar>& x, const Matrix<Scalar>& by, RankSizes sizes);
/// dx; adds to d_by.
template <class Scalar>
Matrix<Scalar> narrowed_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& by, const Matrix<Scalar>& dy,
                                 RankSizes sizes, Matrix<Scalar>& d_by);

/// Appends what differs by head and rank under the shape [heads, ranks, dim].
template <class Scalar>
void collect(const std::string& name, Matrix<Scalar>& by, RankSizes sizes, bool weight_decay, Parameters<Scalar>& into);

}  // namespace gdn2
