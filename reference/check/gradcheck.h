// Holds a hand-written adjoint against two independent witnesses of the forward pass:
//   dual numbers          <dy, J dx> = <J^T dy, dx>, exact to rounding (the dot-product test)
//   central differences   <dy, y(x + h dx) - y(x - h dx)> / 2h, which know nothing of dual numbers
// J is the Jacobian of the outputs by ONE input tensor, so that a failure names that tensor.
//   tests  tests/reference/check/gradcheck_test.cpp (a good operator passes, planted mistakes are caught)
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reference/check/tolerances.h"
#include "reference/core/dual.h"
#include "reference/core/tensor.h"

namespace gdn2::check {

/// Several tensors in the order an operator declares them.
template <class Scalar>
using Tensors = std::vector<Tensor<Scalar>>;

/// One differentiable input: its name, and the point where the adjoint is checked.
struct Input {
    std::string name;
    Tensor<double> at;
};

/// A differentiable function of tensors with a hand-written adjoint. The functions receive the inputs in the
/// order of `inputs`. `outputs` names what forward returns, in order.
struct Operator {
    std::string name;  ///< how it is asked for: "recurrent"
    std::string says;  ///< one line for a reader: "Eqs. 8-10, packed, grouped value heads"
    std::vector<Input> inputs;
    std::vector<std::string> outputs;
    std::function<Tensors<double>(const Tensors<double>& x)> forward;
    std::function<Tensors<Dual<double>>(const Tensors<Dual<double>>& x)> dual_forward;
    /// Given x and the gradient dy by each output, returns the gradient by each input.
    std::function<Tensors<double>(const Tensors<double>& x, const Tensors<double>& dy)> adjoint;
};

/// An operator whose forward is one generic function: forward(Tensors<Scalar>) -> Tensors<Scalar>.
template <class Forward, class Adjoint>
Operator make_operator(std::string name, std::string says, std::vector<Input> inputs,
                       std::vector<std::string> outputs, Forward forward, Adjoint adjoint) {
    return {std::move(name), std::move(says), std::move(inputs), std::move(outputs), forward,
            forward,         adjoint};
}

/// How hard to look.
struct GradcheckOptions {
    int directions = 4;  ///< random full-size directions per input, for each of the two tests
    double step = 1e-5;  ///< h of the central differences, along a direction with rms 1
    double dual_tolerance = tolerance(Pair::adjoint_dual, Kind::gradient);
    double difference_tolerance = tolerance(Pair::adjoint_difference, Kind::gradient);
    std::uint64_t seed = 1;
    std::function<void(Index done, Index total)> progress;  ///< called after each input; may be empty
};

/// What was found for one input tensor. A figure is |left - right| / sum of |terms|, the worst of all
/// directions; NaN when anything was not finite, and a NaN never passes.
struct InputReport {
    std::string name;
    double dual_error = 0;
    double difference_error = 0;
    bool passed = false;
    std::vector<Index> worst_element;  ///< on a failure: where the adjoint is farthest from the dual numbers
    double adjoint_value = 0;          ///< there, what the adjoint says
    double dual_value = 0;             ///< there, what the dual numbers say
};

/// What was found for one operator.
struct GradcheckReport {
    std::string name;
    double value_error = 0;  ///< dual forward's values against the plain forward's, norm-relative
    std::vector<InputReport> inputs;
    bool passed = false;
};

/// Runs both tests on every input of `op`. Throws Error when a function of `op` returns a wrong number of
/// tensors or wrong shapes, naming the operator and the tensor.
GradcheckReport gradcheck(const Operator& op, const GradcheckOptions& options = {});

}  // namespace gdn2::check
