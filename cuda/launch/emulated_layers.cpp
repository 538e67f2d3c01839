// Compiles the kernels of layers for the emulator, with the kernels' flags (cmake/cuda.cmake).
#include "cuda/kernels/layers/gated_rms_norm.cuh"
#include "cuda/kernels/layers/linear.cuh"
#include "cuda/kernels/layers/logit_gradient.cuh"
#include "cuda/kernels/layers/row_sum.cuh"
#include "cuda/kernels/layers/short_conv.cuh"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/emulated_kernels.h"

namespace gdn2::cuda {

static_assert(BlockNeeds{128, linear_shared_bytes<float>} == linear_needs(Precision::f32));
static_assert(BlockNeeds{128, linear_shared_bytes<bf16>} == linear_needs(Precision::bf16));

KernelFunction find_emulated_layer(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<KernelFunction>(static_cast<void (*)(parameters)>(GDN2_ONLY function));
#include "cuda/launch/kernels_layers.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
