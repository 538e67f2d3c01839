// See timeline_range.h.
#include "visualizer/model/timeline_range.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

/// All of the run is written as count 0, so that it stays all of it when another run comes.
TimelineRange range_of(Index first, Index count, Index length) {
    if (count >= length) return {};
    return {std::clamp<Index>(first, 0, length - count), count};
}

}  // namespace

TimelineRange resolved(const TimelineRange& range, Index length) {
    const Index count = range.count > 0 ? std::min(range.count, length) : length;
    return {std::clamp<Index>(range.first, 0, length - count), count};
}

TimelineRange zoomed(const TimelineRange& range, Index length, double place, double factor) {
    const TimelineRange now = resolved(range, length);
    const auto wanted = static_cast<Index>(std::lround(static_cast<double>(now.count) * factor));
    const Index other = factor < 1 ? now.count - 1 : now.count + 1;  // at least one token less, or more
    const Index count = std::max(factor < 1 ? std::min(wanted, other) : std::max(wanted, other), fewest_tokens_shown);
    const double fixed = static_cast<double>(now.first) + place * static_cast<double>(now.count);
    return range_of(static_cast<Index>(std::lround(fixed - place * static_cast<double>(count))), count, length);
}

TimelineRange moved(const TimelineRange& range, Index length, Index tokens) {
    const TimelineRange now = resolved(range, length);
    return range_of(now.first + tokens, now.count, length);
}

TimelineRange between(Index a, Index b, Index length) {
    const Index first = std::min(a, b), count = std::max(std::max(a, b) - first + 1, fewest_tokens_shown);
    return range_of(first, count, length);
}

TimelineRange showing(const TimelineRange& range, Index length, Index token) {
    const TimelineRange now = resolved(range, length);
    if (token < now.first) return range_of(token, now.count, length);
    return token < now.first + now.count ? range : range_of(token - now.count + 1, now.count, length);
}

Index token_at(const TimelineRange& range, Index length, double place) {
    const TimelineRange now = resolved(range, length);
    const auto step = static_cast<Index>(std::floor(place * static_cast<double>(now.count)));
    return now.first + std::clamp<Index>(step, 0, std::max<Index>(now.count, 1) - 1);
}

}  // namespace gdn2::viewer
