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

    /// Checks an access to granules [first, last] and remembers it unless it conflicts.
    Conflict touch(const Access& access, std::size_t first, std::size_t last) {
        return access.is_write ? write(access, first, last) : read(access, first, last);
    }

    /// Checks the write that an asynchronous copy announces, and marks its bytes as in flight.
    Conflict announce(const Access& access, std::size_t first, std::size_t last);
    /// The copy has landed: a write by the thread that waited.
    void land(const Access& access, std::size_t first, std::size_t last);

private:
    Conflict read(const Access& access, std::size_t first, std::size_t last);
    Conflict write(const Access& access, std::size_t first, std::size_t last);
    Conflict why_not_read(const Access& access, std::size_t g) const;
    Conflict why_not_write(const Access& access, std::size_t first, std::size_t last) const;

    Tick base_ = 0;
    unsigned warps_ = 0;
    std::vector<Mark> written_;
    // reads_[w]: the last tick in which warp w read. The mark's warp field is 1 when several lanes did.
    std::array<std::vector<Mark>, max_warps> reads_;
};

}  // namespace gdn2::simt
