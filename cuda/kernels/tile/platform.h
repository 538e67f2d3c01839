// What a kernel is compiled by: nvcc for a card, or g++ for the emulator, which brings CUDA's own names.
//   tests  tests/cuda/simt/ (the emulator's side), tests/cuda/kernels/ (both)
#pragma once

#ifdef __CUDACC__
#define GDN2_DEVICE __device__ __forceinline__
#else
#include "cuda/simt/cuda_host.h"
#define GDN2_DEVICE inline
// Another symbol than that of the stub which nvcc makes for a kernel of this name: before CUDA 13 it is global too.
#undef __global__
#define __global__ __attribute__((abi_tag("emulated")))
#endif

#include <cstdint>

namespace gdn2::cuda {

/// The block's dynamic shared memory, aligned for tiles.
GDN2_DEVICE unsigned char* shared_memory() {
#ifdef __CUDACC__
    extern __shared__ __align__(1024) unsigned char bytes[];
    return bytes;
#else
    return static_cast<unsigned char*>(simt::dynamic_shared());
#endif
}

/// Names what this warp does from here on, for the emulator's timeline; nothing on a card.
GDN2_DEVICE void phase([[maybe_unused]] const char* name) {
#ifndef __CUDACC__
    simt::phase(name);
#endif
}

}  // namespace gdn2::cuda
