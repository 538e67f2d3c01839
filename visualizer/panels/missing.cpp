// Panels that are still being written.
#include "visualizer/panels/panels.h"
namespace gdn2::viewer {
void gradient_panel(const View& view, const Box& box) { begin_panel(view, "Gradients", box); end_panel(); }
void difference_panel(const View& view, const Box& box) { begin_panel(view, "Difference", box); end_panel(); }
void spectrum_panel(const View& view, const Box& box) { begin_panel(view, "Spectrum", box); end_panel(); }
}  // namespace gdn2::viewer
