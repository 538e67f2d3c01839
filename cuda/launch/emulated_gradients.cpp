// Compiles the kernels of the backward pass that are no scans for the emulator, with the kernels' flags
// (cmake/cuda.cmake).
#include "cuda/kernels/chunk_grad.cuh"
#include "cuda/kernels/key_adjoint.cuh"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/emulated_kernels.h"

namespace gdn2::cuda {

static_assert(ChunkGradShared<float>::bytes == chunk_grad_needs(Precision::f32).shared_bytes);
static_assert(ChunkGradShared<bf16>::bytes == chunk_grad_needs(Precision::bf16).shared_bytes);

}  // namespace gdn2::cuda

#define GDN2_FIND find_emulated_gradient
#define GDN2_FUNCTION KernelFunction
#define GDN2_KERNELS "cuda/launch/kernels_gradients.def"
#include "cuda/launch/find_kernel.inc"
