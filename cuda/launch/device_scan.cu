// Compiles the scan for cards. A file of its own because it takes the longest.
#include "cuda/kernels/carry_segments.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/launch/device_kernels.h"

#define GDN2_FIND find_scan_kernel
#define GDN2_FUNCTION const void*
#define GDN2_KERNELS "cuda/launch/kernels_scan.def"
#include "cuda/launch/find_kernel.inc"
