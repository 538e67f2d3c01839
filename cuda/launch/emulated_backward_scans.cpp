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

KernelFunction find_emulated_backward_scan(KernelId id) {
    switch (id) {
#define GDN2_ONLY(...) __VA_ARGS__
#define GDN2_KERNEL(id, function, parameters) \
    case KernelId::id:                        \
        return reinterpret_cast<KernelFunction>(static_cast<void (*)(parameters)>(GDN2_ONLY function));
#include "cuda/launch/kernels_backward_scans.def"
        default:
            return nullptr;
    }
}

}  // namespace gdn2::cuda
