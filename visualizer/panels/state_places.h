// Where the state and the vectors along its axes stand: the same in every tab that shows them, so that nothing moves
// from one to the next.
//   tests  tests/visualizer/ui/panels_test.cpp
#pragma once

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Five strips left of the rows; five above the columns and a sixth below.
struct StatePlaces {
    Box state;
    float strip = 0, pitch = 0;  ///< thickness, and from one to the next

    Box key_strip(std::size_t i) const;
    Box value_strip(std::size_t i) const;
};
/// What is said where the cells are too small for the numbers that were asked for.
std::string remark_on_numbers(const View& view, const StatePlaces& at);
StatePlaces state_places(const View& view, const Box& box, Index key_dim, Index value_dim);

/// The name of a key-side strip above it, where they are too close in two rows; of a value-side one behind it.
void draw_key_name(const View& view, const StatePlaces& at, std::size_t i, Colour colour, const std::string& name);
void draw_value_name(const View& view, const Box& strip, Colour colour, const std::string& name);
/// Which axis is which.
void draw_axis_names(const View& view, const StatePlaces& at);
/// The colours of the state, in the corner between the strips.
void draw_state_legend(const View& view, const StatePlaces& at, const Scale& scale);
/// Of the error overlay.
void draw_state_error_legend(const View& view, const StatePlaces& at, double allowed);
/// Bands that lead the eye from the cell under the mouse to the numbers of its row and its column, and a frame around
/// the pinned one. A click pins.
void mark_cells(const View& view, const StatePlaces& at, std::optional<Cell> hovered);

}  // namespace gdn2::viewer
