// What panels keep from frame to frame and no state string needs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Which tokens the timeline shows; count 0: all.
struct TimelineRange {
    Index first = 0, count = 0;
};

/// A gate being dragged on its strip.
struct GateDrag {
    Gate gate = Gate::b;
    Index token = 0;
    bool moved = false;
};

/// A line of text that a dialog asks for.
struct Dialog {
    bool open = false;
    bool just_opened = false;
    std::string text;
    std::string error;
};

struct PanelMemory {
    TimelineRange timeline;
    std::optional<GateDrag> drag;
    Dialog open_file, film;
    FilmRequest film_request;
    std::optional<Cell> hovered_cell;  ///< of the state
    bool animates = false;             ///< set by a panel that moves by itself: there will be another frame
    bool recall_in_front = false;      ///< in narrow windows the left column shows it instead of the lesson
};

}  // namespace gdn2::viewer
