// One kernel of a layer at a time on the tests' device, for matrices of doubles, and what its results are held to.
#pragma once

#include <vector>

#include "cuda/launch/host_call.h"
#include "cuda/launch/layer_plan.h"
#include "tests/support/device.h"

namespace gdn2::test {

inline Matrix<double> rounded(Matrix<double> matrix, cuda::Precision precision) {
    for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = rounded(matrix.data()[i], precision);
    return matrix;
}

/// The same numbers as a tensor, of the matrix's shape or another.
template <class Derived>
Tensor<double> tensor_of(const Eigen::MatrixBase<Derived>& x, const Shape& shape) {
    const Matrix<double> matrix = x;
    return {shape, std::vector<double>(matrix.data(), matrix.data() + matrix.size())};
}
template <class Derived>
Tensor<double> tensor_of(const Eigen::MatrixBase<Derived>& x) {
    return tensor_of(x, {x.rows(), x.cols()});
}

/// Buffers of one test, and launches on its device.
class LayerDevice {
public:
    explicit LayerDevice(cuda::Precision precision)
        : precision_(precision), execution_(on_device(precision)), uploads_(execution_.backend(), precision) {}

    cuda::Precision precision() const { return precision_; }

    template <class Derived>
    void* elements(const Eigen::MatrixBase<Derived>& x) {
        return uploads_.elements(cast<float>(tensor_of(x)), "elements");
    }
    template <class Derived>
    float* floats(const Eigen::MatrixBase<Derived>& x) {
        const Tensor<float> numbers = cast<float>(tensor_of(x));
        return uploads_.floats(numbers.data(), static_cast<std::size_t>(numbers.size()), "floats");
    }
    void* empty(Index count) { return uploads_.empty(static_cast<std::size_t>(count) * size_of(precision_), "result"); }
    float* empty_floats(Index count) {
        return static_cast<float*>(uploads_.empty(static_cast<std::size_t>(count) * 4, "float result"));
    }
    void* starts(const std::vector<std::int64_t>& offsets) {
        return uploads_.bytes(offsets.data(), offsets.size() * 8, "cu_seqlens");
    }

    void run(const cuda::KernelCall& call) { execution_.run({call}); }

    /// The sum over the rows of x [rows, columns], which are floats.
    float* sum_rows(const float* x, Index rows, Index columns) {
        float* sums = empty_floats(columns);
        run(cuda::make_row_sum_call(cuda::Precision::f32, {x, rows, rows, columns, sums}));
        return sums;
    }

    Tensor<double> fetch(const void* x, Index rows, Index columns) {
        return cast<double>(uploads_.fetch(x, {rows, columns}, precision_));
    }
    Tensor<double> fetch_floats(const float* x, Index rows, Index columns) {
        return cast<double>(uploads_.fetch(x, {rows, columns}, cuda::Precision::f32));
    }

private:
    cuda::Precision precision_;
    cuda::Execution execution_;
    cuda::Uploads uploads_;
};

/// What a kernel with float sums may err whose results are rounded once: twice what rounding the truth costs.
template <class Derived>
void expect_rounded_once(const std::string& name, const Eigen::MatrixBase<Derived>& truth, const Tensor<double>& claim,
                         cuda::Precision precision) {
    const Tensor<double> reference = tensor_of(truth);
    const bool is_float = precision == cuda::Precision::f32;
    const double rounding = is_float ? 0 : error_of(reference, rounded(reference, precision));
    expect_close(name, reference, claim, 2 * rounding + check::tolerance(check::Pair::f32_device, check::Kind::output));
}

}  // namespace gdn2::test
