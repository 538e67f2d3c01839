// See gradcheck.h.
#include "reference/check/gradcheck.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/core/random.h"

namespace gdn2::check {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr Index elements_probed = 256;  // on a failure, to say where the adjoint is wrong

/// A sum of products, and the size of what was summed: rounding is small against that, not against the sum.
struct Sum {
    long double value = 0;
    long double magnitude = 0;

    void add(double x, double y) {
        const long double term = static_cast<long double>(x) * y;
        value += term;
        magnitude += std::abs(term);
    }
};

/// |x - y| against the larger sum of |terms|. NaN when either is not finite; 0 when both are 0.
double disagreement(const Sum& x, const Sum& y) {
    if (!std::isfinite(x.value) || !std::isfinite(y.value)) return not_a_number;
    const long double scale = std::max(x.magnitude, y.magnitude);
    return scale == 0 ? 0 : static_cast<double>(std::abs(x.value - y.value) / scale);
}

/// The larger of the two, or NaN when either is.
double worse(double x, double y) { return std::isnan(x) || std::isnan(y) ? not_a_number : std::max(x, y); }

Sum dot(const Tensor<double>& x, const Tensor<double>& y) {
    Sum sum;
    for (Index i = 0; i < x.size(); ++i) sum.add(x[i], y[i]);
    return sum;
}

template <class Scalar>
void require_shapes(const Operator& op, const char* what, const Tensors<Scalar>& tensors,
                    const std::vector<Shape>& expected) {
    const std::string who = "operator " + op.name + ": " + what;
    require(tensors.size() == expected.size(), who + " must return " + std::to_string(expected.size()) +
                                                   " tensors, got " + std::to_string(tensors.size()));
    for (std::size_t i = 0; i < tensors.size(); ++i)
        require(tensors[i].shape() == expected[i], who + ": tensor " + std::to_string(i) + " must be " +
                                                       to_string(expected[i]) + ", got " +
                                                       to_string(tensors[i].shape()));
}

std::vector<Shape> shapes_of(const Tensors<double>& tensors) {
    std::vector<Shape> shapes;
    for (const Tensor<double>& tensor : tensors) shapes.push_back(tensor.shape());
    return shapes;
}

Tensors<double> random_like(const std::vector<Shape>& shapes, Random& random) {
    Tensors<double> tensors;
    for (const Shape& shape : shapes) tensors.push_back(random_normal(shape, random));
    return tensors;
}

/// One operator at its point: what every direction shares.
class Checker {
public:
    Checker(const Operator& op, const GradcheckOptions& options) : op_(op), options_(options) {
        for (const Input& input : op.inputs) x_.push_back(input.at);
        y_ = op.forward(x_);
        require(y_.size() == op.outputs.size(), "operator " + op.name + ": forward must return " +
                                                    std::to_string(op.outputs.size()) + " tensors, got " +
                                                    std::to_string(y_.size()));
    }

    GradcheckReport run() {
        GradcheckReport report;
        report.name = op_.name;
        for (const Input& input : op_.inputs)
            report.inputs.push_back({.name = input.name, .worst_element = {}});
        report.value_error = value_error();
        report.passed = report.value_error <= options_.dual_tolerance;
        for (int direction = 0; direction < options_.directions; ++direction) check_along(direction, report);
        for (InputReport& input : report.inputs) {
            input.passed = input.dual_error <= options_.dual_tolerance &&
                           input.difference_error <= options_.difference_tolerance;
            report.passed = report.passed && input.passed;
        }
        for (std::size_t i = 0; i < x_.size(); ++i)
            if (!report.inputs[i].passed) find_worst_element(i, report.inputs[i]);
        return report;
    }

private:
    /// The dual numbers' values are the function's own: otherwise they would witness another function.
    double value_error() const {
        const Tensors<Dual<double>> dual = dual_along(0, Tensor<double>(x_.at(0).shape()));
        long double difference = 0, size = 0;
        for (std::size_t j = 0; j < y_.size(); ++j)
            for (Index i = 0; i < y_[j].size(); ++i) {
                difference += std::pow(static_cast<long double>(dual[j][i].value) - y_[j][i], 2);
                size += std::pow(static_cast<long double>(y_[j][i]), 2);
            }
        return static_cast<double>(std::sqrt(difference / (size == 0 ? 1 : size)));
    }

