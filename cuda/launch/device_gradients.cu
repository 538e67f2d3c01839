// Compiles the kernels of the backward pass that are no scans for cards.
#include "cuda/kernels/chunk_grad.cuh"
#include "cuda/kernels/key_adjoint.cuh"
#include "cuda/launch/device_kernels.h"

#define GDN2_FIND find_gradient_kernel
#define GDN2_FUNCTION const void*
#define GDN2_KERNELS "cuda/launch/kernels_gradients.def"
#include "cuda/launch/find_kernel.inc"
