// Kernels compiled for the emulator, by name: a body for simt::run, null for kernels of other files.
#pragma once

#include <functional>

#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

using KernelFunction = void (*)();

KernelFunction find_emulated_scan(KernelId id);           ///< emulated_scan.cpp
KernelFunction find_emulated_other(KernelId id);          ///< emulated_other.cpp
KernelFunction find_emulated_backward_scan(KernelId id);  ///< emulated_backward_scans.cpp
KernelFunction find_emulated_gradient(KernelId id);       ///< emulated_gradients.cpp
KernelFunction find_emulated_layer(KernelId id);          ///< emulated_layers.cpp

}  // namespace gdn2::cuda
