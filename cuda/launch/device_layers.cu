// Compiles the kernels of layers for cards.
#include "cuda/kernels/layers/gated_rms_norm.cuh"
#include "cuda/kernels/layers/linear.cuh"
#include "cuda/kernels/layers/logit_gradient.cuh"
#include "cuda/kernels/layers/row_sum.cuh"
#include "cuda/kernels/layers/short_conv.cuh"
#include "cuda/launch/device_kernels.h"

#define GDN2_FIND find_layer_kernel
#define GDN2_FUNCTION const void*
#define GDN2_KERNELS "cuda/launch/kernels_layers.def"
#include "cuda/launch/find_kernel.inc"
