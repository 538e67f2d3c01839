// Compiles the scans of the backward pass for the emulator, with the kernels' flags (cmake/cuda.cmake).
#include "cuda/kernels/reverse_scan.cuh"
#include "cuda/launch/block_needs.h"
#include "cuda/launch/emulated_kernels.h"

namespace gdn2::cuda {

template <class E, int slabs>
constexpr BlockNeeds needs{scan_threads<E, slabs>, reverse_scan_shared_bytes<E, slabs>};
static_assert(needs<float, 1> == reverse_scan_needs(Precision::f32, 1));
static_assert(needs<float, 2> == reverse_scan_needs(Precision::f32, 2));
static_assert(needs<float, 4> == reverse_scan_needs(Precision::f32, 4));
static_assert(needs<bf16, 1> == reverse_scan_needs(Precision::bf16, 1));
static_assert(needs<bf16, 2> == reverse_scan_needs(Precision::bf16, 2));
static_assert(needs<bf16, 4> == reverse_scan_needs(Precision::bf16, 4));

}  // namespace gdn2::cuda

#define GDN2_FIND find_emulated_backward_scan
#define GDN2_FUNCTION KernelFunction
#define GDN2_KERNELS "cuda/launch/kernels_backward_scans.def"
#include "cuda/launch/find_kernel.inc"
