// See delta_device.h.
#include "reference/layers/delta_device.h"

#include <algorithm>
#include <atomic>

namespace gdn2 {
namespace {

std::atomic<const DeltaDevice*> current = nullptr;

/// A matrix [tokens, heads * dim] as a tensor: the same numbers in the same order. Absent: all of them `absent`.
Tensor<float> tensor_of(const Matrix<float>& m, Shape shape, float absent) {
    Tensor<float> tensor(std::move(shape), absent);
    if (m.cols() > 0) std::copy_n(m.data(), m.size(), tensor.data());
    return tensor;
}

Matrix<float> matrix_of(const Tensor<float>& tensor, Index rows) {
    return Eigen::Map<const Matrix<float>>(tensor.data(), rows, tensor.size() / std::max<Index>(rows, 1));
}

/// g of every channel, where it is given for every head.
Matrix<float> channels_of(const DeltaMemoryInput<float>& x, Index key_dim) {
    if (!x.g_of_heads || x.g.cols() == 0) return x.g;
    Matrix<float> g(x.k.rows(), x.k.cols());
    for (Index c = 0; c < g.cols(); ++c) g.col(c) = x.g.col(c / key_dim);
    return g;
}

Problem<float> problem_of(const DeltaMemoryInput<float>& x, const ScanSizes& sizes, Batch batch) {
    const Shape keys{batch.batch, batch.length, sizes.key_heads, sizes.key_dim},
        values{batch.batch, batch.length, sizes.value_heads, sizes.value_dim};
    Problem<float> problem;
    problem.q = tensor_of(x.q, keys, 0);
    problem.k = tensor_of(x.k, keys, 0);
    problem.g = tensor_of(channels_of(x, sizes.key_dim), keys, 0);
    problem.b = tensor_of(x.b, keys, 0);
    problem.v = tensor_of(x.v, values, 0);
    problem.w = tensor_of(x.w, values, 1);
    problem.scale = x.scale;
    return problem;
}

}  // namespace

DeltaDevice::~DeltaDevice() {
    const DeltaDevice* self = this;
    current.compare_exchange_strong(self, nullptr);
}

void set_delta_device(const DeltaDevice* device) { current = device; }

const DeltaDevice* delta_device() { return current; }

Matrix<float> memory_on(const DeltaDevice& device, const DeltaMemoryInput<float>& x, const ScanSizes& sizes,
                        Batch batch) {
    return matrix_of(device.forward(problem_of(x, sizes, batch)), batch.tokens());
}

DeltaMemoryInput<float> memory_backward_on(const DeltaDevice& device, const DeltaMemoryInput<float>& x,
                                           const ScanSizes& sizes, Batch batch, const Matrix<float>& d_o) {
    Problem<float> problem = problem_of(x, sizes, batch);
    problem.d_o = tensor_of(d_o, problem.v.shape(), 0);
    const Result<float> result = device.gradient(problem);
    const auto present = [&](const Matrix<float>& m, const Tensor<float>& gradient) {
        return m.cols() > 0 ? matrix_of(gradient, batch.tokens()) : Matrix<float>();
    };
    DeltaMemoryInput<float> d{present(x.q, result.dq), present(x.k, result.dk), present(x.b, result.db),
                              present(x.v, result.dv), present(x.w, result.dw), present(x.g, result.dg)};
    if (!x.g_of_heads || x.g.cols() == 0) return d;
    Matrix<float> of_heads(x.g.rows(), x.g.cols());  // forward: a head's number in each of its channels
    for (Index head = 0; head < of_heads.cols(); ++head)
        of_heads.col(head) = d.g.middleCols(head * sizes.key_dim, sizes.key_dim).rowwise().sum();
    d.g = of_heads;
    return d;
}

}  // namespace gdn2
