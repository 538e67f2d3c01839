// What a kernel did, counted by the emulator.
//   tests  tests/cuda/simt/counters_test.cpp
#include "cuda/simt/counters.h"

namespace gdn2::simt {

Traffic& Traffic::operator+=(const Traffic& other) {
    loads += other.loads;
    stores += other.stores;
    bytes_loaded += other.bytes_loaded;
    bytes_stored += other.bytes_stored;
    return *this;
}

Counters& Counters::operator+=(const Counters& other) {
    global += other.global;
    shared += other.shared;
    mma_bf16_k16 += other.mma_bf16_k16;
    mma_f16_k16 += other.mma_f16_k16;
    mma_bf16_k8 += other.mma_bf16_k8;
    mma_tf32_k8 += other.mma_tf32_k8;
    ldmatrix += other.ldmatrix;
    barriers += other.barriers;
    warp_syncs += other.warp_syncs;
    shuffles += other.shuffles;
    async_copies += other.async_copies;
    shared_wavefronts += other.shared_wavefronts;
    shared_wavefronts_ideal += other.shared_wavefronts_ideal;
    blocks += other.blocks;
    return *this;
}

}  // namespace gdn2::simt
