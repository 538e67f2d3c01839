// The parts of the Diff tab, for difference_panel.cpp.
//   tests  tests/visualizer/ui/panels_test.cpp
#pragma once

#include "visualizer/model/difference_shown.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {

/// Every tensor with its verdict, and of the one that is chosen where it is wrong. Draws at the cursor.
void difference_list(const View& view, const Difference& difference, float width, float height);
/// Reference, candidate and difference of the chosen tensor, of one head.
void difference_maps(const View& view, const Difference& difference, const Box& box);

}  // namespace gdn2::viewer
