// Compiles the kernels of the backward pass that are no scans for the emulator, with the kernels' flags
// (cmake/cuda.cmake).
#include "cuda/kernels/chunk_grad.cuh"
#include "cuda/kernels/key_adjoint.cuh"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/emulated_kernels.h"

namespace gdn2::cuda {

static_assert(ChunkGradShared<float>::bytes == chunk_grad_needs(Precision::f32).shared_bytes);
static_assert(ChunkGradShared<bf16>::bytes == chunk_grad_needs(Precision::bf16).shared_bytes);

KernelFunction find_emulated_gradient(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<KernelFunction>(static_cast<void (*)(parameters)>(GDN2_ONLY function));
#include "cuda/launch/kernels_gradients.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
