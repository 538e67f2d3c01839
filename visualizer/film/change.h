// What a picture changes of the one before it: all that a film must remember to be able to choose its colours at the
// end.
//   tests  tests/visualizer/film/gif_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "visualizer/film/palette.h"

namespace gdn2::viewer {

/// New pixels, in runs. Colours and their order are as in image.h.
struct Change {
    /// Neighbours, from pixel `first` on.
    struct Run {
        std::uint32_t first, count;
    };
    std::vector<Run> runs;
    std::vector<std::uint32_t> pixels;  ///< those of all runs
};

/// What makes `after` of `before`, which is of the same size, or empty: then everything.
Change change_between(std::span<const std::uint32_t> before, std::span<const std::uint32_t> after);

/// Bytes of memory that it takes.
std::size_t bytes_of(const Change& change);

/// Paints a change as indices of a palette on a picture of such.
void paint(const Change& change, Nearest& nearest, std::span<std::uint8_t> indices);

/// How often each colour is new. Where there are more than 2^18 colours, to one or two bits less a channel.
ColourCounts count_colours(std::span<const Change> changes);

}  // namespace gdn2::viewer
