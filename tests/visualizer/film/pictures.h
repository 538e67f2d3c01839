// Pictures to write in tests.
#pragma once

#include "reference/core/random.h"
#include "visualizer/film/image.h"

namespace gdn2::test {

inline std::uint32_t rgb(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
    return 0xff000000u | blue << 16 | green << 8 | red;
}

inline viewer::Image flat(int width, int height, std::uint32_t colour) {
    return {width, height, std::vector<std::uint32_t>(static_cast<std::size_t>(width * height), colour)};
}

/// Every pixel drawn from the colours of `palette`.
inline viewer::Image noise(int width, int height, const std::vector<std::uint32_t>& palette, std::uint64_t seed) {
    viewer::Image image = flat(width, height, 0);
    Random random(seed);
    for (std::uint32_t& pixel : image.pixels) pixel = palette[random.bits() % palette.size()];
    return image;
}

/// So many different colours, in an order that says nothing.
inline std::vector<std::uint32_t> distinct_colours(std::uint32_t count) {
    std::vector<std::uint32_t> colours;
    for (std::uint32_t i = 0; i < count; ++i) colours.push_back(0xff000000u | i * 0x9e3779u % 0x1000000u);
    return colours;  // different because the factor is odd
}

/// The part of `image` that starts at (left, top) becomes `part`.
inline void paste(viewer::Image& image, const viewer::Image& part, int left, int top) {
    for (int y = 0; y < part.height; ++y)
        for (int x = 0; x < part.width; ++x)
            image.pixels[static_cast<std::size_t>((top + y) * image.width + left + x)] =
                part.pixels[static_cast<std::size_t>(y * part.width + x)];
}

}  // namespace gdn2::test
