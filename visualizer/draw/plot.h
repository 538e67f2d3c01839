// Curves over the tokens of a run: an axis, a line where the cursor is, and a click that moves it there.
//   tests  tests/visualizer/ui/panels_test.cpp
#pragma once

#include <string>
#include <vector>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// One curve. Points that are no numbers are left out, and the line is broken there.
struct Curve {
    std::vector<Index> tokens;  ///< rising
    std::vector<double> values;
    Colour colour = 0;
    std::string name;  ///< "": no legend
};

/// How a plot's height is divided.
struct PlotLook {
    Box box;            ///< caption, plot and legend
    std::string caption;
    double low = 0, high = 1;
    bool logarithmic = false;     ///< low must be above 0
    std::vector<double> marks;    ///< horizontal lines with their numbers
};

/// Draws curves over all tokens of the run in view. A click or drag moves the cursor.
void draw_plot(const View& view, const PlotLook& look, const std::vector<Curve>& curves);

}  // namespace gdn2::viewer
