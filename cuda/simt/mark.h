// What shadow memory remembers of an access: when, where in the source, and who, in 64 bits.
// Shadow memory has a mark for every granule of two bytes, a bfloat16; two threads that write one byte each of the same
// granule are taken to write the same place.
//   tests  tests/cuda/simt/race_test.cpp
#pragma once

#include <array>
#include <cstdint>

#include "cuda/simt/ready_set.h"

/// The first byte of the program, or of the library that this file is linked into: the linker defines it.
extern "C" const char __ehdr_start __attribute__((visibility("hidden")));

namespace gdn2::simt {

inline constexpr unsigned warp_size = 32;
inline constexpr unsigned max_warps = 32;
inline constexpr std::size_t granule = 2;

/// Ticks count what orders accesses. They come from one counter of the host thread that only rises, so marks of an
/// earlier block are recognised by their tick and shadow memory never has to be cleared.
using Tick = std::uint32_t;
inline constexpr Tick last_tick = (1u << 28) - 1;
inline constexpr Tick in_flight = last_tick;  ///< "written" by an asynchronous copy that is still under way

/// What warp w knows of the block's warps: accesses of warp v in its ticks before clock[v] come before w's next ones.
/// clock[w] is the warp's own tick: it rises at __syncwarp and at barriers, and there alone.
using Clock = std::array<Tick, max_warps>;

/// Tick 28 bits, return address 26 bits, warp 5 bits, lane 5 bits.
struct Mark {
    std::uint64_t bits = 0;

    static Mark of(Tick tick, std::uint32_t pc, unsigned warp, unsigned lane) {
        return {std::uint64_t{tick} << 36 | std::uint64_t{pc} << 10 | warp << 5 | lane};
    }
    Tick tick() const { return static_cast<Tick>(bits >> 36); }
    std::uint32_t pc() const { return static_cast<std::uint32_t>(bits >> 10) & ((1u << 26) - 1); }
    unsigned warp() const { return static_cast<unsigned>(bits >> 5) & 31; }
    unsigned lane() const { return static_cast<unsigned>(bits) & 31; }
    int thread() const { return static_cast<int>(bits & 1023); }
    bool same_tick_and_thread(Mark other) const {
        constexpr std::uint64_t tick_and_thread = ~std::uint64_t{0} << 36 | 1023;
        return ((bits ^ other.bits) & tick_and_thread) == 0;
    }
};

/// Return addresses as marks keep them: offsets in this program, 0 for those too far away to keep.
inline std::uint32_t pack_pc(const void* pc) {
    const auto offset = reinterpret_cast<std::uintptr_t>(pc) - reinterpret_cast<std::uintptr_t>(&__ehdr_start);
    return offset < std::uintptr_t{1} << 26 ? static_cast<std::uint32_t>(offset) : 0;
}
inline const void* unpack_pc(std::uint32_t packed) { return packed ? &__ehdr_start + packed : nullptr; }

/// The access that is being checked.
struct Access {
    bool is_write = false;
    unsigned warp = 0, lane = 0;
    std::uint32_t pc = 0;
    const Clock* clock = nullptr;
    Tick tick() const { return (*clock)[warp]; }
    Mark mark() const { return Mark::of(tick(), pc, warp, lane); }
};

/// Why an access is not allowed.
struct Conflict {
    enum Kind : std::uint8_t {
        none, unwritten, race_with_read, race_with_write, in_flight, other_block_read, other_block_wrote
    } kind = none;
    std::size_t granule = 0;
    Mark other;                   // of the other thread, for races and copies
    bool several_others = false;  // the mark names one of several lanes, or no one warp
    std::uint32_t other_block = 0;
};

}  // namespace gdn2::simt
