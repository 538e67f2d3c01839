// A vector beside the state: a column of cells along its rows, or a row of cells along its columns. Signed numbers are
// coloured cells, gates and decays bars whose length is the value.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#pragma once

#include <optional>
#include <string>

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

enum class StripKind {
    signed_cells,
    gate,       ///< a bar, 0 ... `top`
    errors,     ///< cells in the colours of differences, up to what is `allowed` in quiet ones
    half_life,  ///< a bar, 1 ... 10^4 tokens on a logarithmic axis; values are alphas
};

/// How a vector is drawn.
struct StripLook {
    std::string tensor;         ///< what its numbers are called; empty: they have no name
    std::vector<Index> before;  ///< indices in front of the channel: {t}
    StripKind kind = StripKind::signed_cells;
    Scale scale;                ///< of signed cells
    double allowed = 0;         ///< of errors
    double top = 1;             ///< of gates; 2 gets a mark at 1
    bool upright = false;       ///< along rows
    Box box;                    ///< cells fill it
    double opacity = 1;
    bool active = false;        ///< framed
    const Matrix<double>* ghost = nullptr;  ///< a gate before it was changed: a line where row `ghost_row` had it
    Index ghost_row = 0;
};

/// Draws it; lights what the hovered number was made from; the channel under the mouse, which becomes the hovered
/// number.
std::optional<Index> draw_strip(const View& view, const Vector<double>& values, const StripLook& look);

/// Where the mouse stands across a strip: 0 at a bar's foot, 1 at its top, less or more beside it.
double place_across(const StripLook& look);
/// The channel that it stands at, along a strip of `count`; the nearest one beside it.
Index channel_along(const StripLook& look, Index count);

}  // namespace gdn2::viewer
