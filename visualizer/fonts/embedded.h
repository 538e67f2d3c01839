// The bytes of the font files beside this one, put into the program by visualizer/CMakeLists.txt.
#pragma once

#include <span>

namespace gdn2::viewer {

std::span<const unsigned char> embedded_sans();
std::span<const unsigned char> embedded_mono();

}  // namespace gdn2::viewer
