// One pass of a mixer over host memory: buffers, the launches in their order, what they leave.
//   tests  tests/cuda/kernels/mixer_test.cpp
#pragma once

#include "cuda/launch/backward_plan.h"
#include "cuda/launch/forward_plan.h"
#include "cuda/launch/layer_plan.h"
#include "cuda/launch/mixer_parameters.h"

namespace gdn2::cuda {

/// What a branch leaves: before its convolution, and after its SiLU.
struct BranchOutputs {
    void *projected, *y;  ///< elements [tokens, out]
};

/// What a projection leaves: the narrow middle, or null; and its end.
struct ProjectionOutputs {
    void *middle, *y;
};

/// The launches of a layer's passes and the buffers that they fill: elements [tokens, ...] but f.
class MixerRun {
public:
    /// Uploads all inputs. Throws Error as forward_mixer does.
    MixerRun(const MixerParameters& parameters, const Tensor<float>& x, const MixerOptions& options,
             const std::vector<std::int64_t>& cu_seqlens);
    MixerRun(const MixerRun&) = delete;
    MixerRun& operator=(const MixerRun&) = delete;

    /// Adds the forward pass's launches to the plan; `saving`: what they leave is enough for the backward pass.
    void plan_forward(bool saving);
    /// Adds the backward pass's, after a forward pass that saves. Throws Error when dy has not the shape of x.
    void plan_backward(const Tensor<float>& dy);
    /// Runs what has been planned.
    void run() { execution_.run(plan_); }
    /// y, of the shape of x, once it has run.
    Tensor<float> y() { return uploads_.fetch(y_, shape_, options_.precision); }
    /// dx, and the gradients of all parameters, of which `parameters` are read for their shapes.
    Tensor<float> dx() { return uploads_.fetch(dx_, shape_, Precision::f32); }
    MixerParameters gradients(const MixerParameters& parameters);

private:
    void* elements(std::int64_t count, const char* name);
    float* floats(std::int64_t count, const char* name);

    /// y = most activation(x W^T + bias), elements or float.
    void plan_linear(const DeviceLinear& map, const void* x, void* y, bool y_is_float = false,
                     Activation activation = Activation::none, float most = 1);
    ProjectionOutputs plan_projection(const DeviceProjection& projection, bool y_is_float);
    void* plan_gate(const DeviceLinear& map, float most);
    BranchOutputs plan_branch(const DeviceBranch& branch);
    void plan_memory(bool saving);
    void plan_norm();

    /// The sum over the rows of `parts` [rows, columns] as a parameter's gradient.
    void plan_sum(const std::string& parameter, const void* parts, Precision precision, std::int64_t rows,
                  std::int64_t columns);
    /// C += dy W, or C = dy W.
    void plan_input_gradient(const DeviceLinear& map, const void* dy, void* C, bool is_float, const float* addend);
    /// The gradients of a map's parameters.
    void plan_linear_gradients(const DeviceLinear& map, const void* x, const void* dy);
    /// The same for a map of x, and dx += dy W.
    void plan_linear_backward(const DeviceLinear& map, const void* dy);
    void plan_projection_backward(const DeviceProjection& projection, const ProjectionOutputs& outputs, const void* dy);
    void plan_gate_backward(const DeviceLinear& map, float most, const void* y, const void* dy);
    void plan_branch_backward(const DeviceBranch& branch, const BranchOutputs& outputs, const void* dy);
    /// Returns d_o and plans what comes through the gate.
    void* plan_norm_backward(const void* d_normed);
    void plan_memory_backward(const void* d_o);
    float most_of_b() const { return options_.negative_eigenvalues ? 2.0f : 1.0f; }

    ConvParams conv_params(const DeviceBranch& branch, const BranchOutputs& outputs) const;
    NormParams norm_params() const;

    MixerOptions options_;
    Shape shape_;
    std::int64_t tokens_ = 0;
    Execution execution_;
    Uploads uploads_;
    DeviceMixer mixer_;
    Sequences sequences_{};
    std::vector<KernelCall> plan_;

    void *x_ = nullptr, *normed_ = nullptr, *y_ = nullptr;
    BranchOutputs q_{}, k_{}, v_{};
    ProjectionOutputs f_{}, gate_{};  ///< f is float
    BackwardArguments memory_{};      ///< forward.key.b, .value.w, .value.o and all else that the rule is given
    void* workspace_ = nullptr;
    float* dx_ = nullptr;             ///< null until something has been added
    std::map<std::string, const float*> gradients_;
};

}  // namespace gdn2::cuda
