// Matrices of all tokens in the memory of a few: they are made span by span, and one span is kept.
//   tests  tests/visualizer/model/replayed_span_test.cpp
#pragma once

#include <utility>
#include <vector>

#include "reference/core/matrix.h"

namespace gdn2::viewer {

/// The span that was asked for last. Not for several threads at once.
class ReplayedSpan {
public:
    /// The matrix of `token`, until the next call, where spans are `length` tokens long. `replay(n)` makes those of
    /// span n, in order, when another span is kept. What it throws leaves the kept one.
    template <class Replay>
    const Matrix<double>& at(Index token, Index length, const Replay& replay) {
        if (token / length != span_) {
            std::vector<Matrix<double>> made = replay(token / length);
            matrices_ = std::move(made);
            span_ = token / length;
        }
        return matrices_[static_cast<std::size_t>(token % length)];
    }

    /// How many matrices are kept.
    std::size_t size() const { return matrices_.size(); }

private:
    std::vector<Matrix<double>> matrices_;
    Index span_ = -1;
};

}  // namespace gdn2::viewer
