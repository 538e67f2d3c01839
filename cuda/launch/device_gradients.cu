// Compiles the kernels of the backward pass that are no scans for cards.
#include "cuda/kernels/chunk_grad.cuh"
#include "cuda/kernels/key_adjoint.cuh"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {

const void* find_gradient_kernel(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<const void*>(GDN2_ONLY function);
#include "cuda/launch/kernels_gradients.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
