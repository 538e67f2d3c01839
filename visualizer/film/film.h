// Pictures in a row as a file: a GIF, which needs nothing else, or an MP4 through the program ffmpeg.
//   tests  tests/visualizer/film/film_test.cpp
#pragma once

#include <memory>
#include <string>

#include "visualizer/film/image.h"

namespace gdn2::viewer {

/// A film being written. It lies beside its path until it is finished: then there is a whole file. Before that, on any
/// failure, and when a film goes unfinished, what was at the path stays and nothing is left beside it. Every Error
/// names the path.
class Film {
public:
    virtual ~Film() = default;

    /// The next picture. Throws Error when it is not of the film's size, or the film cannot be written on.
    virtual void add(const Image& image) = 0;

    /// Once, after the last picture. Throws Error when there was none, or the film cannot be written.
    virtual void finish() = 0;
};

/// A film of this size by the extension of `path`: .gif (see gif.h) or .mp4 (see mp4.h). Throws Error for any other,
/// for sizes and rates that such a file cannot have, where nothing can be written, and for .mp4 where ffmpeg is
/// missing.
std::unique_ptr<Film> open_film(const std::string& path, int width, int height, int frames_per_second);

}  // namespace gdn2::viewer
