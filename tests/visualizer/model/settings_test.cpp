// What the window remembers: comes back, and never stands in the way.
#include "visualizer/model/settings.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/folder.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("window settings come back, and nothing else of a session does") {
    const Folder folder;
    const std::filesystem::path file = std::filesystem::path(folder / "new") / "viewer.txt";
    UiState chosen;
    chosen.theme = ThemeName::print;
    chosen.ui_scale = 1.5;
    chosen.reduce_motion = true;
    chosen.tab = Tab::spectrum;
    save_settings(chosen, file);
    UiState ui;
    load_settings(ui, file);
    CHECK(ui.theme == ThemeName::print);
    CHECK(ui.ui_scale == 1.5);
    CHECK(ui.reduce_motion);
    CHECK(ui.tab == Tab::state);
}

TEST_CASE("settings that are missing, damaged or nowhere to be written are no reason to fail") {
    const Folder folder;
    UiState ui;
    load_settings(ui, folder / "missing");
    std::ofstream(folder / "damaged") << "gdn2:theme=purple";
    load_settings(ui, folder / "damaged");
    CHECK(ui == UiState{});
    save_settings(ui, "");
    save_settings(ui, "/dev/null/gdn2/viewer.txt");
}

}  // namespace
}  // namespace gdn2::test
