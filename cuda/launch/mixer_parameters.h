// The parameters of a mixer on a device, checked. What api/mixer.h takes by name has here a place for each.
//   tests  tests/cuda/kernels/mixer_test.cpp
#pragma once

#include <set>

#include "cuda/api/mixer.h"
#include "cuda/launch/host_call.h"

namespace gdn2::cuda {

/// y = x W^T + bias
struct DeviceLinear {
    std::string name;         ///< "q_proj."
    const void* weight;       ///< elements [out, in]
    const float* bias;        ///< [out], or null
    int in, out;
};

/// One map, or two through a narrow middle.
using DeviceProjection = std::vector<DeviceLinear>;

/// A projection and its convolution; without a weight there is none and the width is 1.
struct DeviceBranch {
    DeviceLinear proj;
    std::string conv_name;    ///< "q_conv1d."
    const float *conv_weight, *conv_bias;
    int width;
};

struct DeviceMixer {
    int d_model, key_heads, value_heads, key_dim, value_dim;
    DeviceBranch q, k, v;
    DeviceProjection decay, gate;      ///< gate: empty where there is none
    const float *A_log, *dt_bias, *norm_weight;
    DeviceLinear b, w, o_proj;

    int keys() const { return key_heads * key_dim; }
    int values() const { return value_heads * value_dim; }
};

/// Throws Error on what is missing, unknown or of another shape, by name.
DeviceMixer upload_mixer(Uploads& uploads, const MixerParameters& parameters, const MixerOptions& options);

}  // namespace gdn2::cuda
