// Which kernels a forward pass or a decoding step is made of, with which grids: the same for both back ends.
//   source  docs/kernels.md     tests  tests/cuda/launch/plan_test.cpp
#pragma once

#include <vector>

#include "cuda/api/decode.h"
#include "cuda/api/forward.h"
#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

/// In order of launch. Throws Error where dims, heads or pointers do not fit together.
std::vector<KernelCall> make_forward_plan(const ForwardArguments& arguments, void* workspace);

/// Throws Error likewise.
KernelCall make_decode_call(const DecodeArguments& arguments);

}  // namespace gdn2::cuda
