// A matrix as a picture: one texture, a pixel a cell, with a grid, numbers and marks where cells are large enough.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#pragma once

#include <optional>
#include <string>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// How a matrix is drawn.
struct MatrixLook {
    std::string slot;       ///< of its texture: one for each matrix that is on the screen at a time
    Box box;                ///< cells fill it
    Scale scale;
    bool grid = true, numbers = false;
    bool gates = false;     ///< 0 ... gates_top on the grey to gold ramp instead
    double gates_top = 1;
    bool errors = false;    ///< sizes of differences instead, up to what is `allowed` in quiet colours
    double allowed = 0;
    /// Row and column of what the picture's [0, 0] is called; "": cells are not numbers of the run.
    std::string tensor;
    std::vector<Index> before;  ///< indices in front of row and column: {t} for S, {n} for T
};

/// Cells of whole pixels that fit rows x cols into width x height, at least 1 and at most `largest` pixels; below 1 the
/// cells are as wide as fits.
float cell_size(Index rows, Index cols, float width, float height, float largest);

/// Draws it; lights what the hovered number was made from; the cell under the mouse, if any. With a tensor's name that
/// cell becomes the hovered number.
std::optional<Cell> draw_matrix(const View& view, const Matrix<double>& values, const MatrixLook& look);

/// What is said where numbers were asked for and the cells of such a matrix in `box` are too small for them; else "".
std::string remark_on_numbers(const View& view, const Box& box, Index rows, Index cols);

/// The colours of differences, upright in `box`: from a thousandth of what is allowed to a thousand times.
void draw_error_legend(const View& view, const Box& box, double allowed);

/// The colours of a scale with its ends' numbers, upright in `box`.
void draw_legend(const View& view, const Box& box, const Scale& scale);

}  // namespace gdn2::viewer
