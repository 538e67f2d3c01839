// Pictures as PNG files, by libpng.
//   tests  tests/visualizer/film/png_test.cpp
#pragma once

#include <string>

#include "visualizer/film/image.h"

namespace gdn2::viewer {

/// Writes beside `path` and renames at the end: there is a whole file or, on any failure, what was there before.
/// Throws Error naming the file when it cannot be written, or `image` has no pixels or another number of them than it
/// says.
void write_png(const std::string& path, const Image& image);

/// Reads an opaque PNG of at most 2^26 pixels. Throws Error naming the file when it is anything else, or is damaged:
/// every checksum up to that of the last pixels is compared.
Image read_png(const std::string& path);

}  // namespace gdn2::viewer
