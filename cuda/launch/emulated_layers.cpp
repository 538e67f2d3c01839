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

}  // namespace gdn2::cuda

#define GDN2_FIND find_emulated_layer
#define GDN2_FUNCTION KernelFunction
#define GDN2_KERNELS "cuda/launch/kernels_layers.def"
#include "cuda/launch/find_kernel.inc"
