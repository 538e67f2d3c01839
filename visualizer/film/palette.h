// Few colours that stand for many: median cut along the axis of greatest variance, and the nearest colour of a palette.
//   tests  tests/visualizer/film/palette_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace gdn2::viewer {

/// How often each colour occurs. Colours are as in image.h.
using ColourCounts = std::unordered_map<std::uint32_t, double>;

/// At most `size` colours for the counted ones: these themselves where they are few enough. Otherwise the box of
/// colours with the largest squared error is cut at its mean until there are enough boxes; each gives the colour that
/// more than half of it has, or else its mean.
std::vector<std::uint32_t> make_palette(const ColourCounts& counts, std::size_t size);

/// Which colour of a palette is nearest, by squared difference; the first of several.
class Nearest {
public:
    /// At most 256 colours, at least one.
    explicit Nearest(std::vector<std::uint32_t> palette) : palette_(std::move(palette)) {}

    /// An index of the palette.
    std::uint8_t of(std::uint32_t colour);

private:
    std::vector<std::uint32_t> palette_;
    std::unordered_map<std::uint32_t, std::uint8_t> known_;
};

}  // namespace gdn2::viewer
