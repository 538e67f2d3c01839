// Panels that are still being written.
#include "visualizer/panels/panels.h"
namespace gdn2::viewer {
void spectrum_panel(const View& view, const Box& box) { begin_panel(view, "Spectrum", box); end_panel(); }
}  // namespace gdn2::viewer
