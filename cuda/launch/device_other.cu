// Compiles every kernel but the scan for cards.
#include "cuda/kernels/decode.cuh"
#include "cuda/kernels/prepare.cuh"
#include "cuda/kernels/recurrent_1_naive.cuh"
#include "cuda/kernels/recurrent_2_warp.cuh"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {

const void* find_other_kernel(KernelId id) {
    switch (id) {
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<const void*>(GDN2_ONLY function);
#define GDN2_ONLY(...) __VA_ARGS__
#include "cuda/launch/kernels_other.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
