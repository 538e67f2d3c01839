// Films as GIFs, by giflib: one palette for all pictures, and of each picture only what is new.
//   tests  tests/visualizer/film/gif_test.cpp
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "visualizer/film/film.h"

namespace gdn2::viewer {

/// A GIF that repeats for ever. Up to 256 colours are exact; more are brought to 256 (palette.h) without dithering: of
/// 255 levels a channel of a window is off by less than half a one on average, and that of a rare colour by up to 26. A
/// picture like the one before only prolongs it. Until finish() the pixels that changed are held in memory: add()
/// throws Error when there are more than `most_bytes` of them. Sizes are 1...65535, rates 1...50 a second, what GIF can
/// say and viewers keep.
std::unique_ptr<Film> open_gif(const std::string& path, int width, int height, int frames_per_second,
                               std::size_t most_bytes = std::size_t{512} << 20);

}  // namespace gdn2::viewer
