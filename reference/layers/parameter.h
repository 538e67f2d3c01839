// What training, files and gradient checks need to know of a layer's numbers: a name, a shape, where they lie.
// A layer is a struct of its parameters, and a gradient is a value of the same struct: adjoints add to its members.
//   tests  tests/reference/layers/parameter_test.cpp
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "reference/core/matrix.h"
#include "reference/core/shape.h"

namespace gdn2 {

/// A view of one parameter, which its layer must outlive.
template <class Scalar>
struct Parameter {
    std::string name;          ///< as in a file: "layers.0.mixer.q_proj.weight"
    Shape shape;               ///< as in a file
    Scalar* data;              ///< element_count(shape) numbers in row-major order
    bool weight_decay = true;  ///< false for norms, biases, A_log and dt_bias

    Index size() const { return element_count(shape); }
};

/// All parameters of a layer or a model, always in the same order.
template <class Scalar>
using Parameters = std::vector<Parameter<Scalar>>;

/// Appends a matrix under the shape [rows, cols].
template <class Scalar>
void collect(const std::string& name, Matrix<Scalar>& matrix, bool weight_decay, Parameters<Scalar>& into) {
    into.push_back({name, {matrix.rows(), matrix.cols()}, matrix.data(), weight_decay});
}

/// Appends a vector under the shape [size], unless it is empty: an absent bias has no name.
template <class Scalar>
void collect(const std::string& name, Vector<Scalar>& vector, bool weight_decay, Parameters<Scalar>& into) {
    if (vector.size() > 0) into.push_back({name, {vector.size()}, vector.data(), weight_decay});
}

/// A layer's parameters under the names that its own collect() gives them.
template <class Scalar, template <class> class Layer>
Parameters<Scalar> parameters_of(Layer<Scalar>& layer) {
    Parameters<Scalar> parameters;
    collect("", layer, parameters);
    return parameters;
}

/// The same layer with every parameter 0: a gradient to add to.
template <class Scalar, template <class> class Layer>
Layer<Scalar> zeros_like(Layer<Scalar> layer) {
    for (const Parameter<Scalar>& parameter : parameters_of(layer))
        std::fill_n(parameter.data, parameter.size(), Scalar(0));
    return layer;
}

}  // namespace gdn2
