// The command line of gdn2-viewer.
//   tests  tests/visualizer/ui/command*_test.cpp
#pragma once

#include <optional>
#include <string>

#include "visualizer/film/film_request.h"
#include "visualizer/model/session.h"

namespace gdn2::viewer {

struct Options {
    std::string open;   ///< scenario, problem, trace or result; empty: the first lesson
    std::string claim;  ///< second file, for the Diff tab
    std::optional<std::string> state;
    std::optional<ThemeName> theme;
    std::optional<std::string> screenshot, film;
    bool transcript = false, print_state = false;
    int width = 1600, height = 1000;
    double scale = 1;       ///< of texts and everything else
    FilmRange range;

    bool needs_no_window() const { return screenshot || film || transcript; }
};

/// Reads it. Returns nothing where --help or --version printed all there is to say. Throws Error for what cannot be
/// read.
std::optional<Options> parse_options(int argc, char** argv);

}  // namespace gdn2::viewer
