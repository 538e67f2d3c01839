// Compiles every kernel but the scan for the emulator, with the kernels' flags (cmake/cuda.cmake).
#include "cuda/kernels/decode.cuh"
#include "cuda/kernels/prepare.cuh"
#include "cuda/kernels/recurrent_1_naive.cuh"
#include "cuda/kernels/recurrent_2_warp.cuh"
#include "cuda/launch/emulated_kernels.h"
#include "cuda/launch/block_needs.h"

namespace gdn2::cuda {

static_assert(PrepareShared<float>::bytes == prepare_needs(Precision::f32).shared_bytes);
static_assert(PrepareShared<bf16>::bytes == prepare_needs(Precision::bf16).shared_bytes);

}  // namespace gdn2::cuda

#define GDN2_FIND find_emulated_other
#define GDN2_FUNCTION KernelFunction
#define GDN2_KERNELS "cuda/launch/kernels_other.def"
#include "cuda/launch/find_kernel.inc"
