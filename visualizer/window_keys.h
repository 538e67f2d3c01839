// Key presses of a GLFW window, sent to its viewer.
//   tests  tests/visualizer/window/window_test.sh (with real keys)
#pragma once

struct GLFWwindow;

namespace gdn2::viewer {

class Viewer;

/// From now on, in addition to what is done with them already. The window's user pointer becomes the viewer, which must
/// outlive the window.
void send_keys_to(Viewer& viewer, GLFWwindow* window);

}  // namespace gdn2::viewer
