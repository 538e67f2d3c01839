// Keys, as a person presses them: what they do to the session, and what they do not.
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
