// Which film of a run is wanted.
#pragma once

#include <optional>
#include <string>

#include "reference/core/shape.h"

namespace gdn2::viewer {

/// What of a run is filmed.
struct FilmRange {
    Index first = 0;            ///< token
    std::optional<Index> last;  ///< token; nothing: the last one
    int frames_per_second = 12;

    bool operator==(const FilmRange&) const = default;
};

/// A film to be made.
struct FilmRequest {
    std::string path;
    int width = 0, height = 0;  ///< 0: as the window
    double scale = 1;
    FilmRange range;
};

}  // namespace gdn2::viewer
