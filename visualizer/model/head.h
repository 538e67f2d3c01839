// One value head of one sequence, copied out of a problem: what the viewer looks at.
//   tests  tests/visualizer/model/head_test.cpp
#pragma once

#include <optional>
#include <string_view>

#include "reference/delta_rule/problem.h"

namespace gdn2::viewer {

/// Inputs of one head: rows are tokens.
struct Head {
    Matrix<double> q, k, g, b;  ///< [length, key_dim]
    Matrix<double> v, w;        ///< [length, value_dim]
    double scale = 1;
    Matrix<double> initial_state;           ///< [key_dim, value_dim], zeros where the problem has none
    std::optional<Matrix<double>> d_o;      ///< [length, value_dim]
    std::optional<Matrix<double>> d_final_state;  ///< [key_dim, value_dim]

    Index length() const { return q.rows(); }
    Index key_dim() const { return q.cols(); }
    Index value_dim() const { return v.cols(); }
};

/// Value head `value_head` of sequence `sequence` (batch row, or packed sequence). Throws Error when there is none.
Head head_of(const Problem<double>& problem, Index sequence, Index value_head);

/// The same head as a problem of its own: batch 1, one head, one sequence.
Problem<double> problem_of(const Head& head);

/// The view that the reference's operators take. `head` must outlive it.
Sequence<double> sequence_of(const Head& head);

}  // namespace gdn2::viewer
