// What feeds a gate: a full matrix, or two through a narrow middle.
//   y = x W^T + bias      or      y = (x W_0^T) W_1^T + bias_1
//   tests  tests/reference/layers/projection_test.cpp
#pragma once

#include <string>
#include <variant>

#include "reference/layers/linear.h"

namespace gdn2 {

/// Names in files as of a sequence of two: 0.weight, 1.weight, 1.bias.
template <class Scalar>
struct LowRank {
    Linear<Scalar> first;   ///< [rank, in], without bias
    Linear<Scalar> second;  ///< [out, rank]

    Index in() const { return first.in(); }
    Index out() const { return second.out(); }
};

/// A full-rank or a low-rank map. Named as its form is.
template <class Scalar>
struct Projection {
    std::variant<Linear<Scalar>, LowRank<Scalar>> form;

    Index in() const {
        return std::visit([](const auto& map) { return map.in(); }, form);
    }
    Index out() const {
        return std::visit([](const auto& map) { return map.out(); }, form);
    }
};

/// A bias, where `options` ask for one, belongs to the second map.
template <class Scalar>
LowRank<Scalar> make_low_rank(Index in, Index rank, Index out, const LinearOptions& options, Random& random);

/// Of full rank where `rank` is 0.
template <class Scalar>
Projection<Scalar> make_projection(Index in, Index rank, Index out, const LinearOptions& options, Random& random);

/// y [tokens, out] of x [tokens, in]. Throws Error when x has other columns.
template <class Scalar>
Matrix<Scalar> forward(const LowRank<Scalar>& map, const Matrix<Scalar>& x);
/// The same for either form.
template <class Scalar>
Matrix<Scalar> forward(const Projection<Scalar>& map, const Matrix<Scalar>& x);

/// dx; adds to `d`. Throws Error when dy is not [tokens, out].
template <class Scalar>
Matrix<Scalar> backward(const LowRank<Scalar>& map, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        LowRank<Scalar>& d);
/// The same for either form; `d` has the form of `map`.
template <class Scalar>
Matrix<Scalar> backward(const Projection<Scalar>& map, const Matrix<Scalar>& x, const Matrix<Scalar>& dy,
                        Projection<Scalar>& d);

/// `prefix` + 0.weight, 1.weight, 1.bias.
template <class Scalar>
void collect(const std::string& prefix, LowRank<Scalar>& map, Parameters<Scalar>& into);
/// As the form's.
template <class Scalar>
void collect(const std::string& prefix, Projection<Scalar>& map, Parameters<Scalar>& into);

}  // namespace gdn2
