// The mouse on numbers, cells, strips and the timeline: what it explains, pins, changes and moves.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tests/visualizer/ui/screen.h"
#include "visualizer/viewer.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr const char* in_the_middle = "gdn2:task=shared_context_keys;guide=off;t=4;ph=4";

bool tooltip_shows(const Screen& screen) {
    const ImDrawData& drawn = screen.headless.draw_data();
    return std::any_of(drawn.CmdLists, drawn.CmdLists + drawn.CmdListsCount, [](const ImDrawList* list) {
        return std::string_view(list->_OwnerName).starts_with("##Tooltip");
    });
}

TEST_CASE("a number under the mouse is explained and what it was made from is lit") {
    Screen screen(in_the_middle);
    const auto cell = screen.find([](const Number& number) { return number.tensor == "S"; });
    REQUIRE(cell);
    screen.frames(2);
    const Hover& hover = screen.viewer().hover();
    REQUIRE(hover.explanation);
    const Number S = *hover.last;
    CHECK(hover.explanation->value == value_of(screen.session, S));
    CHECK(hover.is_lit(S));
    CHECK(hover.is_lit({"k", {S.index[0], S.index[1]}}));
    CHECK(hover.is_lit({"u", {S.index[0], S.index[2]}}));
    CHECK_FALSE(hover.is_lit({"k", {S.index[0], S.index[1] == 0 ? 1 : 0}}));
    CHECK(tooltip_shows(screen));
    screen.move({-1, -1});
    screen.frames(1);
    CHECK_FALSE(screen.viewer().hover().explanation);
    CHECK_FALSE(tooltip_shows(screen));
}

TEST_CASE("a left column that does not fit says so, and a click there leads to the rest and back") {
    Screen screen("gdn2:task=shared_context_keys;t=4;ph=4", 900, 600);
    const auto bottom_line = [&] {
        const Image image = screen.headless.still();
        return std::vector<Colour>(image.pixels.begin() + 560 * 900, image.pixels.begin() + 560 * 900 + 280);
    };
    const Image top = screen.headless.still();
    const std::vector<Colour> below = bottom_line();
    CHECK(std::count(below.begin(), below.end(), below[0]) < 270);  // words stand there
    int clicks = 0;
    do {
        screen.click({140, 560});
        screen.move({-1, -1});
    } while (!(screen.headless.still() == top) && ++clicks < 9);
    CHECK(clicks > 0);
    CHECK(clicks < 9);
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
        for (int x = static_cast<int>(box.x) - 2; x <= static_cast<int>(box.x) + 1; ++x)
            pixels.push_back(image.pixels[row * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)]);
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

TEST_CASE("a drag of b past its end stops at 1 and says how it may go on to 2") {
    Screen screen("gdn2:task=overwrite;guide=off;t=2;ph=4");
    const auto at = screen.find({"b", {2, 1}}, 5);
    REQUIRE(at);
    const auto drag_far = [&] {
        screen.move(*at);
        screen.down();
        screen.move({at->x + 60, at->y});
        screen.frames(1);
        const bool says = tooltip_shows(screen) && !screen.viewer().hover().explanation;
        screen.up();
        return says;
    };
    CHECK(drag_far());
    REQUIRE(screen.session.edits().edits().size() == 1);
    CHECK(screen.session.edits().edits().front() == Edit{Gate::b, 2, 1, 1});
    screen.press({.key = Key::b, .shift = true});
    CHECK_FALSE(drag_far());
    CHECK(screen.session.edits().edits().back().value == 2);
}

TEST_CASE("under a rule that ties the gates neither a strip nor a slider changes one, and the strip says why") {
    GateStrip b("b");
    b.screen.ui().mixer = Mixer::kda;
    b.screen.frames(2);
    b.screen.drag(b.at(0.9f), b.at(0.25f));
    CHECK(b.edits().edits().empty());
    CHECK(b.screen.viewer().message().text ==
          "KDA has one gate per token, the best that a search found: gates are changed under GDN-2 (M)");
    const auto drag_in_left_column = [&b] {
        for (float y = 200; y < 800; y += 6) b.screen.drag({60, y}, {140, y}, 2);
        const bool edited = !b.edits().edits().empty();
        b.screen.session.edits().replace({});
        return edited;
    };
    CHECK_FALSE(drag_in_left_column());
    b.screen.ui().mixer = Mixer::gdn2;
    CHECK(drag_in_left_column());
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

}  // namespace
}  // namespace gdn2::test
