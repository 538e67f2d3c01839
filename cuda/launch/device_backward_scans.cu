// Compiles the scans of the backward pass for cards.
#include "cuda/kernels/reverse_scan.cuh"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {

const void* find_backward_scan_kernel(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<const void*>(GDN2_ONLY function);
#include "cuda/launch/kernels_backward_scans.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
