// A number a head beside vectors a head, as Mamba's steps and skips are beside its values.
//   tests  tests/reference/layers/per_head_test.cpp
#pragma once

#include "reference/layers/shapes.h"

namespace gdn2 {

/// Each head of x [tokens, heads * dim] times its number in `by` [tokens, heads].
template <class Scalar>
Matrix<Scalar> scale_heads(const Matrix<Scalar>& x, const Matrix<Scalar>& by) {
    const Index dim = x.cols() / by.cols();
    const Eigen::Map<const Vector<Scalar>> numbers(by.data(), by.size());
    Matrix<Scalar> y(x.rows(), x.cols());
    heads_of(y, dim).noalias() = numbers.asDiagonal() * heads_of(x, dim);
    return y;
}

/// <x, y> head by head: [tokens, heads] of two [tokens, heads * dim]. What scale_heads passes back to `by`.
template <class Scalar>
Matrix<Scalar> head_dots(const Matrix<Scalar>& x, const Matrix<Scalar>& y, Index heads) {
    const Index dim = x.cols() / heads;
    Matrix<Scalar> dots(x.rows(), heads);
    Eigen::Map<Vector<Scalar>>(dots.data(), dots.size()) =
        heads_of(x, dim).cwiseProduct(heads_of(y, dim)).rowwise().sum();
    return dots;
}

/// y += D x, with a number of D [heads] for all tokens.
template <class Scalar>
void add_skip(const Vector<Scalar>& D, const Matrix<Scalar>& x, Matrix<Scalar>& y) {
    const Index dim = x.cols() / D.size();
    for (Index head = 0; head < D.size(); ++head)
        y.middleCols(head * dim, dim) += D(head) * x.middleCols(head * dim, dim);
}

/// forward: y += D x. Adds to dD.
template <class Scalar>
void add_skip_backward(const Matrix<Scalar>& x, const Matrix<Scalar>& dy, Vector<Scalar>& dD) {
    const Index dim = x.cols() / dD.size();
    for (Index head = 0; head < dD.size(); ++head)
        dD(head) += dy.middleCols(head * dim, dim).cwiseProduct(x.middleCols(head * dim, dim)).sum();
}

}  // namespace gdn2
