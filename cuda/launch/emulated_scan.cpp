// Compiles the scan for the emulator, with the kernels' flags (cmake/cuda.cmake).
#include "cuda/kernels/carry_segments.cuh"
#include "cuda/kernels/scan.cuh"
#include "cuda/launch/emulated_kernels.h"
#include "cuda/launch/block_needs.h"

namespace gdn2::cuda {

template <class E, int slabs>
constexpr BlockNeeds needs{scan_threads<E, slabs>, scan_shared_bytes<E, slabs>};
static_assert(needs<float, 1> == scan_needs(Precision::f32, 1));
static_assert(needs<float, 2> == scan_needs(Precision::f32, 2));
static_assert(needs<float, 4> == scan_needs(Precision::f32, 4));
static_assert(needs<bf16, 1> == scan_needs(Precision::bf16, 1));
static_assert(needs<bf16, 2> == scan_needs(Precision::bf16, 2));
static_assert(needs<bf16, 4> == scan_needs(Precision::bf16, 4));
static_assert(carry_rows == carry_rows_of_block);
static_assert(BlockNeeds{carry_threads<1>, carry_bytes<1>} == carry_needs(1));
static_assert(BlockNeeds{carry_threads<4>, carry_bytes<4>} == carry_needs(4));

}  // namespace gdn2::cuda

#define GDN2_FIND find_emulated_scan
#define GDN2_FUNCTION KernelFunction
#define GDN2_KERNELS "cuda/launch/kernels_scan.def"
#include "cuda/launch/find_kernel.inc"