    void check_along(int direction, GradcheckReport& report) {
        Random random(options_.seed, static_cast<std::uint64_t>(direction));
        const Tensors<double> dy = random_like(shapes_of(y_), random);
        const Tensors<double> dx = op_.adjoint(x_, dy);
        require_shapes(op_, "adjoint", dx, shapes_of(x_));
        const Index inputs = static_cast<Index>(x_.size());
        for (Index i = 0; i < inputs; ++i) {
            const auto at = static_cast<std::size_t>(i);
            const Tensor<double> along = random_normal(x_[at].shape(), random);
            const Sum by_adjoint = dot(dx[at], along);
            InputReport& input = report.inputs[at];
            input.dual_error = worse(input.dual_error, disagreement(by_dual(at, along, dy), by_adjoint));
            input.difference_error =
                worse(input.difference_error, disagreement(by_difference(at, along, dy), by_adjoint));
            if (options_.progress)
                options_.progress(direction * inputs + i + 1, options_.directions * inputs);
        }
    }

    Tensors<Dual<double>> dual_along(std::size_t input, const Tensor<double>& along) const {
        Tensors<Dual<double>> x;
        for (const Tensor<double>& tensor : x_) x.push_back(cast<Dual<double>>(tensor));
        for (Index i = 0; i < along.size(); ++i) x[input][i].derivative = along[i];
        Tensors<Dual<double>> y = op_.dual_forward(x);
        require_shapes(op_, "dual_forward", y, shapes_of(y_));
        return y;
    }

    Sum by_dual(std::size_t input, const Tensor<double>& along, const Tensors<double>& dy) const {
        const Tensors<Dual<double>> y = dual_along(input, along);
        Sum sum;
        for (std::size_t j = 0; j < y.size(); ++j)
            for (Index i = 0; i < y[j].size(); ++i) sum.add(y[j][i].derivative, dy[j][i]);
        return sum;
    }

    Sum by_difference(std::size_t input, const Tensor<double>& along, const Tensors<double>& dy) const {
        const Tensors<double> above = forward_at(input, along, options_.step);
        const Tensors<double> below = forward_at(input, along, -options_.step);
        Sum sum;
        for (std::size_t j = 0; j < dy.size(); ++j)
            for (Index i = 0; i < dy[j].size(); ++i)
                sum.add((above[j][i] - below[j][i]) / (2 * options_.step), dy[j][i]);
        return sum;
    }

    Tensors<double> forward_at(std::size_t input, const Tensor<double>& along, double step) const {
        Tensors<double> x = x_;
        for (Index i = 0; i < along.size(); ++i) x[input][i] += step * along[i];
        Tensors<double> y = op_.forward(x);
        require_shapes(op_, "forward", y, shapes_of(y_));
        return y;
    }

    /// Elements one by one, evenly spread over the tensor when it is large.
    void find_worst_element(std::size_t input, InputReport& report) const {
        Random random(options_.seed);
        const Tensors<double> dy = random_like(shapes_of(y_), random);
        const Tensor<double> dx = op_.adjoint(x_, dy).at(input);
        const Index size = x_[input].size(), probes = std::min(size, elements_probed);
        double worst = -1;
        for (Index probe = 0; probe < probes; ++probe) {
            const Index i = probe * (size / probes);
            Tensor<double> along(x_[input].shape());
            along[i] = 1;
            const double expected = static_cast<double>(by_dual(input, along, dy).value);
            const double error = std::abs(dx[i] - expected);
            if (error <= worst) continue;
            report.worst_element = unravel(i, x_[input].shape());
            report.adjoint_value = dx[i];
            report.dual_value = expected;
            if (!std::isfinite(error)) return;
            worst = error;
        }
    }

    const Operator& op_;
    const GradcheckOptions& options_;
    Tensors<double> x_, y_;
};

}  // namespace

GradcheckReport gradcheck(const Operator& op, const GradcheckOptions& options) {
    require(!op.inputs.empty(), "operator " + op.name + " has no input to check");
    require(options.directions > 0,
            "gradcheck needs at least 1 direction, got " + std::to_string(options.directions));
    return Checker(op, options).run();
}

}  // namespace gdn2::check
