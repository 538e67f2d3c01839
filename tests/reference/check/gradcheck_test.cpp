// A good operator passes gradcheck; every planted mistake in an adjoint is caught, and named.
#include "reference/check/gradcheck.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/random.h"
#include "tests/support/allow_fp_exceptions.h"

using namespace gdn2;
using namespace gdn2::check;

namespace {

// y = exp(a) * b and z = sum(a * b), elementwise over [2, 3].
struct Forward {
    template <class Scalar>
    Tensors<Scalar> operator()(const Tensors<Scalar>& x) const {
        using std::exp;
        Tensor<Scalar> y(x[0].shape());
        Tensor<Scalar> z(Shape{1});
        for (Index i = 0; i < y.size(); ++i) {
            y[i] = exp(x[0][i]) * x[1][i];
            z[0] += x[0][i] * x[1][i];
        }
        return {y, z};
    }
};

Tensors<double> right_adjoint(const Tensors<double>& x, const Tensors<double>& dy) {
    Tensors<double> dx{Tensor<double>(x[0].shape()), Tensor<double>(x[1].shape())};
    for (Index i = 0; i < x[0].size(); ++i) {
        dx[0][i] = dy[0][i] * std::exp(x[0][i]) * x[1][i] + dy[1][0] * x[1][i];
        dx[1][i] = dy[0][i] * std::exp(x[0][i]) + dy[1][0] * x[0][i];
    }
    return dx;
}

template <class Adjoint>
Operator with_adjoint(Adjoint adjoint) {
    Random random(7);
    std::vector<Input> inputs{{"a", random_normal({2, 3}, random)}, {"b", random_normal({2, 3}, random)}};
    return make_operator("toy", "exp(a) b, sum(a b)", std::move(inputs), {"y", "z"}, Forward{}, adjoint);
}

// The right adjoint with `change` applied to its result.
template <class Change>
GradcheckReport report_after(Change change) {
    return gradcheck(with_adjoint([change](const Tensors<double>& x, const Tensors<double>& dy) {
        Tensors<double> dx = right_adjoint(x, dy);
        change(dx, x, dy);
        return dx;
    }));
}

}  // namespace

TEST_CASE("gradcheck passes a right adjoint") {
    const GradcheckReport report = gradcheck(with_adjoint(right_adjoint));
    CHECK(report.passed);
    CHECK(report.value_error <= 1e-15);
    REQUIRE(report.inputs.size() == 2);
    for (const InputReport& input : report.inputs) {
        CHECK(input.passed);
        CHECK(input.dual_error <= 1e-15);
        CHECK(input.difference_error <= 1e-9);
        CHECK(input.difference_error > 0);  // else nothing was differenced
    }
}

TEST_CASE("gradcheck catches a wrong sign and names only that input") {
    const GradcheckReport report = report_after([](Tensors<double>& dx, const auto&, const auto&) {
        for (double& value : dx[1].values()) value = -value;
    });
    CHECK_FALSE(report.passed);
    CHECK(report.inputs[0].passed);
    CHECK_FALSE(report.inputs[1].passed);
    CHECK_FALSE(report.inputs[1].dual_error <= 1);
    CHECK_FALSE(report.inputs[1].difference_error <= 1);
}

TEST_CASE("gradcheck catches one element wrong by 1e-9 and says which") {
    const GradcheckReport report =
        report_after([](Tensors<double>& dx, const auto&, const auto&) { dx[0][4] *= 1 + 1e-9; });
    CHECK_FALSE(report.passed);
    CHECK_FALSE(report.inputs[0].passed);
    CHECK(report.inputs[0].dual_error > 1e-12);
    CHECK(report.inputs[0].difference_error <=
          1e-7);  // too coarse to see it: that is why there are two tests
    CHECK(report.inputs[0].worst_element == std::vector<Index>{1, 1});
    CHECK(report.inputs[0].adjoint_value == doctest::Approx(report.inputs[0].dual_value).epsilon(1e-8));
    CHECK(report.inputs[1].passed);
}

TEST_CASE("gradcheck catches a missing term") {
    const GradcheckReport report = report_after([](Tensors<double>& dx, const auto& x, const auto& dy) {
        for (Index i = 0; i < dx[0].size(); ++i) dx[0][i] -= dy[1][0] * x[1][i];
    });
    CHECK_FALSE(report.inputs[0].passed);
    CHECK(report.inputs[1].passed);
}

