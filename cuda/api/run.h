// Problems of the host's memory run on a device: rounded, uploaded, computed, brought back.
//   equations  Eqs. 8-10, 20-28     tests  tests/cuda/kernels/forward_test.cpp, backward_test.cpp, decode_test.cpp
#pragma once

#include "cuda/api/options.h"
#include "reference/delta_rule/problem.h"

namespace gdn2::cuda {

/// o and final_state. The problem is rounded to options.precision, but g and the states stay float.
/// With Decay::log, shapes and values are checked as everywhere; with a gate, g may be any finite number.
/// Throws Error for what does not fit, dims above 256, numbers that f16 cannot hold, or a device that is not there.
Result<float> forward(const Problem<float>& problem, const Options& options);

/// What a gated decay adds to a Result: gradients of the gate's parameters.
struct Gradients : Result<float> {
    std::vector<float> d_A_log;    ///< [key_heads]; empty with Decay::log
    std::vector<float> d_dt_bias;  ///< [key_heads, key_dim]; empty with Decay::log
};

/// forward(), and the gradients of <o, d_o> + <final_state, d_final_state> by the chunk path; absent ones are zeros.
/// Of g as it is given, before its gate, and of q and k before they are normalised. With `saving` the forward pass
/// leaves the states and residuals of all chunks behind, else the backward pass computes them again: the same bits.
/// Throws Error as forward() does, and for another path.
Gradients gradient(const Problem<float>& problem, const Options& options, bool saving = false);

/// One decoding step (decode.h). problem: [sequences, tokens, ...], dense, without states and gradients;
/// `states` [slots, value_heads, key_dim, value_dim] is updated in place; `slots` [sequences]: the
/// state of each, no two alike, negative: skip; empty: sequence n has state n.
/// o of skipped sequences is NaN. Throws Error for what does not fit or a device that is not there.
Tensor<float> decode(const Problem<float>& problem, Tensor<float>& states, const std::vector<std::int32_t>& slots,
                     bool state_is_bf16, const Options& options);

}  // namespace gdn2::cuda
