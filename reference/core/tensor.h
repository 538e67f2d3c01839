// A dense row-major tensor that owns its numbers, and views of one head of it.
//   layout [batch, length, heads, dim], states [sequences, heads, key_dim, value_dim]
//   tests  tests/reference/core/tensor_test.cpp
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reference/core/error.h"
#include "reference/core/matrix.h"
#include "reference/core/shape.h"

namespace gdn2 {

/// Numbers in row-major order with their shape.
template <class Scalar>
class Tensor {
public:
    Tensor() : Tensor(Shape{0}) {}

    /// All elements `fill`. Throws Error on a negative or uncountable shape.
    explicit Tensor(Shape shape, Scalar fill = Scalar(0))
        : shape_(std::move(shape)), values_(static_cast<std::size_t>(element_count(shape_)), fill) {}

    /// Takes the numbers as they are. Throws Error when their count is not the shape's.
    Tensor(Shape shape, std::vector<Scalar> values) : shape_(std::move(shape)), values_(std::move(values)) {
        require(element_count(shape_) == size(),
                "a tensor of shape " + to_string(shape_) + " needs " + std::to_string(element_count(shape_)) +
                    " numbers, got " + std::to_string(size()));
    }

    const Shape& shape() const { return shape_; }
    Index rank() const { return static_cast<Index>(shape_.size()); }
    Index size() const { return static_cast<Index>(values_.size()); }

    Scalar* data() { return values_.data(); }
    const Scalar* data() const { return values_.data(); }
    std::vector<Scalar>& values() & { return values_; }
    const std::vector<Scalar>& values() const& { return values_; }
    const std::vector<Scalar>& values() && = delete;  // a loop over a temporary's would run on freed memory

    /// Element by flat row-major offset; unchecked.
    Scalar& operator[](Index offset) { return values_[static_cast<std::size_t>(offset)]; }
    const Scalar& operator[](Index offset) const { return values_[static_cast<std::size_t>(offset)]; }

private:
    Shape shape_;
    std::vector<Scalar> values_;
};

/// The same numbers in another scalar type (to float: rounded to nearest; to a dual number: a constant).
template <class To, class From>
Tensor<To> cast(const Tensor<From>& tensor) {
    Tensor<To> result(tensor.shape());
    for (Index i = 0; i < tensor.size(); ++i) result[i] = static_cast<To>(tensor[i]);
    return result;
}

/// Tokens [first, first + length) of head `head` of batch row `batch` of a [batch, length, heads, dim] tensor,
/// as a [length, dim] view. Unchecked: shapes are validated once, at the public function.
template <class Scalar>
Rows<Scalar> head_rows(const Tensor<Scalar>& tensor, Index batch, Index head, Index first, Index length) {
    const Shape& shape = tensor.shape();
    const Index stride = shape[2] * shape[3];
    const Scalar* start = tensor.data() + (batch * shape[1] + first) * stride + head * shape[3];
    return {start, length, shape[3], Eigen::OuterStride<>(stride)};
}

/// The same, writable.
template <class Scalar>
MutableRows<Scalar> head_rows(Tensor<Scalar>& tensor, Index batch, Index head, Index first, Index length) {
    const Rows<Scalar> view = head_rows(std::as_const(tensor), batch, head, first, length);
    return {const_cast<Scalar*>(view.data()), view.rows(), view.cols(), Eigen::OuterStride<>(view.outerStride())};
}

/// State of one sequence and head of a [sequences, heads, key_dim, value_dim] tensor, as a [key_dim, value_dim] view.
template <class Scalar>
Eigen::Map<const Matrix<Scalar>> state_of(const Tensor<Scalar>& states, Index sequence, Index head) {
    const Shape& shape = states.shape();
    return {states.data() + (sequence * shape[1] + head) * shape[2] * shape[3], shape[2], shape[3]};
}

/// The same, writable.
template <class Scalar>
Eigen::Map<Matrix<Scalar>> state_of(Tensor<Scalar>& states, Index sequence, Index head) {
    const Shape& shape = states.shape();
    return {states.data() + (sequence * shape[1] + head) * shape[2] * shape[3], shape[2], shape[3]};
}

}  // namespace gdn2
