// Fonts and the look of buttons, sliders and tables, for a theme and a size.
//   tests  tests/visualizer/ui/golden_test.cpp
#pragma once

#include "visualizer/draw/view.h"

namespace gdn2::viewer {

/// Fills the context's font atlas anew with the embedded fonts at `unit` pixels for each pixel of the design. The
/// caller makes the atlas's texture.
Fonts load_fonts(float unit);

/// Colours and sizes of the current context.
void apply_style(const Theme& theme, float unit);

}  // namespace gdn2::viewer
