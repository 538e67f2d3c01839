// Compiles every kernel but the scan for cards.
#include "cuda/kernels/decode.cuh"
#include "cuda/kernels/prepare.cuh"
#include "cuda/kernels/recurrent_1_naive.cuh"
#include "cuda/kernels/recurrent_2_warp.cuh"
#include "cuda/launch/device_kernels.h"

#define GDN2_FIND find_other_kernel
#define GDN2_FUNCTION const void*
#define GDN2_KERNELS "cuda/launch/kernels_other.def"
#include "cuda/launch/find_kernel.inc"
