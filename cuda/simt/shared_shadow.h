// Shadow of a block's shared memory: who wrote and who read each granule, and whether that was allowed.
// Two accesses of a granule by different threads, at least one a write, must be ordered: the earlier one's tick must be
// one that the later one's warp knows to be over. Warps learn of each other's ticks at barriers; shuffles, votes and
// matrix instructions order nothing, as CUDA promises nothing there.
//   tests  tests/cuda/simt/race_test.cpp, planted_test.cpp
#pragma once

#include <cstddef>
#include <vector>

#include "cuda/simt/mark.h"

namespace gdn2::simt {

class SharedShadow {
public:
    /// A block of `warps` warps and `bytes` bytes begins: nobody has written, marks up to tick `base` are forgotten.
    void begin(std::size_t bytes, unsigned warps, Tick base);

    /// Forgets every mark, for when ticks begin at 0 again.
    void clear();

    /// Remembers a read, or write, of granules [first, last], unless it conflicts: then false.
    bool read(const Access& access, std::size_t first, std::size_t last);
    bool write(const Access& access, std::size_t first, std::size_t last);
    /// Why not.
    Conflict conflict(const Access& access, std::size_t first, std::size_t last) const;

    /// An asynchronous copy will write here: checks the write and marks its bytes as in flight.
    bool announce(const Access& access, std::size_t first, std::size_t last);
    /// The copy has landed: a write by the thread that waited.
    void land(const Access& access, std::size_t first, std::size_t last);

private:
    bool may_read(Mark write, const Access& access) const;
    bool may_write(const Access& access, std::size_t first, std::size_t last) const;
    Conflict conflict_of_write(const Access& access, std::size_t g) const;

    Tick base_ = 0;
    unsigned warps_ = 0;
    std::vector<Mark> written_;
    // reads_[w]: the last tick in which warp w read, and its lane; the mark's warp is 1 when several lanes did, else 0.
    std::array<std::vector<Mark>, max_warps> reads_;
};

inline bool SharedShadow::may_read(Mark write, const Access& access) const {
    const bool ordered = write.tick() < (*access.clock)[write.warp()];
    return write.tick() > base_ && (ordered || write.same_tick_and_thread(access.mark()));
}

inline bool SharedShadow::read(const Access& access, std::size_t first, std::size_t last) {
    for (std::size_t g = first; g <= last; ++g)
        if (!may_read(written_[g], access)) return false;

    const Mark mine = Mark::of(access.tick(), access.pc, 0, access.lane);
    Mark* reads = reads_[access.warp].data();
    for (std::size_t g = first; g <= last; ++g) {
        const bool others = reads[g].tick() == mine.tick() && reads[g].thread() != mine.thread();
        reads[g].bits = mine.bits | (others ? Mark::of(0, 0, 1, 0).bits : 0);
    }
    return true;
}

inline bool SharedShadow::may_write(const Access& access, std::size_t first, std::size_t last) const {
    for (std::size_t g = first; g <= last; ++g) {
        const Mark write = written_[g];
        const bool ordered = write.tick() < (*access.clock)[write.warp()];
        if (!ordered && !write.same_tick_and_thread(access.mark())) return false;
    }
    for (unsigned w = 0; w < warps_; ++w) {
        const Mark* reads = reads_[w].data();
        for (std::size_t g = first; g <= last; ++g) {
            const bool own = w == access.warp && reads[g].thread() == static_cast<int>(access.lane);
            if (reads[g].tick() >= (*access.clock)[w] && !own) return false;
        }
    }
    return true;
}

inline bool SharedShadow::write(const Access& access, std::size_t first, std::size_t last) {
    if (!may_write(access, first, last)) return false;
    for (std::size_t g = first; g <= last; ++g) written_[g] = access.mark();
    return true;
}

}  // namespace gdn2::simt
