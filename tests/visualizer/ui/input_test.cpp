// Keys, files and lines, as a person gives them: what they do to the session, and what they do not.
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

/// What the same action does to a session without a screen, in the two frames that a key press takes.
UiState expected(Session& session, Action action) {
    apply(action, session);
    session.tick(1.0 / 60);
    session.clamp();
    return session.ui;
}

bool asked_outside(Screen& screen) {
    const Requests requests = screen.viewer().take_requests();
    const PanelMemory& memory = screen.viewer().memory();
    return requests.screenshot || requests.quit || requests.clipboard || requests.paste || requests.film ||
           memory.open_file.open || memory.film.open || memory.find.open ||
           !screen.viewer().message().text.empty();
}

TEST_CASE("every key of the table does to the session what its action does") {
    for (const Binding& binding : bindings()) {
        INFO((text_of(binding.chord) + ": " + binding.what));
        Screen screen(in_the_middle);
        Session twin;
        restore(twin, in_the_middle);
        screen.press(binding.chord);
        const UiState should = expected(twin, binding.action);
        if (binding.action == Action::reload) twin.open(twin.document().source);
        CHECK(state_string(screen.session) == state_string(twin));
        CHECK((screen.ui() == should || binding.action == Action::reload));
        Session untouched;
        restore(untouched, in_the_middle);
        const bool of_the_session = apply(binding.action, untouched);
        CHECK(asked_outside(screen) == !of_the_session);
    }
}

TEST_CASE("requests are made once") {
    Screen screen(in_the_middle);
    screen.press(Key::f12);
    CHECK(screen.viewer().take_requests().screenshot);
    CHECK_FALSE(screen.viewer().take_requests().screenshot);
    screen.press({.key = Key::c, .ctrl = true});
    CHECK(screen.viewer().take_requests().clipboard == state_string(screen.session));
    screen.press({.key = Key::q, .ctrl = true});
    CHECK(screen.viewer().take_requests().quit);
}

TEST_CASE("a key that is held down repeats where its binding says so, and only there") {
    Screen screen("gdn2:task=shared_context_keys;guide=off");
    const auto hold = [&](Key key) {
        for (int i = 0; i < 4; ++i) screen.viewer().press({key}, i > 0);
        screen.frames(1);
    };
    hold(Key::right);
    CHECK(screen.ui().cursor.token == 3);
    hold(Key::m);
    CHECK(screen.ui().mixer == Mixer::kda);
}

TEST_CASE("keys after a click, wherever it was, still go to the viewer") {
    for (const Place at : {Place{640, 400}, {640, 210}, {100, 795}, {1100, 700}, {640, 690}, {230, 500}}) {
        Screen screen(in_the_middle);
        screen.click(at);
        screen.ui() = {};
        for (const Tab tab : {Tab::chunk, Tab::gradient, Tab::difference}) {
            screen.press(Key::tab);
            CHECK(screen.ui().tab == tab);
            CHECK_FALSE(ImGui::GetIO().WantTextInput);
        }
        screen.press(Key::period);
        CHECK_FALSE(screen.ui().cursor == first_cursor());
    }
}

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

TEST_CASE("in keyboard focus mode arrows and Space move through buttons while letters step") {
    Screen screen(in_the_middle);
    screen.press(Key::f6);
    REQUIRE(screen.ui().keyboard_focus);
    const Cursor before = screen.ui().cursor;
    screen.press(Key::right);
    screen.press(Key::down);
    CHECK(screen.ui().cursor == before);
    CHECK_FALSE(screen.ui().playing);
    screen.press(Key::period);
    CHECK(screen.ui().cursor == next_token(before, screen.session.length()));
    screen.press(Key::comma);
    screen.press(Key::l);
    screen.frames(40, 1.0 / 60);
    CHECK(screen.ui().cursor == Cursor{before.token, Phase::decay, 1});
    screen.press(Key::f6);
    screen.press(Key::right);
    CHECK(screen.ui().cursor == Cursor{before.token, Phase::read_out, 1});
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

TEST_CASE("playing goes on by itself to the end and then rests") {
    Screen screen("gdn2:task=overwrite;guide=off;speed=4");
    screen.press(Key::space);
    CHECK(screen.headless.frame(1.0 / 60) == 0);
    screen.frames(600, 1.0 / 60);
    CHECK(screen.ui().cursor == last_cursor(screen.session.length()));
    CHECK_FALSE(screen.ui().playing);
}

TEST_CASE("what a key begins asks for the next frame at once, also while the hint still pulses") {
    for (const double after : {0.5, 3.0, 9.0})
        for (const Chord& chord : {Chord{Key::space}, Chord{.key = Key::right, .shift = true}}) {
            INFO(text_of(chord) << " after " << after << " s");
            Screen screen("gdn2:task=overwrite");
            screen.frames(static_cast<int>(after * 30), 1.0 / 30);
            const Cursor before = screen.ui().cursor;
            screen.viewer().press(chord);
            CHECK(screen.headless.frame(1.0 / 30) == 0);
            screen.frames(10, 1.0 / 30);
            CHECK_FALSE(screen.ui().cursor == before);
        }
}

TEST_CASE("untouched for a while the viewer waits for good, in every tab") {
    for (int tab = 0; tab < tab_count; ++tab) {
        Screen screen("gdn2:task=overwrite;t=2;ph=3");
        screen.ui().tab = static_cast<Tab>(tab);
        double wait = 0;
        for (int i = 0; i < 1500 && !std::isinf(wait); ++i) wait = screen.headless.frame(1.0 / 30);
        CHECK(std::isinf(wait));
    }
    Screen first("gdn2:");
    double wait = 0;
    for (int i = 0; i < 1500 && !std::isinf(wait); ++i) wait = first.headless.frame(1.0 / 30);
    CHECK(std::isinf(wait));
}

}  // namespace
}  // namespace gdn2::test
