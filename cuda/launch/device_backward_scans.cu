// Compiles the scans of the backward pass for cards.
#include "cuda/kernels/reverse_scan.cuh"
#include "cuda/launch/device_kernels.h"

#define GDN2_FIND find_backward_scan_kernel
#define GDN2_FUNCTION const void*
#define GDN2_KERNELS "cuda/launch/kernels_backward_scans.def"
#include "cuda/launch/find_kernel.inc"
