// What a backward pass of a problem in the host's memory is made of, besides host_call.h.
//   tests  tests/cuda/kernels/backward_test.cpp
#pragma once

#include "cuda/launch/backward_plan.h"
#include "cuda/launch/host_call.h"

namespace gdn2::cuda {

/// Everything of a backward pass but the workspace: what arrives from above, and room for the gradients.
BackwardArguments upload_backward(Uploads& uploads, const Problem<float>& problem, const Sizes& sizes,
                                  const Options& options);

/// The gradients of a pass that has run, into `result`.
void fetch_gradients(Gradients& result, Uploads& uploads, const BackwardArguments& a, const Sizes& sizes);

}  // namespace gdn2::cuda
