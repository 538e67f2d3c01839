// How many passes shared memory takes to serve a warp, in a simple model of the card.
// Shared memory has 32 banks of 4-byte words and serves one word of each bank in a pass, to any number of lanes. A
// warp's accesses of up to 4 bytes go together; those of 8 bytes go by half-warps, of 16 bytes by quarter-warps. The
// passes of a group are the most distinct words that it asks of one bank; ideally its words are evenly spread.
// Which accesses the lanes of a warp make together is found out afterwards: between two meetings of the warp, the k-th
// access from one place in the source of each lane.
//   tests  tests/cuda/simt/counters_test.cpp
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/simt/counters.h"
#include "cuda/simt/mark.h"

namespace gdn2::simt {

/// Adds the passes for accesses of `bytes` bytes, in lane order, to shared memory at `offsets`.
void add_wavefronts(std::span<const std::uint32_t> offsets, unsigned bytes, Counters& counters);

/// The shared memory accesses of one warp since it last met.
class AccessLog {
public:
    /// Of more than a lane ever makes, in a loop that does not end, the rest is not kept.
    void add(unsigned lane, std::uint32_t offset, unsigned bytes, std::uint32_t pc) {
        if (lanes_[lane].size() < most) lanes_[lane].push_back({offset, pc, bytes});
    }
    /// Finds the warp's accesses among the lanes', counts their passes and forgets them.
    void flush(Counters& counters);
    void clear();

private:
    struct Entry {
        std::uint32_t offset, pc, bytes;
    };
    void flush_out_of_step(Counters& counters);
    static constexpr std::size_t most = 1 << 22;
    std::array<std::vector<Entry>, warp_size> lanes_;
};

}  // namespace gdn2::simt
