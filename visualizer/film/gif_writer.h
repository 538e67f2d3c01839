// A GIF file being written: giflib's encoder, whose bytes go to a new file.
//   tests  tests/visualizer/film/gif_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reference/io/new_file.h"

struct GifFileType;

namespace gdn2::viewer {

/// Part of a picture. Its pixels are [top, top + height) by [left, left + width).
struct Rectangle {
    int left = 0, top = 0, width = 0, height = 0;
};

/// Pictures of indices into one palette, at most 256 colours as in image.h. Throws Error when they cannot be written.
class GifWriter {
public:
    GifWriter(io::NewFile& file, int width, int height, std::span<const std::uint32_t> palette);

    /// A picture [height * width] shown for so many hundredths of a second, at most 65535; the first time all of it,
    /// then what is new.
    void add(std::span<const std::uint8_t> indices, int hundredths);
    void finish();

private:
    struct Close {
        void operator()(GifFileType* gif) const;
    };
    void put_header(std::span<const std::uint32_t> palette);
    void put(const Rectangle& rectangle, std::vector<std::uint8_t> pixels, int transparent, int hundredths);
    void check(bool good) const;

    io::NewFile& file_;
    int width_, height_, colours_;
    std::vector<std::byte> bytes_;  ///< encoded, not yet in the file
    std::vector<std::uint8_t> shown_;
    std::unique_ptr<GifFileType, Close> gif_;
};

}  // namespace gdn2::viewer
