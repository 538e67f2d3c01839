// Which tokens the timeline shows, and what the mouse does to that.
//   tests  tests/visualizer/model/timeline_range_test.cpp
#pragma once

#include "reference/core/shape.h"

namespace gdn2::viewer {

/// Tokens [first, first + count); count 0: all there are.
struct TimelineRange {
    Index first = 0, count = 0;

    bool operator==(const TimelineRange&) const = default;
};

/// No range is narrower, unless the run is.
inline constexpr Index fewest_tokens_shown = 4;

/// The tokens themselves: count is theirs, inside the run, at least 1 where it has any.
TimelineRange resolved(const TimelineRange& range, Index length);

/// `factor` times as many tokens, where the one at `place`, 0 ... 1 across the range, stays there.
TimelineRange zoomed(const TimelineRange& range, Index length, double place, double factor);
/// As many tokens, `tokens` later.
TimelineRange moved(const TimelineRange& range, Index length, Index tokens);
/// From one token to another, in whichever order.
TimelineRange between(Index a, Index b, Index length);
/// The range, moved no further than it takes to show `token`.
TimelineRange showing(const TimelineRange& range, Index length, Index token);

/// The token at `place`, 0 ... 1 across the range; the nearest where it lies outside.
Index token_at(const TimelineRange& range, Index length, double place);

}  // namespace gdn2::viewer
