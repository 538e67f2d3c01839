// See change.h.
#include "visualizer/film/change.h"

namespace gdn2::viewer {
namespace {

/// Stops soon after there are more than 2^18 colours.
ColourCounts count_to(std::span<const Change> changes, int dropped_bits) {
    const std::uint32_t kept = 0x01010101u * (0xffu << dropped_bits & 0xffu);
    const std::uint32_t middle = 0x00010101u * (1u << dropped_bits >> 1);
    ColourCounts counts;
    for (const Change& change : changes) {
        for (const std::uint32_t pixel : change.pixels) ++counts[(pixel & kept) | middle];
        if (counts.size() > 1u << 18) break;
    }
    return counts;
}

}  // namespace

Change change_between(std::span<const std::uint32_t> before, std::span<const std::uint32_t> after) {
    Change change;
    std::uint32_t end = 0;  // of the last run
    for (std::uint32_t i = 0; i < after.size(); ++i) {
        if (!before.empty() && before[i] == after[i]) continue;
        if (change.runs.empty() || i != end) change.runs.push_back({i, 0});
        ++change.runs.back().count;
        change.pixels.push_back(after[i] | 0xff000000);
        end = i + 1;
    }
    change.runs.shrink_to_fit();  // there will be thousands of them
    change.pixels.shrink_to_fit();
    return change;
}

std::size_t bytes_of(const Change& change) {
    return change.runs.capacity() * sizeof(Change::Run) + change.pixels.capacity() * sizeof(std::uint32_t);
}

void paint(const Change& change, Nearest& nearest, std::span<std::uint8_t> indices) {
    auto pixel = change.pixels.begin();
    for (const auto& [first, count] : change.runs)
        for (std::uint32_t i = first; i < first + count; ++i) indices[i] = nearest.of(*pixel++);
}

ColourCounts count_colours(std::span<const Change> changes) {
    ColourCounts counts = count_to(changes, 0);
    for (int dropped = 1; counts.size() > 1u << 18; ++dropped) counts = count_to(changes, dropped);
    return counts;
}

}  // namespace gdn2::viewer
