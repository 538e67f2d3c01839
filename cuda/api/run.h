// Problems of the host's memory run on a device: rounded, uploaded, computed, brought back.
//   equations  Eqs. 8-10, 20-25     tests  tests/cuda/kernels/forward_test.cpp, decode_test.cpp
#pragma once

#include "cuda/api/options.h"
#include "reference/delta_rule/problem.h"

namespace gdn2::cuda {

/// o and final_state. The problem is rounded to options.precision, but g and the states stay float.
/// With Decay::log, shapes and values are checked as everywhere; with a gate, g may be any finite number.
/// Throws Error for what does not fit, dims above 256, numbers that f16 cannot hold, or a device that is not there.
Result<float> forward(const Problem<float>& problem, const Options& options);

/// One decoding step (decode.h). problem: [sequences, tokens, ...], dense, without states and gradients;
/// `states` [slots, value_heads, key_dim, value_dim] is updated in place; `slots` [sequences]: the
/// state of each, no two alike, negative: skip; empty: sequence n has state n.
/// o of skipped sequences is NaN. Throws Error for what does not fit or a device that is not there.
Tensor<float> decode(const Problem<float>& problem, Tensor<float>& states, const std::vector<std::int32_t>& slots,
                     bool state_is_bf16, const Options& options);

}  // namespace gdn2::cuda
