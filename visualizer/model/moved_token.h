// One token's step with a number of it moved: for numeric_gradient.cpp alone.
//   tests  tests/visualizer/model/numeric_gradient_test.cpp
#pragma once

#include <array>
#include <cstddef>

#include "visualizer/model/head.h"

namespace gdn2::viewer {

/// What a token brings.
enum TokenInput : std::size_t { of_q, of_v, of_w, of_b, of_g, of_k, token_inputs };

constexpr bool is_on_value_axis(std::size_t input) { return input == of_v || input == of_w; }

/// By how much two moves of a channel, up and down, lie apart, for every channel of `input`: what a difference is
/// divided by. Of g between its sinh, because the loss is affine in exp(g).
Vector<double> width_of(const Head& head, Index token, std::size_t input, double step);

/// A state after a token, and what the token read; not yet scaled.
struct Edited {
    Matrix<double> S;
    Vector<double> o;
};

class MovedToken {
public:
    /// Moves one channel by `step` of its size, or all of v or w: a channel smaller than 1 counts as 1, and g is moved
    /// by `step`.
    MovedToken(const Head& head, Index token, std::size_t input, Index channel, double step);

    Edited edit(Matrix<double> S) const;
    /// The same of absolute values, nothing taken away from anything: what rounding is relative to.
    Edited magnitudes(const Matrix<double>& S) const;
    /// Whether what was moved is multiplied by 0 in every term, so that the gradient by it is 0.
    bool changes_nothing(const Matrix<double>& S) const;

private:
    std::size_t input_;
    Index channel_;
    std::array<Vector<double>, token_inputs> x_;
};

}  // namespace gdn2::viewer
