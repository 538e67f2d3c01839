// What each warp did when, in steps: the emulator's record of simt::phase, for people to look at.
// A step is one access to memory or one warp-wide operation of the warp's first thread. Warps that meet at a barrier
// leave it at the same step, the latest of theirs, so a warp that waits shows as a gap before its next span.
//   tests  tests/cuda/simt/timeline_test.cpp
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gdn2::simt {

/// One phase of one warp, or its wait at a barrier: steps [first, last).
struct TimelineSpan {
    std::int64_t block = 0;  ///< x + grid.x * (y + grid.y * z)
    int warp = 0;
    std::string phase;  ///< empty before the warp's first simt::phase
    std::int64_t first = 0, last = 0;
    bool operator==(const TimelineSpan&) const = default;
};

/// Spans of one launch, ordered by block, warp and step.
using Timeline = std::vector<TimelineSpan>;

}  // namespace gdn2::simt
