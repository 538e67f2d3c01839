// Compiles the kernels of layers for cards.
#include "cuda/kernels/layers/gated_rms_norm.cuh"
#include "cuda/kernels/layers/linear.cuh"
#include "cuda/kernels/layers/logit_gradient.cuh"
#include "cuda/kernels/layers/row_sum.cuh"
#include "cuda/kernels/layers/short_conv.cuh"
#include "cuda/launch/device_kernels.h"

namespace gdn2::cuda {

const void* find_layer_kernel(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<const void*>(GDN2_ONLY function);
#include "cuda/launch/kernels_layers.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
