// What panels keep from frame to frame and no state string needs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/draw/view.h"
#include "visualizer/model/timeline_range.h"

namespace gdn2::viewer {

/// The timeline, and what the mouse is doing to it.
struct TimelineMemory {
    TimelineRange range;
    Index length = 0;    ///< of the run that the range is of
    Index followed = -1;  ///< the token that was last brought into view
    std::optional<Index> chosen_from;  ///< a range is being chosen, from this token on
    std::optional<Index> held;         ///< the token that a pan keeps under the mouse
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
    bool compares = false;  ///< of a file: the second one, for the Diff tab
};

/// What the lesson's hint is about, and since when.
struct HintMemory {
    std::string document;
    LessonProgress progress;
    double since = 0;  ///< ImGui's time
};

/// What there is to read in the left column.
struct LessonText {
    std::string document;
    LessonProgress progress;
    bool watched = false;  ///< the picture is on its way: the answer is yet to come

    bool operator==(const LessonText&) const = default;
};

/// The left column as it was in the frame before.
struct LeftColumn {
    float lower = 0;   ///< height of the gates and what is below them
    float height = 0;  ///< of all that stands in it
    float scroll = 0, last_scroll = 0;
    std::optional<float> scroll_to;  ///< asked for by a click
    float lesson_end = 0;            ///< below the lesson's last line
    LessonText text;                 ///< that was last brought into view
    int frames_shown = 0;            ///< since then
};

struct PanelMemory {
    TimelineMemory timeline;
    std::optional<GateDrag> drag;
    Dialog open_file, film, find;
    FilmRequest film_request;
    std::optional<Cell> hovered_cell;  ///< of the state
    bool animates = false;             ///< set by a panel that moves by itself: there will be another frame
    HintMemory hint;
    unsigned slider_drag = 0;          ///< ImGui's id of the slider that is being dragged
    LeftColumn left_column;
    std::string listed_tensor;         ///< the one that the Diff tab's list was last brought to
    bool recall_beside = true;         ///< the recall has a column of its own
    bool recall_in_front = false;      ///< in narrow windows the left column shows it instead of the lesson
};

}  // namespace gdn2::viewer
