// Compiles the scan for cards. A file of its own because it takes the longest.
#include "cuda/kernels/scan.cuh"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {

const void* find_scan_kernel(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<const void*>(GDN2_ONLY function);
#include "cuda/launch/kernels_scan.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
