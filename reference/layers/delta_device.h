// A device in place of the reference's own paths: how a program lets kernels compute the memory of the delta family in
// float while the rest of a model stays here. The reference knows no kernel; tools/gdn2/device.cpp brings them.
//   paper  Eqs. 8-10     tests  tests/reference/layers/delta_device_test.cpp, tests/tools/gdn2/train_device_test.cpp
#pragma once

#include "reference/delta_rule/problem.h"
#include "reference/layers/delta_memory.h"

namespace gdn2 {

/// Something that computes a problem without states. Called by several threads at once. Throws Error for what it does
/// not take.
class DeltaDevice {
public:
    DeltaDevice() = default;
    /// One that is set is set no longer.
    virtual ~DeltaDevice();
    DeltaDevice(const DeltaDevice&) = delete;
    DeltaDevice& operator=(const DeltaDevice&) = delete;

    /// o [batch, length, value_heads, value_dim]
    virtual Tensor<float> forward(const Problem<float>& problem) const = 0;

    /// The gradients of <o, d_o>; o itself is not looked at.
    virtual Result<float> gradient(const Problem<float>& problem) const = 0;
};

/// From now on delta_memory and its backward use it in float, in the whole process; null: the paths of the reference,
/// as at the beginning and once it has gone. Not while a model computes.
void set_delta_device(const DeltaDevice* device);

/// The one that is set, or null.
const DeltaDevice* delta_device();

/// delta_memory by a device.
Matrix<float> memory_on(const DeltaDevice& device, const DeltaMemoryInput<float>& x, const ScanSizes& sizes,
                        Batch batch);

/// delta_memory_backward by a device.
DeltaMemoryInput<float> memory_backward_on(const DeltaDevice& device, const DeltaMemoryInput<float>& x,
                                           const ScanSizes& sizes, Batch batch, const Matrix<float>& d_o);

}  // namespace gdn2
