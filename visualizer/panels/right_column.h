// A part of the right column, for recall_panel.cpp.
#pragma once

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Of a file, which names no keys: whose writes the output of the last token that has written looks like. A click goes
/// there.
void retrieved_part(const View& view);

}  // namespace gdn2::viewer
