// What the CUDA driver refused, and for which kernel.
//   tests  tests/cuda/launch/backend_test.cpp
#pragma once

#include "reference/core/error.h"

namespace gdn2::cuda {

/// A CUDA call failed. what() names the call or kernel with its grid, and what the driver said.
class CudaError : public Error {
public:
    using Error::Error;
};

}  // namespace gdn2::cuda
