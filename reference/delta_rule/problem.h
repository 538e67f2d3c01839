// What every path is given and gives back: tensors of a whole batch, and the views of one head of one sequence.
//   layout  q k g b [batch, length, key_heads, key_dim]     v w [batch, length, value_heads, value_dim]
//           states  [sequences, value_heads, key_dim, value_dim]
//   tests   tests/reference/delta_rule/problem_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/core/tensor.h"

namespace gdn2 {

/// Sizes of a problem. value_heads is a multiple of key_heads; value head j reads key head j / group().
struct Sizes {
    Index batch = 0, length = 0, key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0;
    Index sequences = 0;  ///< batch, or for a packed batch the number of packed sequences

    Index group() const { return value_heads / key_heads; }
    Shape key_shape() const { return {batch, length, key_heads, key_dim}; }
    Shape value_shape() const { return {batch, length, value_heads, value_dim}; }
    Shape state_shape() const { return {sequences, value_heads, key_dim, value_dim}; }
    bool operator==(const Sizes&) const = default;
};

/// Inputs of the operator and, for a gradient, what arrives from above.
template <class Scalar>
struct Problem {
    Tensor<Scalar> q, k, v;  ///< queries, keys, values
    Tensor<Scalar> g;        ///< log-decay per key channel, <= 0
    Tensor<Scalar> b;        ///< erase gate, key axis, in [0, 1] or [0, 2]
    Tensor<Scalar> w;        ///< write gate, value axis, in [0, 1]
    std::optional<Scalar> scale;                   ///< absent: 1 / sqrt(key_dim)
    std::optional<Tensor<Scalar>> initial_state;   ///< absent: zeros
    std::optional<std::vector<Index>> cu_seqlens;  ///< packed batch: [0, ..., length], batch must be 1
    std::optional<Tensor<Scalar>> d_o;             ///< gradient of the loss by o; absent: zeros
    std::optional<Tensor<Scalar>> d_final_state;   ///< gradient of the loss by final_state; absent: zeros
};

/// Outputs. The gradients are empty tensors of shape [0] after a forward-only run.
template <class Scalar>
struct Result {
    Tensor<Scalar> o;            ///< [batch, length, value_heads, value_dim]
    Tensor<Scalar> final_state;  ///< [sequences, value_heads, key_dim, value_dim]
    Tensor<Scalar> dq, dk, dv, dg, db, dw, d_initial_state;
};

/// Checks every shape against every other and cu_seqlens; looks at no value but cu_seqlens'.
/// Returns the sizes. Throws Error naming the first tensor that disagrees, what was expected and what was given.
template <class Scalar>
Sizes validate_shapes(const Problem<Scalar>& problem);

/// Checks values: NaN or Inf anywhere, g > 0. Throws Error naming the tensor and the first offending index.
/// In memory g may be -inf (a channel wiped exactly); files may not hold it (problem_file.h).
template <class Scalar>
void validate_values(const Problem<Scalar>& problem);

/// One line for each thing that is allowed but unusual (b outside [0, 2], w outside [0, 1]), with the first index.
template <class Scalar>
std::vector<std::string> warnings(const Problem<Scalar>& problem);

/// The same problem in another precision.
template <class To, class From>
Problem<To> cast_problem(const Problem<From>& problem);

/// The scale in force: the problem's own, or 1 / sqrt(key_dim).
template <class Scalar>
Scalar scale_of(const Problem<Scalar>& problem);

/// One sequence of one value head: views into a problem (or into matrices), which must outlive it.
template <class Scalar>
struct Sequence {
    Rows<Scalar> q, k, g, b;  ///< [length, key_dim]
    Rows<Scalar> v, w;        ///< [length, value_dim]
    Scalar scale;

    Index length() const { return q.rows(); }
    Index key_dim() const { return q.cols(); }
    Index value_dim() const { return v.cols(); }
};

/// Tokens [first, first + length) of the same sequence.
template <class Scalar>
Sequence<Scalar> span_of(const Sequence<Scalar>& x, Index first, Index length);

/// What a path gives back for one sequence of one head.
template <class Scalar>
struct Forward {
    Matrix<Scalar> o;            ///< [length, value_dim]
    Matrix<Scalar> final_state;  ///< [key_dim, value_dim]
};

/// Gradients of <o, d_o> + <final_state, d_final_state> for one sequence of one head.
template <class Scalar>
struct Gradient {
    Matrix<Scalar> dq, dk, dg, db;  ///< [length, key_dim]
    Matrix<Scalar> dv, dw;          ///< [length, value_dim]
    Matrix<Scalar> d_initial_state; ///< [key_dim, value_dim]
};

/// Gradients sized for a sequence, unset; d_initial_state empty.
template <class Scalar>
Gradient<Scalar> gradient_for(const Sequence<Scalar>& x);

/// Throws Error unless chunk_length >= 1.
void require_chunk_length(Index chunk_length);

}  // namespace gdn2
