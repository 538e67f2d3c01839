// Activations against long double at every magnitude, and exactly at the ends.
#include "reference/layers/activation.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "reference/core/error.h"
#include "tests/support/allow_fp_exceptions.h"

namespace gdn2 {
namespace {

/// Both signs of 0, tiny, ordinary and large numbers; 37 of them, so that no vector register divides them.
Matrix<double> grid() {
    Matrix<double> x(1, 37);
    for (Index i = 0; i < 18; ++i) {
        x(0, i) = std::pow(10.0, -9 + static_cast<double>(i) * 0.6);
        x(0, 36 - i) = -x(0, i);
    }
    x(0, 18) = 0;
    return x;
}

using Function = std::function<long double(long double)>;

const Function sigmoid_of = [](long double x) { return 1 / (1 + std::exp(-x)); };
const Function silu_of = [](long double x) { return x / (1 + std::exp(-x)); };
const Function softplus_of = [](long double x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
};

/// Worst relative error; numbers below `smallest` count as that.
template <class Scalar>
double worst_error(const Matrix<Scalar>& x, const Matrix<Scalar>& y, const Function& f, double smallest) {
    long double worst = 0;
    for (Index i = 0; i < x.size(); ++i) {
        const long double right = f(x.data()[i]);
        const long double scale = std::max(std::abs(right), static_cast<long double>(smallest));
        const long double error = std::abs(y.data()[i] - right) / scale;
        if (!(error <= worst)) worst = error;
    }
    return static_cast<double>(worst);
}

TEST_CASE("activations keep their relative precision at every magnitude") {
    const Matrix<double> x = grid();
    CHECK(worst_error(x, sigmoid(x), sigmoid_of, 1e-300) <= 1e-15);
    CHECK(worst_error(x, silu(x), silu_of, 1e-300) <= 1e-15);
    CHECK(worst_error(x, softplus(x), softplus_of, 1e-300) <= 1e-15);
    const Matrix<float> narrow = x.cast<float>();
    CHECK(worst_error(narrow, sigmoid(narrow), sigmoid_of, 1e-37) <= 3e-7);
    CHECK(worst_error(narrow, silu(narrow), silu_of, 1e-35) <= 3e-7);
    CHECK(worst_error(narrow, softplus(narrow), softplus_of, 1e-37) <= 3e-7);
}

template <class Scalar>
void check_ends(Scalar huge) {
    const Matrix<Scalar> high = Matrix<Scalar>::Constant(1, 19, huge), low = -high, zero = 0 * high;
    const Matrix<Scalar> one = Matrix<Scalar>::Ones(1, 19);
    CHECK(sigmoid(high) == one);
    CHECK(sigmoid(low) == zero);
    CHECK(sigmoid(zero) == one / 2);
    CHECK(silu(high) == high);
    CHECK(silu(low) == zero);
    CHECK(softplus(high) == high);
    CHECK(softplus(low) == zero);
    CHECK(silu_backward(high, one) == one);
    CHECK(silu_backward(low, one) == zero);
    CHECK(silu_backward(zero, one) == one / 2);
    CHECK(softplus_backward(high, one) == one);
    CHECK(softplus_backward(low, one) == zero);
    CHECK(sigmoid_backward(sigmoid(high), one) == zero);
}

TEST_CASE("activations are exact far out, where a plain exponential would overflow") {
    check_ends<float>(1e30f);
    check_ends<float>(200);
    check_ends<double>(1e300);
    check_ends<double>(2000);
}

TEST_CASE("activations pass NaN on") {
    const test::AllowFpExceptions allowed;
    const Matrix<float> nan = Matrix<float>::Constant(1, 19, std::nanf(""));
    CHECK(sigmoid(nan).array().isNaN().all());
    CHECK(silu(nan).array().isNaN().all());
    CHECK(softplus(nan).array().isNaN().all());
}

TEST_CASE("activate is what it is asked to be, with its adjoint") {
    const Matrix<double> x = grid(), dy = Matrix<double>::Constant(1, 37, 3);
    CHECK(activate(Activation::silu, x) == silu(x));
    CHECK(activate(Activation::sigmoid, x) == sigmoid(x));
    CHECK(activate_backward(Activation::silu, x, dy) == silu_backward(x, dy));
    CHECK(activate_backward(Activation::sigmoid, x, dy) == sigmoid_backward(sigmoid(x), dy));
}

TEST_CASE("activations take nothing and refuse another shape by name") {
    const Matrix<double> none(0, 4), x = grid();
    CHECK(silu(none).cols() == 4);
    CHECK(softplus(none).size() == 0);
    CHECK_THROWS_WITH_AS(silu_backward(x, none), "`dy` must be [1, 37], got [0, 4]", Error);
    CHECK_THROWS_WITH_AS(sigmoid_backward(x, none), "`dy` must be [1, 37], got [0, 4]", Error);
    CHECK_THROWS_WITH_AS(softplus_backward(x, none), "`dy` must be [1, 37], got [0, 4]", Error);
}

}  // namespace
}  // namespace gdn2
