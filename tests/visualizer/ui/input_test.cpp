// Keys and mouse, as a person uses them: what they do to the session, and what they do not.
#include "visualizer/viewer.h"

#include <doctest/doctest.h>

#include <algorithm>
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

bool asked_outside(const Screen& screen, const Requests& requests) {
    return requests.screenshot || requests.quit || requests.clipboard || requests.paste || requests.film ||
           const_cast<Screen&>(screen).viewer().memory().open_file.open ||
           const_cast<Screen&>(screen).viewer().memory().film.open ||
           !const_cast<Screen&>(screen).viewer().message().text.empty();
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
        CHECK(asked_outside(screen, screen.viewer().take_requests()) == !of_the_session);
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

TEST_CASE("a number under the mouse is explained and what it was made from is lit") {
    Screen screen(in_the_middle);
    const auto cell = screen.find([](const Number& number) { return number.tensor == "S"; });
    REQUIRE(cell);
    screen.frames(1);
    const Hover& hover = screen.viewer().hover();
    REQUIRE(hover.explanation);
    const Number S = *hover.last;
    CHECK(hover.explanation->value == value_of(screen.session, S));
    CHECK(hover.is_lit(S));
    CHECK(hover.is_lit({"k", {S.index[0], S.index[1]}}));
    CHECK(hover.is_lit({"u", {S.index[0], S.index[2]}}));
    CHECK_FALSE(hover.is_lit({"k", {S.index[0], S.index[1] == 0 ? 1 : 0}}));
    const int with_tooltip = screen.headless.draw_data().CmdListsCount;
    screen.move({-1, -1});
    screen.frames(1);
    CHECK_FALSE(screen.viewer().hover().explanation);
    CHECK(screen.headless.draw_data().CmdListsCount < with_tooltip);
}

TEST_CASE("hovering lights a frame around the inputs, on the screen") {
    Screen screen(in_the_middle);
    const auto k = screen.find({"k", {4, 2}});
    REQUIRE(k);
    const Box box = screen.box_of(*k);
    const auto edge = [&] {
        const Image image = screen.headless.image();
        const auto row = static_cast<std::size_t>(box.y + box.height / 2);
        std::vector<Colour> pixels;
        for (int dx = -2; dx <= 1; ++dx)
            pixels.push_back(image.pixels[row * static_cast<std::size_t>(image.width) +
                                          static_cast<std::size_t>(box.x) + static_cast<std::size_t>(dx + 2) - 2]);
        return pixels;
    };
    screen.move({-1, -1});
    screen.frames(2);
    const auto dark = edge();
    REQUIRE(screen.find([](const Number& number) { return number.tensor == "S" && number.index[1] == 2; }));
    screen.frames(1);
    CHECK(edge() != dark);
}

TEST_CASE("a click on a cell pins it, another pins another, and Esc lets go") {
    Screen screen(in_the_middle);
    const auto pin = [&](Index row, Index col) {
        const auto at = screen.find({"S", {4, row, col}});
        REQUIRE(at);
        screen.click(*at);
        CHECK(screen.ui().pinned == Cell{row, col});
    };
    pin(3, 2);
    pin(5, 1);
    screen.press(Key::escape);
    CHECK_FALSE(screen.ui().pinned);
}

/// The strip of a gate on the screen: its channel 3 at the cursor's token, and how its value lies across it.
struct GateStrip {
    Screen screen{"gdn2:task=shared_context_keys;guide=off;t=4;ph=1"};
    Box box;

    explicit GateStrip(const char* gate) {
        screen.ui().cursor = {4, Phase::write, 1};
        screen.frames(1);
        const auto at = screen.find({gate, {4, 3}}, 5);
        REQUIRE(at);
        box = screen.box_of(*at);
    }
    /// At a share of the strip of b or alpha, which fill to the right; of w, which fills upwards, always in its middle.
    Place at(float share) const { return {box.x + box.width * share, box.y + box.height / 2}; }
    const EditHistory& edits() const { return screen.session.edits(); }
};

TEST_CASE("a drag on the strip of b is one edit that is undone in one step, and leaves a ghost") {
    GateStrip b("b");
    CHECK(b.screen.session.ghost() == nullptr);
    b.screen.drag(b.at(0.9f), b.at(0.25f));
    REQUIRE(b.edits().edits().size() == 1);
    const Edit& edit = b.edits().edits().front();
    CHECK(edit.gate == Gate::b);
    CHECK(edit.token == 4);
    CHECK(edit.channel == 3);
    const double top = 2;  // lesson 4's own b reaches 2
    CHECK(std::abs(edit.value - 0.25 * top) < 0.1 * top);
    REQUIRE(b.screen.session.ghost());
    CHECK(b.screen.session.ghost()->head().b(4, 3) != b.screen.session.track().head().b(4, 3));
    b.screen.press({.key = Key::z, .ctrl = true});
    CHECK(b.edits().edits().empty());
    CHECK(b.screen.session.ghost() == nullptr);
    b.screen.press({.key = Key::y, .ctrl = true});
    CHECK(b.edits().edits().size() == 1);
}

TEST_CASE("two drags are two edits, and a press without a move is one too") {
    GateStrip b("b");
    b.screen.drag(b.at(0.9f), b.at(0.25f));
    b.screen.drag(b.at(0.5f), b.at(0.75f));
    b.screen.press({.key = Key::z, .ctrl = true});
    REQUIRE(b.edits().edits().size() == 1);
    CHECK(b.edits().edits().front().value < 1);
    b.screen.press({.key = Key::z, .ctrl = true});
    CHECK(b.edits().edits().empty());
    b.screen.click(b.at(0.5f));
    CHECK(b.edits().edits().size() == 1);
}

TEST_CASE("with Shift a drag changes all channels, with Alt it closes or opens") {
    GateStrip b("b");
    b.screen.hold(true, false);
    b.screen.drag(b.at(0.9f), b.at(0.5f));
    b.screen.hold(false, false);
    REQUIRE(b.edits().edits().size() == 1);
    CHECK(b.edits().edits().front().channel == Edit::all_channels);
    b.screen.press(Key::r);
    REQUIRE(b.edits().edits().empty());
    b.screen.hold(false, true);
    b.screen.drag(b.at(0.9f), b.at(0.3f));
    REQUIRE(b.edits().edits().size() == 1);
    CHECK(b.edits().edits().front().value == 0);
    b.screen.drag(b.at(0.3f), b.at(0.7f));
    b.screen.hold(false, false);
    CHECK(b.edits().edits().back().value == 2);
}

TEST_CASE("a drag that leaves its strip edits nothing else, and one that began elsewhere edits nothing") {
    GateStrip b("b");
    b.screen.drag(b.at(0.5f), {b.box.x + 200, b.box.y});
    for (const Edit& edit : b.edits().edits()) CHECK(edit.gate == Gate::b);
    b.screen.press(Key::r);
    b.screen.drag({b.box.x + 200, b.box.y}, b.at(0.5f));
    CHECK(b.edits().edits().empty());
}

TEST_CASE("alpha and w can be dragged as well") {
    for (const auto& [name, gate] : {std::pair{"alpha", Gate::g}, {"w", Gate::w}}) {
        GateStrip strip(name);
        strip.screen.click(strip.at(0.5f));
        REQUIRE(strip.edits().edits().size() == 1);
        CHECK(strip.edits().edits().front().gate == gate);
        CHECK(strip.edits().edits().front().channel == 3);
    }
}

TEST_CASE("a drag along the timeline passes through the tokens") {
    Screen screen("gdn2:task=shared_context_keys;guide=off");
    const auto token = [&] { return screen.ui().cursor.token; };
    const float right = static_cast<float>(screen.width) - 25;
    float y = 45;
    for (; y < 200 && token() == 0; y += 6) screen.click({right - 40, y});
    REQUIRE(token() > 0);
    y -= 6;
    screen.ui().cursor = first_cursor();
    screen.move({right * 0.3f, y});
    screen.down();
    std::vector<Index> seen;
    for (float x = right * 0.3f; x < right; x += 12) {
        screen.move({x, y});
        seen.push_back(token());
    }
    screen.up();
    CHECK(std::is_sorted(seen.begin(), seen.end()));
    CHECK(seen.back() == screen.session.length() - 1);
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    CHECK(std::ssize(seen) >= screen.session.length() / 2);
    CHECK_FALSE(screen.ui().playing);
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
