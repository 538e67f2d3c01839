// What a person types, drops or pastes: names, words and files, and what a file then says of the picture.
#include "visualizer/viewer.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/folder.h"
#include "tests/visualizer/ui/screen.h"
#include "visualizer/panels/memory.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr const char* in_the_middle = "gdn2:task=shared_context_keys;guide=off;t=4;ph=4";

TEST_CASE("keys are text, and nothing else, while a name is typed") {
    Screen screen(in_the_middle);
    const UiState before = screen.ui();
    screen.press({.key = Key::o, .ctrl = true});
    screen.frames(3);
    REQUIRE(screen.viewer().memory().open_file.open);
    REQUIRE(ImGui::GetIO().WantTextInput);
    for (const Key key : {Key::d, Key::m, Key::t, Key::digit_2, Key::right, Key::space, Key::home}) screen.press(key);
    screen.type("no_such_scenario");
    CHECK(screen.ui() == before);
    CHECK(screen.viewer().memory().open_file.text.find("no_such_scenario") != std::string::npos);
    screen.press(Key::escape);
    screen.frames(2);
    CHECK_FALSE(screen.viewer().memory().open_file.open);
    screen.press(Key::d);
    CHECK(screen.ui().show_change);
}

TEST_CASE("a name that is typed opens what it names, and a wrong one leaves what is open") {
    Screen screen(in_the_middle);
    const auto ask = [&](const std::string& name) {
        screen.press({.key = Key::o, .ctrl = true});
        screen.frames(3);
        screen.type(name);
        screen.press(Key::enter);
        screen.frames(2);
    };
    ask("no_such_scenario");
    CHECK(screen.session.document().source == "shared_context_keys");
    CHECK((screen.viewer().message().is_error || !screen.viewer().memory().open_file.error.empty()));
    screen.press(Key::escape);
    screen.frames(2);
    ask("overwrite");
    CHECK(screen.session.document().source == "overwrite");
    CHECK_FALSE(screen.viewer().memory().open_file.open);
}

TEST_CASE("a number or words of a label lead to a token, the same words again to the next, and others say so") {
    Screen screen(in_the_middle);
    const auto ask = [&](const std::string& words) {
        screen.press({.key = Key::f, .ctrl = true});
        screen.frames(3);
        if (!words.empty()) screen.type(words);
        screen.press(Key::enter);
        screen.frames(2);
    };
    ask("1");
    CHECK(screen.ui().cursor == at_token(1, screen.session.length()));
    CHECK_FALSE(screen.viewer().memory().find.open);
    const std::string label = screen.session.label(3);
    ask(label);
    CHECK(screen.ui().cursor.token == 3);
    ask("=");
    const Index next = screen.ui().cursor.token;
    CHECK(next != 3);
    ask("");
    CHECK(screen.ui().cursor.token != next);
    const Cursor before = screen.ui().cursor;
    ask("no such words");
    CHECK(screen.ui().cursor == before);
    CHECK(screen.viewer().memory().find.open);
    CHECK(screen.viewer().memory().find.error == "no label holds `no such words`, and there are tokens 0 to 6");
    screen.press(Key::escape);
    screen.frames(2);
    CHECK_FALSE(screen.viewer().memory().find.open);
}

TEST_CASE("a file that is dropped opens, and a bad one leaves what is open and says why") {
    const Folder folder;
    std::ofstream(folder / "bad.npz") << "no archive";
    Screen screen(in_the_middle);
    screen.viewer().drop(folder / "bad.npz");
    CHECK(screen.session.document().source == "shared_context_keys");
    CHECK(screen.viewer().message().is_error);
    CHECK(screen.viewer().message().text.find("bad.npz") != std::string::npos);
    screen.viewer().drop(GDN2_SOURCE_DIR "/tests/visualizer/fixtures/heads.npz");
    CHECK(screen.session.document().source.ends_with("heads.npz"));
    CHECK_FALSE(screen.viewer().message().is_error);
}

/// A document whose file says of its final state that one cell is off by 1.
Document wrong_cell(Index row, Index col) {
    Document document = open_scenario("overwrite");
    Layer& layer = document.layers.front();
    Tensor<double> states = forward(layer.problem).final_state;
    states.values()[static_cast<std::size_t>(row * layer.sizes.value_dim + col)] += 1;
    layer.claim.tensors["final_state"] = {states, io::DType::f64};
    return document;
}

TEST_CASE("the error overlay paints the one cell that a file has wrong, and says by how much") {
    Screen screen("gdn2:guide=off");
    screen.session.open(wrong_cell(1, 2));
    screen.ui().cursor = last_cursor(screen.session.length());
    const Index token = screen.session.length() - 1;
    const auto colour_of = [&](Index row, Index col) {
        const auto at = screen.find({"S", {token, row, col}});
        REQUIRE(at);
        const Box cell = screen.box_of(*at);
        screen.move({-1, -1});
        screen.frames(2);
        const auto x = static_cast<std::size_t>(cell.x + cell.width / 2);
        const auto y = static_cast<std::size_t>(cell.y + cell.height / 2);
        return screen.headless.image().pixels[y * static_cast<std::size_t>(screen.width) + x];
    };
    const Colour before = colour_of(1, 2);
    screen.press(Key::o);
    CHECK(screen.ui().show_error);
    const Theme& theme = theme_of(ThemeName::dark);
    CHECK_FALSE(colour_of(1, 2) == before);
    CHECK(colour_of(1, 2) == error_colour(theme, 1, 1e-9));
    CHECK_FALSE(colour_of(0, 0) == error_colour(theme, 1, 1e-9));
    screen.press(Key::digit_2);  // a file's numbers are of S after the token, also before it has written
    CHECK(screen.find({"S", {token, 1, 2}}));
    screen.press(Key::digit_5);
    screen.press(Key::o);
    CHECK(colour_of(1, 2) == before);
}

TEST_CASE("on the Diff tab a name that is typed is held against what is open") {
    const Folder folder;
    const std::string path = GDN2_SOURCE_DIR "/tests/visualizer/fixtures/heads.npz";
    Screen screen("gdn2:guide=off");
    screen.viewer().open(path);
    screen.press({.key = Key::tab, .shift = true});
    screen.press({.key = Key::tab, .shift = true});
    REQUIRE(screen.ui().tab == Tab::difference);
    screen.press({.key = Key::o, .ctrl = true});
    screen.frames(3);
    CHECK(screen.viewer().memory().open_file.compares);
    screen.type(folder / "missing.npz");
    screen.press(Key::enter);
    screen.frames(2);
    CHECK(screen.viewer().memory().open_file.error.find("missing.npz") != std::string::npos);
    CHECK_FALSE(screen.session.claim());
    screen.press(Key::escape);
    screen.frames(2);
    screen.press({.key = Key::o, .ctrl = true});
    screen.frames(3);
    screen.type(path);
    screen.press(Key::enter);
    screen.frames(2);
    CHECK_FALSE(screen.viewer().memory().open_file.open);
    CHECK(screen.session.document().source == path);
    CHECK(screen.session.claim_path() == path);
}

TEST_CASE("a line that is pasted leads where it says, and a bad one nowhere") {
    Screen screen(in_the_middle);
    screen.viewer().paste("gdn2:task=overwrite;t=2;ph=3;rule=kda");
    CHECK(screen.session.document().source == "overwrite");
    CHECK(screen.ui().mixer == Mixer::kda);
    screen.viewer().paste("gdn2:t=nowhere");
    CHECK(screen.viewer().message().is_error);
    CHECK(screen.session.document().source == "overwrite");
}

}  // namespace
}  // namespace gdn2::test
