// Which kernels a backward pass, or a forward pass that saves for it, is made of: the same for both back ends.
//   source  docs/kernels.md     tests  tests/cuda/launch/plan_test.cpp
#pragma once

#include <vector>

#include "cuda/api/backward.h"
#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

/// In order of launch. Throws Error where dims, heads or pointers do not fit together.
std::vector<KernelCall> make_backward_plan(const BackwardArguments& arguments, void* workspace);
std::vector<KernelCall> make_saving_plan(const BackwardArguments& arguments, void* workspace);

}  // namespace gdn2::cuda
