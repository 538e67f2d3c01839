// Curves over tokens: an axis, numbers at its ends, the cursor's token marked. Curves of more tokens than pixels show
// what lies between their lowest and highest number.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp,
//         tests/visualizer/ui/text_test.cpp
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "visualizer/draw/view.h"
#include "visualizer/model/axis.h"
#include "visualizer/model/timeline_range.h"

namespace gdn2::viewer {

/// Where tokens and numbers are.
struct TimePlot {
    Box box;              ///< of the curves
    TimelineRange range;  ///< resolved: the tokens across
    Axis axis;

    float x_of(Index token) const;   ///< of the middle of its column
    float y_of(double value) const;  ///< at the edge where the value is beyond it
    float column() const { return box.width / static_cast<float>(range.count > 0 ? range.count : 1); }
    bool shows(Index token) const { return token >= range.first && token < range.first + range.count; }
};

/// One curve. Numbers that are not finite, and those without a logarithm, leave a gap.
struct Curve {
    std::span<const Index> tokens;  ///< rising; empty: all, from 0
    std::span<const double> values;
    Colour colour;
    float thickness = 1.5f;         ///< pixels of the design
    bool dashed = false;
};

/// What stands at a number of the axis: on a logarithmic axis of many decades all as powers of ten, so that no two are
/// written in different ways.
std::string tick_text(const Axis& axis, double tick);

/// Frame, numbers along the left side, lines across at those.
void draw_axes(const View& view, const TimePlot& plot);
void draw_curve(const View& view, const TimePlot& plot, const Curve& curve);
/// A dashed line across at `value`, if it is inside.
void draw_level(const View& view, const TimePlot& plot, double value);

/// The cursor's token as a line; a click or a drag moves the cursor. The token under the mouse, if any.
std::optional<Index> follow_tokens(const View& view, const TimePlot& plot);

/// Left of a plot's curves, for the numbers of its axis.
float axis_width(const View& view);

}  // namespace gdn2::viewer
