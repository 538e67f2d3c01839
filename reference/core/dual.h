// Dual numbers: value + derivative * epsilon with epsilon^2 = 0. Running an operator on them gives its exact
// directional derivative, which is what every hand-written adjoint is held to (check/gradcheck.h).
// Our own rather than Eigen's AutoDiffScalar: that one carries a vector of derivatives and lives in
// Eigen/unsupported; one direction in two numbers is faster and can be read in a minute.
//   tests  tests/reference/core/dual_test.cpp
#pragma once

#include <cmath>

namespace gdn2 {

/// value + derivative * epsilon.
template <class Scalar>
struct Dual {
    Scalar value{};
    Scalar derivative{};

    constexpr Dual() = default;
    constexpr Dual(Scalar value) : value(value) {}  // a constant: implicit on purpose
    constexpr Dual(Scalar value, Scalar derivative) : value(value), derivative(derivative) {}

    constexpr Dual& operator+=(const Dual& y) { return *this = *this + y; }
    constexpr Dual& operator-=(const Dual& y) { return *this = *this - y; }
    constexpr Dual& operator*=(const Dual& y) { return *this = *this * y; }
    constexpr Dual& operator/=(const Dual& y) { return *this = *this / y; }

    friend constexpr Dual operator-(const Dual& x) { return {-x.value, -x.derivative}; }
    friend constexpr Dual operator+(const Dual& x, const Dual& y) {
        return {x.value + y.value, x.derivative + y.derivative};
    }
    friend constexpr Dual operator-(const Dual& x, const Dual& y) {
        return {x.value - y.value, x.derivative - y.derivative};
    }
    friend constexpr Dual operator*(const Dual& x, const Dual& y) {
        return {x.value * y.value, x.derivative * y.value + x.value * y.derivative};
    }
    friend constexpr Dual operator/(const Dual& x, const Dual& y) {
        const Scalar ratio = x.value / y.value;
        return {ratio, (x.derivative - ratio * y.derivative) / y.value};
    }

    // Order is by value: a branch taken on dual numbers is the branch taken on plain ones.
    friend constexpr bool operator==(const Dual& x, const Dual& y) { return x.value == y.value; }
    friend constexpr bool operator!=(const Dual& x, const Dual& y) { return x.value != y.value; }
    friend constexpr bool operator<(const Dual& x, const Dual& y) { return x.value < y.value; }
    friend constexpr bool operator>(const Dual& x, const Dual& y) { return x.value > y.value; }
    friend constexpr bool operator<=(const Dual& x, const Dual& y) { return x.value <= y.value; }
    friend constexpr bool operator>=(const Dual& x, const Dual& y) { return x.value >= y.value; }

    friend Dual exp(const Dual& x) {
        using std::exp;
        const Scalar value = exp(x.value);
        return {value, x.derivative * value};
    }
    friend Dual log(const Dual& x) {
        using std::log;
        return {log(x.value), x.derivative / x.value};
    }
    friend Dual sqrt(const Dual& x) {
        using std::sqrt;
        const Scalar root = sqrt(x.value);
        return {root, x.derivative / (2 * root)};
    }
    friend Dual abs(const Dual& x) { return x.value < 0 ? -x : x; }
    friend bool isfinite(const Dual& x) { return std::isfinite(x.value) && std::isfinite(x.derivative); }
};

/// The value of a plain number or of a dual one: what traces and messages show.
inline double value_of(double x) { return x; }
/// The same of a dual number, nested ones included.
template <class Scalar>
double value_of(const Dual<Scalar>& x) { return value_of(x.value); }

}  // namespace gdn2
