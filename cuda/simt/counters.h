// What a kernel did, counted by the emulator: for byte models, and for learning where the work is.
// Accesses are counted per thread as the source makes them, save those that the compiler kept in registers. A vector
// access is one access; ldmatrix is one shared load of 16 bytes per row; an asynchronous copy is one global load (none
// when it only fills with zeros) and one shared store.
//   tests  tests/cuda/simt/counters_test.cpp
#pragma once

#include <cstdint>
#include <string>

namespace gdn2::simt {

/// Accesses of one memory space.
struct Traffic {
    std::int64_t loads = 0, stores = 0;
    std::int64_t bytes_loaded = 0, bytes_stored = 0;

    Traffic& operator+=(const Traffic& other);
    bool operator==(const Traffic&) const = default;
};

/// Counts of one launch, or of several added up. Warp-wide operations count once per warp.
struct Counters {
    Traffic global, shared;
    std::int64_t mma_bf16_k16 = 0, mma_f16_k16 = 0, mma_bf16_k8 = 0, mma_tf32_k8 = 0;
    std::int64_t ldmatrix = 0;
    std::int64_t barriers = 0;        ///< __syncthreads and named barriers, once per warp that comes
    std::int64_t warp_syncs = 0;      ///< __syncwarp
    std::int64_t shuffles = 0;        ///< shuffles and votes
    std::int64_t async_copies = 0;    ///< once per thread
    /// Passes that the warps' shared memory accesses take, and would take without bank conflicts (wavefronts.h).
    std::int64_t shared_wavefronts = 0, shared_wavefronts_ideal = 0;
    std::int64_t blocks = 0;

    std::int64_t mma() const { return mma_bf16_k16 + mma_f16_k16 + mma_bf16_k8 + mma_tf32_k8; }
    Counters& operator+=(const Counters& other);
    bool operator==(const Counters&) const = default;
};

}  // namespace gdn2::simt
