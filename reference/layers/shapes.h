// What every layer asks of the shapes it is given, said the same way; and heads as rows.
//   tests  every test of a layer
#pragma once

#include <string>

#include "reference/core/error.h"
#include "reference/core/matrix.h"
#include "reference/layers/batch.h"

namespace gdn2 {

/// Throws Error unless the tensor `name` is [rows, cols].
template <class Scalar>
void require_shape(const char* name, const Matrix<Scalar>& matrix, Index rows, Index cols) {
    if (matrix.rows() == rows && matrix.cols() == cols) return;
    throw Error("`" + std::string(name) + "` must be " + to_string({rows, cols}) + ", got " +
                to_string({matrix.rows(), matrix.cols()}));
}

/// Throws Error unless the tensor `name` is [any number of tokens, cols].
template <class Scalar>
void require_cols(const char* name, const Matrix<Scalar>& matrix, Index cols) {
    require_shape(name, matrix, matrix.rows(), cols);
}

/// Throws Error unless the columns of the tensor `name` are whole heads of `dim`.
template <class Scalar>
void require_heads(const char* name, const Matrix<Scalar>& matrix, Index dim) {
    if (dim > 0 && matrix.cols() % dim == 0) return;
    throw Error("`" + std::string(name) + "` must have whole heads of " + std::to_string(dim) +
                " columns, got " + to_string({matrix.rows(), matrix.cols()}));
}

/// One row per token and head: a [tokens, heads * dim] matrix seen as [tokens * heads, dim].
template <class Scalar>
Eigen::Map<const Matrix<Scalar>> heads_of(const Matrix<Scalar>& matrix, Index dim) {
    return {matrix.data(), matrix.size() / dim, dim};
}
/// The same, writable.
template <class Scalar>
Eigen::Map<Matrix<Scalar>> heads_of(Matrix<Scalar>& matrix, Index dim) {
    return {matrix.data(), matrix.size() / dim, dim};
}

/// Throws Error unless the tensor `name` has the rows of `batch`.
template <class Scalar>
void require_batch(const char* name, const Matrix<Scalar>& matrix, Batch batch) {
    if (batch.batch >= 0 && batch.length >= 0 && matrix.rows() == batch.tokens()) return;
    throw Error("`" + std::string(name) + "` must have batch * length = " + std::to_string(batch.batch) + " * " +
                std::to_string(batch.length) + " rows, got " + to_string({matrix.rows(), matrix.cols()}));
}

}  // namespace gdn2
