// The viewer in a window: GLFW and OpenGL 3. Paused and untouched it waits for events and draws nothing.
//   tests  tests/visualizer/window/window_test.sh (under Xvfb, with real keys)
#pragma once

#include "visualizer/model/session.h"
#include "visualizer/options.h"

namespace gdn2::viewer {

/// Shows the session until the window is closed. Throws Error when no window can be opened.
void run_window(Session& session, const Options& options);

}  // namespace gdn2::viewer
