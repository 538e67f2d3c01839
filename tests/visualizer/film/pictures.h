// Pictures to write in tests.
#pragma once

#include <algorithm>
#include <cstdlib>

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

inline int channel_of(std::uint32_t pixel, int i) { return static_cast<int>(pixel >> (8 * i) & 255); }

/// Of red, green and blue.
inline int largest_difference(std::uint32_t a, std::uint32_t b) {
    int largest = 0;
    for (int i = 0; i < 3; ++i) largest = std::max(largest, std::abs(channel_of(a, i) - channel_of(b, i)));
    return largest;
}

/// Of all channels of all pixels.
inline double mean_difference(const viewer::Image& a, const viewer::Image& b) {
    double sum = 0;
    for (std::size_t p = 0; p < a.pixels.size(); ++p)
        for (int i = 0; i < 3; ++i) sum += std::abs(channel_of(a.pixels[p], i) - channel_of(b.pixels[p], i));
    return sum / (3 * static_cast<double>(a.pixels.size()));
}

/// The part of `image` that starts at (left, top) becomes `part`.
inline void paste(viewer::Image& image, const viewer::Image& part, int left, int top) {
    for (int y = 0; y < part.height; ++y)
        for (int x = 0; x < part.width; ++x)
            image.pixels[static_cast<std::size_t>((top + y) * image.width + left + x)] =
                part.pixels[static_cast<std::size_t>(y * part.width + x)];
}

}  // namespace gdn2::test
