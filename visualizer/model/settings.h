// What the window remembers from one time to the next: theme, size, reduced motion, keyboard focus mode.
//   tests  tests/visualizer/model/settings_test.cpp
#pragma once

#include <filesystem>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// $XDG_CONFIG_HOME/gdn2/viewer.txt, else ~/.config/gdn2/viewer.txt; empty where neither is known.
std::filesystem::path settings_file();

/// Takes the remembered settings over. A file that is missing or not understood changes nothing.
void load_settings(UiState& ui, const std::filesystem::path& file);

/// Writes them, as a state string. What cannot be written is not remembered: no reason to fail.
void save_settings(const UiState& ui, const std::filesystem::path& file);

}  // namespace gdn2::viewer