TEST_CASE("gradcheck fails on a NaN wherever it is") {
    const test::AllowFpExceptions allow;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const GradcheckReport in_adjoint =
        report_after([nan](Tensors<double>& dx, const auto&, const auto&) { dx[0][2] = nan; });
    CHECK_FALSE(in_adjoint.passed);
    CHECK(std::isnan(in_adjoint.inputs[0].dual_error));
    CHECK(in_adjoint.inputs[0].worst_element == std::vector<Index>{0, 2});
    CHECK(in_adjoint.inputs[1].passed);

    Operator nan_forward = with_adjoint(right_adjoint);
    nan_forward.forward = [nan](const Tensors<double>& x) {
        Tensors<double> y = Forward{}(x);
        y[0][0] = nan;
        return y;
    };
    CHECK_FALSE(gradcheck(nan_forward).passed);

    Operator nan_derivative = with_adjoint(right_adjoint);
    nan_derivative.dual_forward = [nan](const Tensors<Dual<double>>& x) {
        Tensors<Dual<double>> y = Forward{}(x);
        y[1][0].derivative = nan;
        return y;
    };
    CHECK_FALSE(gradcheck(nan_derivative).passed);
}

TEST_CASE("gradcheck catches dual numbers that compute another function") {
    Operator op = with_adjoint(right_adjoint);
    op.dual_forward = [](const Tensors<Dual<double>>& x) {
        Tensors<Dual<double>> y = Forward{}(x);
        y[0][0].value += 1e-9;
        return y;
    };
    const GradcheckReport report = gradcheck(op);
    CHECK_FALSE(report.passed);
    CHECK(report.value_error > 1e-12);
    CHECK(report.inputs[0].passed);
}

TEST_CASE("gradcheck catches dual numbers and an adjoint that share a mistake") {
    Operator op = with_adjoint(right_adjoint);
    op.forward = [](const Tensors<double>& x) {
        Tensors<double> y = Forward{}(x);
        for (Index i = 0; i < x[0].size(); ++i) y[1][0] += 1e-3 * (x[0][i] - 1) * (x[0][i] - 1);
        return y;
    };
    const GradcheckReport report = gradcheck(op);
    CHECK(report.inputs[0].dual_error <= 1e-12);
    CHECK_FALSE(report.inputs[0].difference_error <= 1e-7);
    CHECK_FALSE(report.inputs[0].passed);
}

TEST_CASE("gradcheck of a gradient that is zero everywhere passes") {
    Operator op = make_operator(
        "constant", "y = 1", {{"a", Tensor<double>({3}, 2.0)}}, {"y"},
        [](const auto& x) {
            auto y = x;
            for (auto& value : y[0].values()) value = 1;
            return y;
        },
        [](const Tensors<double>& x, const Tensors<double>&) {
            return Tensors<double>{Tensor<double>(x[0].shape())};
        });
    CHECK(gradcheck(op).passed);
}

TEST_CASE("gradcheck refuses operators that return wrong tensors") {
    Operator few =
        with_adjoint([](const Tensors<double>& x, const Tensors<double>&) { return Tensors<double>{x[0]}; });
    CHECK_THROWS_WITH_AS(gradcheck(few), "operator toy: adjoint must return 2 tensors, got 1", Error);
    Operator wrong = with_adjoint([](const Tensors<double>& x, const Tensors<double>&) {
        return Tensors<double>{x[0], Tensor<double>({6})};
    });
    CHECK_THROWS_WITH_AS(gradcheck(wrong), "operator toy: adjoint: tensor 1 must be [2, 3], got [6]", Error);
    Operator unnamed = with_adjoint(right_adjoint);
    unnamed.outputs = {"y"};
    CHECK_THROWS_WITH_AS(gradcheck(unnamed), "operator toy: forward must return 1 tensors, got 2", Error);
    Operator empty = with_adjoint(right_adjoint);
    empty.inputs.clear();
    CHECK_THROWS_AS(gradcheck(empty), Error);
}

TEST_CASE("gradcheck reports progress up to its total") {
    GradcheckOptions options;
    Index calls = 0, last_total = 0;
    options.progress = [&](Index done, Index total) {
        CHECK(done == ++calls);
        last_total = total;
    };
    gradcheck(with_adjoint(right_adjoint), options);
    CHECK(calls == 8);
    CHECK(last_total == 8);
}
