// Compiles the scan for the emulator, with the kernels' flags (cmake/cuda.cmake).
#include "cuda/kernels/scan.cuh"
#include "cuda/launch/emulated_kernels.h"
#include "cuda/launch/shared_bytes.h"

namespace gdn2::cuda {

static_assert(scan_shared_bytes<float> == scan_shared(Precision::f32));
static_assert(scan_shared_bytes<bf16> == scan_shared(Precision::bf16));

KernelFunction find_emulated_scan(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<KernelFunction>(static_cast<void (*)(parameters)>(GDN2_ONLY function));
#include "cuda/launch/kernels_scan.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
