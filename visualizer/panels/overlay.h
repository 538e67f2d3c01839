// A window over everything else, on a dimmed screen: help, lists, dialogs. Escape or a click beside it closes it.
#pragma once

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Begins it, centred, of `size` in pixels of the design or as much as fits. False, and then nothing is to be drawn or
/// ended, where a click beside it has closed it just now.
bool begin_overlay(const View& view, const char* title, ImVec2 size, bool& open);
void end_overlay();

}  // namespace gdn2::viewer
