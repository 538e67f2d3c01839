// A picture in memory: what is drawn without a window, written to files, and compared in tests.
//   tests  tests/visualizer/film/png_test.cpp
#pragma once

#include <cstdint>
#include <vector>

namespace gdn2::viewer {

/// Pixels in rows from the top down, [height * width]. The bytes of each lie in memory as R G B A: 0xAABBGGRR on a
/// little-endian machine. A is 255: pictures are opaque.
struct Image {
    int width = 0, height = 0;
    std::vector<std::uint32_t> pixels;

    bool operator==(const Image&) const = default;
};

}  // namespace gdn2::viewer
