// Where kernels run: a card, or the emulator. Both are given the same plan.
//   tests  tests/cuda/launch/backend_test.cpp
#pragma once

#include <cstddef>

#include "cuda/launch/kernels.h"

namespace gdn2::cuda {

/// Memory and launches on one device. Everything is in order on one stream; what goes wrong is an Error (CudaError on
/// a card, simt::Fault under the emulator) that names the kernel and its shape.
class Backend {
public:
    virtual ~Backend() = default;

    /// Device memory that nobody has written. `name` is what messages call it.
    virtual void* allocate(std::size_t bytes, const char* name) = 0;
    virtual void free(void* memory) noexcept = 0;

    virtual void upload(void* to, const void* from, std::size_t bytes) = 0;

    /// Waits for the launches before it.
    virtual void download(void* to, const void* from, std::size_t bytes) = 0;

    virtual void launch(const KernelCall& call) = 0;
};

/// The current CUDA device. Throws Error where this build or this machine has none.
Backend& cuda_backend();

/// Enqueues a launch on a stream (cudaStream_t; null: the default stream) of the current CUDA device and returns.
void enqueue_on_card(const KernelCall& call, void* stream);

/// Whether cuda_backend() works here; if not, `reason` (unless null) says why.
bool cuda_available(const char** reason = nullptr);

}  // namespace gdn2::cuda
