// Where the compiled kernels are, by name: for cudaLaunchKernel. Null for kernels of other files.
#pragma once

#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

const void* find_scan_kernel(KernelId id);           ///< device_scan.cu
const void* find_other_kernel(KernelId id);          ///< device_other.cu
const void* find_backward_scan_kernel(KernelId id);  ///< device_backward_scans.cu
const void* find_gradient_kernel(KernelId id);       ///< device_gradients.cu
const void* find_layer_kernel(KernelId id);          ///< device_layers.cu

}  // namespace gdn2::cuda
