// See settings.h.
#include "visualizer/model/settings.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "reference/core/error.h"
#include "reference/io/new_file.h"
#include "visualizer/model/state_string.h"

namespace gdn2::viewer {
namespace {

void take_over(UiState& ui, const UiState& from) {
    ui.theme = from.theme;
    ui.ui_scale = from.ui_scale;
    ui.reduce_motion = from.reduce_motion;
    ui.keyboard_focus = from.keyboard_focus;
}

}  // namespace

std::filesystem::path settings_file() {
    const char *config = std::getenv("XDG_CONFIG_HOME"), *home = std::getenv("HOME");
    if (config && *config) return std::filesystem::path(config) / "gdn2" / "viewer.txt";
    return home && *home ? std::filesystem::path(home) / ".config" / "gdn2" / "viewer.txt" : "";
}

void load_settings(UiState& ui, const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    if (text.empty()) return;
    try {
        take_over(ui, parse_state(text).ui);
    } catch (const Error&) {  // of another version, or damaged
    }
}

void save_settings(const UiState& ui, const std::filesystem::path& file) {
    if (file.empty()) return;
    Session plain;
    take_over(plain.ui, ui);
    const std::string line = state_string(plain) + "\n";
    std::error_code ignored;
    std::filesystem::create_directories(file.parent_path(), ignored);
    try {
        io::NewFile whole(file.string());
        whole.write(std::as_bytes(std::span(line)));
        whole.commit();
    } catch (const Error&) {  // a folder that cannot be written
    }
}

}  // namespace gdn2::viewer
