// Functions of dual numbers that few operators need; the common ones are in dual.h, which every operator includes.
//   tests  tests/reference/core/dual_functions_test.cpp
#pragma once

#include "reference/core/dual.h"

namespace gdn2 {

/// (tanh x)' = 1 - tanh^2 x.
template <class Scalar>
Dual<Scalar> tanh(const Dual<Scalar>& x) {
    using std::tanh;
    const Scalar value = tanh(x.value);
    return {value, x.derivative * (1 - value * value)};
}

/// (sin x)' = cos x.
template <class Scalar>
Dual<Scalar> sin(const Dual<Scalar>& x) {
    using std::cos, std::sin;
    return {sin(x.value), x.derivative * cos(x.value)};
}

/// (cos x)' = -sin x.
template <class Scalar>
Dual<Scalar> cos(const Dual<Scalar>& x) {
    using std::cos, std::sin;
    return {cos(x.value), -x.derivative * sin(x.value)};
}

}  // namespace gdn2
