// One pass of a mixer over host memory: buffers, the launches in their order, what they leave.
//   tests  tests/cuda/kernels/mixer_test.cpp
#pragma once

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

/// The launches of a layer's forward pass and the buffers that they fill: elements [tokens, ...] but f.
class MixerRun {
public:
    /// Uploads all inputs. Throws Error as forward_mixer does.
    MixerRun(const MixerParameters& parameters, const Tensor<float>& x, const MixerOptions& options,
             const std::vector<std::int64_t>& cu_seqlens);
    MixerRun(const MixerRun&) = delete;
    MixerRun& operator=(const MixerRun&) = delete;

    /// Adds the forward pass's launches to the plan.
    void plan_forward();
    /// Runs what has been planned.
    void run() { execution_.run(plan_); }
    /// y, of the shape of x, once it has run.
    Tensor<float> y() { return uploads_.fetch(y_, shape_, options_.precision); }

private:
    void* elements(std::int64_t count, const char* name);

    /// y = most activation(x W^T + bias), elements or float.
    void plan_linear(const DeviceLinear& map, const void* x, void* y, bool y_is_float = false,
                     Activation activation = Activation::none, float most = 1);
    ProjectionOutputs plan_projection(const DeviceProjection& projection, bool y_is_float);
    void* plan_gate(const DeviceLinear& map, float most);
    BranchOutputs plan_branch(const DeviceBranch& branch);
    void plan_memory();
    void plan_norm();

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
    ForwardArguments memory_{};       ///< key.b, value.w, value.o and all else that the rule is given
};

}  // namespace gdn2::cuda
