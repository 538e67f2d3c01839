// A viewer without a display, and a person before it: keys, mouse, and eyes that find where a number is.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "visualizer/headless/headless.h"
#include "visualizer/imgui_compat.h"
#include "visualizer/model/state_string.h"

namespace gdn2::test {

/// Where a mouse goes.
struct Place {
    float x = 0, y = 0;
};

struct Screen {
    viewer::Session session;
    viewer::Headless headless;
    int width, height;
    float scale;

    explicit Screen(const std::string& state = "gdn2:guide=off", int wide = 1300, int high = 800, float monitor = 1)
        : headless(session, wide, high, monitor), width(wide), height(high), scale(monitor) {
        viewer::restore(session, state);
        frames(3);
    }

    viewer::UiState& ui() { return session.ui; }
    viewer::Viewer& viewer() { return headless.viewer(); }
    /// The number under the mouse.
    const std::optional<viewer::Number>& hovered() { return viewer().hover().number; }

    void frames(int count, double seconds = 0) {
        for (int i = 0; i < count; ++i) headless.frame(seconds);
    }

    void press(viewer::Key key) { headless.key({key}); }
    void press(const viewer::Chord& chord) { headless.key(chord); }
    void type(const std::string& text) {
        headless.text(text);
        frames(1);
    }

    void move(Place to) {
        headless.mouse(to.x, to.y);
        headless.frame(0);
    }
    void hold(bool shift, bool alt) { viewer::compat::feed_modifiers(shift, false, alt); }
    void down() {
        headless.button(true);
        headless.frame(0);
    }
    void up() {
        headless.button(false);
        headless.frame(0);
    }
    void click(Place at) {
        move(at);
        down();
        up();
        frames(1);
    }
    /// Along a line in several steps, and lets go.
    void drag(Place from, Place to, int steps = 8) {
        move(from);
        down();
        for (int i = 1; i <= steps; ++i) {
            const float share = static_cast<float>(i) / static_cast<float>(steps);
            move({from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share});
        }
        up();
    }

    using Wanted = std::function<bool(const viewer::Number&)>;
    /// Looks below the timeline for a number that is wanted. The mouse stays on it.
    std::optional<Place> find(const Wanted& wanted, float step = 9) {
        constexpr float end_of_timeline = 200;
        for (float y = end_of_timeline * scale; y < static_cast<float>(height); y += step)
            for (float x = step; x < static_cast<float>(width); x += step) {
                move({x, y});
                if (hovered() && wanted(*hovered())) return Place{x, y};
            }
        return std::nullopt;
    }
    std::optional<Place> find(const viewer::Number& number, float step = 9) {
        return find([&](const viewer::Number& found) { return found == number; }, step);
    }

    /// All that is drawn of the number that lies at `at`.
    viewer::Box box_of(Place at) {
        move(at);
        const std::optional<viewer::Number> number = hovered();
        const auto reach = [&](float dx, float dy) {
            Place to = at;
            for (move(to); hovered() == number; move(to)) to = {to.x + dx, to.y + dy};
            return Place{to.x - dx, to.y - dy};
        };
        const float left = reach(-1, 0).x, right = reach(1, 0).x, top = reach(0, -1).y, bottom = reach(0, 1).y;
        return {left, top, right - left, bottom - top};
    }
};

}  // namespace gdn2::test
