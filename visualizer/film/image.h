// A picture in memory: what is drawn without a window, written to files, and compared in tests.
//   tests  tests/visualizer/film/png_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reference/core/error.h"

namespace gdn2::viewer {

/// Pixels in rows from the top down, [height * width]. The bytes of each lie in memory as R G B A: 0xAABBGGRR on a
/// little-endian machine. A is 255: pictures are opaque.
struct Image {
    int width = 0, height = 0;
    std::vector<std::uint32_t> pixels;

    bool operator==(const Image&) const = default;
};

/// "1280 x 800".
inline std::string size_text(int width, int height) { return std::to_string(width) + " x " + std::to_string(height); }

/// Throws Error unless the picture has pixels, and as many as its size says.
inline void require_whole(const Image& image) {
    const std::string size = size_text(image.width, image.height);
    require(image.width > 0 && image.height > 0, "a picture has at least one pixel, got " + size);
    require(image.pixels.size() == static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height),
            "a picture of " + size + " got " + std::to_string(image.pixels.size()) + " pixels");
}

/// Throws Error unless the picture is whole and of this size.
inline void require_size(const Image& image, int width, int height) {
    require_whole(image);
    require(image.width == width && image.height == height,
            "pictures are " + size_text(width, height) + " here, got " + size_text(image.width, image.height));
}

}  // namespace gdn2::viewer
