// See film.h.
#include "visualizer/film/film.h"

#include "reference/io/text.h"
#include "visualizer/film/gif.h"
#include "visualizer/film/mp4.h"

namespace gdn2::viewer {

std::unique_ptr<Film> open_film(const std::string& path, int width, int height, int frames_per_second) {
    if (path.ends_with(".gif")) return open_gif(path, width, height, frames_per_second);
    if (path.ends_with(".mp4")) return open_mp4(path, width, height, frames_per_second);
    throw Error(io::quote_file(path) + ": a film must end in .gif or .mp4");
}

}  // namespace gdn2::viewer
