// Where the timeline's lanes and columns are, and who draws them: for the files timeline*.cpp alone.
#pragma once

#include "visualizer/draw/view.h"
#include "visualizer/model/timeline_range.h"

namespace gdn2::viewer {

/// Lanes from top to bottom; one of no height is left out.
struct TimelinePlaces {
    Box area;             ///< all columns
    TimelineRange range;  ///< resolved
    float column = 0;     ///< width of a token
    Box labels, half_life, b, w, change, recall;

    float x_of(Index token) const { return area.x + static_cast<float>(token - range.first) * column; }
    Box column_of(Index token, const Box& lane) const { return {x_of(token), lane.y, column, lane.height}; }
    Index end() const { return range.first + range.count; }
};

/// Tints of tokens, behind everything; labels and marks, in front.
void draw_under_lanes(const View& view, const TimelinePlaces& at);
void draw_over_lanes(const View& view, const TimelinePlaces& at);
/// Half-lives, b and w: bars in each column, or one picture where columns are narrow. Says what the mouse is on.
void draw_gate_lanes(const View& view, const TimelinePlaces& at);
/// What each token changed, with the run without edits beside it.
void draw_change_lane(const View& view, const TimelinePlaces& at);
/// How many keys answer rightly after each token.
void draw_recall_lane(const View& view, const TimelinePlaces& at);

}  // namespace gdn2::viewer
