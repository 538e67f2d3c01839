// Kernels compiled for the emulator, by name: a body for simt::run, empty for kernels of the other file.
#pragma once

#include <functional>

#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

using KernelFunction = void (*)();

KernelFunction find_emulated_scan(KernelId id);   ///< emulated_scan.cpp
KernelFunction find_emulated_other(KernelId id);  ///< emulated_other.cpp

}  // namespace gdn2::cuda
