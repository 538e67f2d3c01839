// Every token of the run with its gates, what it changed and how well the memory answers; dragging scrubs, the wheel
// zooms.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/token_gates.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"
#include "visualizer/panels/timeline_places.h"

namespace gdn2::viewer {
namespace {

constexpr float gutter = 88, edge = 10, gap = 4, lowest_lane = 18;
constexpr double zoom_step = 0.8;

/// Lanes share the height; where that is low, the change is left out first.
TimelinePlaces places_in(const View& view, const Box& box) {
    const Session& session = view.session;
    TimelinePlaces at;
    at.area = {box.x + view.px(gutter), box.y + view.px(7), box.width - view.px(gutter + edge),
               box.height - view.px(14)};
    at.range = resolved(view.memory.timeline.range, session.length());
    at.column = at.area.width / static_cast<float>(std::max<Index>(at.range.count, 1));
    const bool recall = session.document().recall.has_value();
    const auto height_of = [&](int lanes) {
        return std::floor((at.area.height - static_cast<float>(lanes - 1) * view.px(gap)) / static_cast<float>(lanes));
    };
    const int wanted = recall ? 6 : 5;
    const bool all = !recall || height_of(wanted) >= view.px(lowest_lane);
    const float height = height_of(all ? wanted : wanted - 1);
    float y = at.area.y;
    const auto next = [&](bool there) {
        const Box lane{at.area.x, y, at.area.width, there ? height : 0};
        if (there) y += height + view.px(gap);
        return lane;
    };
    at.labels = next(true);
    at.half_life = next(true);
    at.b = next(true);
    at.w = next(true);
    at.change = next(all);
    at.recall = next(recall);
    return at;
}

void lane_name(const View& view, const Box& lane, const char* name, const char* meaning) {
    if (lane.height <= 0) return;
    const Box box{lane.x - view.px(gutter), lane.y, view.px(gutter), lane.height};
    draw_text(view, lane.x - view.px(8) - text_width(name), lane.y + (lane.height - ImGui::GetFontSize()) / 2,
              view.theme.quiet, name);
    if (box.contains(ImGui::GetIO().MousePos) && ImGui::IsWindowHovered()) ImGui::SetTooltip("%s", meaning);
}

void lane_names(const View& view, const TimelinePlaces& at) {
    lane_name(view, at.labels, "token",
              "Drag to scrub. Wheel: zoom. Shift+drag: choose a range.\n"
              "Middle drag or Shift+wheel: move. Double click: the whole run.");
    lane_name(view, at.half_life, "\u03b1 half-life",
              "How long a channel keeps what it holds: half-life in tokens,\nlogarithmic, from 1 (empty) to 10,000 "
              "(full).");
    lane_name(view, at.b, "b erase", "The erase gate, channel by channel: which key channels are read and cleared.");
    lane_name(view, at.w, "w write", "The write gate, channel by channel: how much of the value is written.");
    lane_name(view, at.change, "change",
              "|S\u209c \u2212 S\u209c\u208b\u2081|: how much the token changed the memory.");
    lane_name(view, at.recall, "recall",
              "After each token every key seen so far is asked:\nhow many answers are right, of how many, under the "
              "rule in view.");
}

/// What a token did, where the mouse is on no number.
void token_tooltip(const View& view, Index token) {
    const Session& session = view.session;
    const auto at = static_cast<std::size_t>(token);
    std::string text = "token " + std::to_string(token) + " of 0 to " + std::to_string(session.length() - 1) + ": " +
                       session.label(token) + "\nchanges S by " + shown(session.track().norm_dS()[at]) +
                       ", to |S| = " + shown(session.track().norm_S()[at]);
    if (const Track* ghost = session.ghost()) text += "\nwithout edits by " + shown(ghost->norm_dS()[at]);
    const bool asks = at_question(session) && token > session.ui.cursor.token;  // that would give the answer away
    if (session.document().recall && !asks) {
        const RecallAlong& along = session.recall(session.ui.mixer);
        text += "\n" + std::to_string(along.right[at]) + " of " + std::to_string(along.asked[at]) +
                " keys answer right";
    }
    if (is_edited(session, token)) text += "\nits gates are edited";
    ImGui::SetTooltip("%s", text.c_str());
}

double place_of_mouse(const TimelinePlaces& at) {
    return static_cast<double>((ImGui::GetIO().MousePos.x - at.area.x) / std::max(at.area.width, 1.0f));
}

Index token_under_mouse(const View& view, const TimelinePlaces& at) {
    return token_at(at.range, view.session.length(), place_of_mouse(at));
}

/// The wheel zooms where the mouse is; sideways, or with Shift, it moves.
void wheel(const View& view, const TimelinePlaces& at) {
    const ImGuiIO& io = ImGui::GetIO();
    TimelineRange& range = view.memory.timeline.range;
    const float sideways = io.KeyShift ? -io.MouseWheel : io.MouseWheelH;
    const auto step = std::max<Index>(at.range.count / 10, 1);
    if (sideways != 0) range = moved(range, view.session.length(), sideways > 0 ? step : -step);
    else if (io.MouseWheel != 0)
        range = zoomed(range, view.session.length(), place_of_mouse(at), std::pow(zoom_step, io.MouseWheel));
}

/// Past an edge of a zoomed timeline it moves on by itself.
void scrub(const View& view, const TimelinePlaces& at) {
    Session& session = view.session;
    session.stand(at_token(token_under_mouse(view, at), session.length()));
    const double place = place_of_mouse(at);
    if (place >= 0 && place <= 1) return;
    const Index step = std::max<Index>(at.range.count / 40, 1);
    view.memory.timeline.range = moved(view.memory.timeline.range, session.length(), place < 0 ? -step : step);
    view.memory.animates = true;
}

void choose_range(const View& view, const TimelinePlaces& at) {
    TimelineMemory& memory = view.memory.timeline;
    const Index token = token_under_mouse(view, at), from = *memory.chosen_from;
    const float left = at.x_of(std::min(from, token)), right = at.x_of(std::max(from, token) + 1);
    ImGui::GetWindowDrawList()->AddRectFilled({left, at.area.y}, {right, at.area.max().y},
                                              faded(view.theme.accent, 0.25));
    if (ImGui::IsMouseDown(0)) return;
    if (from != token) memory.range = between(from, token, view.session.length());
    memory.chosen_from.reset();
}

void pan(const View& view, const TimelinePlaces& at) {
    TimelineMemory& memory = view.memory.timeline;
    if (!memory.held) memory.held = token_under_mouse(view, at);
    memory.range = moved(memory.range, view.session.length(), *memory.held - token_under_mouse(view, at));
}

void mouse(const View& view, const TimelinePlaces& at) {
    TimelineMemory& memory = view.memory.timeline;
    ImGui::SetCursorScreenPos(at.area.min());
    ImGui::InvisibleButton("tokens", {std::max(at.area.width, 1.0f), std::max(at.area.height, 1.0f)},
                           ImGuiButtonFlags_MouseButtonLeft | ImGuiButtonFlags_MouseButtonMiddle);
    const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
    if (hovered) wheel(view, at);
    if (hovered && ImGui::IsMouseDoubleClicked(0)) memory.range = {};
    if (ImGui::IsItemActivated() && ImGui::IsMouseDown(0) && ImGui::GetIO().KeyShift)
        memory.chosen_from = token_under_mouse(view, at);
    if (memory.chosen_from) return choose_range(view, at);
    if (active && ImGui::IsMouseDown(2)) return pan(view, at);
    memory.held.reset();
    if (active && ImGui::IsMouseDown(0)) {
        view.hover.number.reset();  // the mouse is busy
        return scrub(view, at);
    }
    if (hovered && !view.hover.number) token_tooltip(view, token_under_mouse(view, at));
}

/// A step or a jump of the cursor brings its token into view; another run shows from its beginning.
void follow(const View& view) {
    TimelineMemory& memory = view.memory.timeline;
    const Index length = view.session.length(), token = view.session.ui.cursor.token;
    if (memory.length != length) memory = {};
    memory.length = length;
    if (memory.followed != token) memory.range = showing(memory.range, length, token);
    memory.followed = token;
}

/// Where in the run a zoomed timeline is.
void range_bar(const View& view, const TimelinePlaces& at, const Box& box) {
    const Index length = view.session.length();
    if (at.range.count >= length) return;
    const float token = at.area.width / static_cast<float>(length), y = box.max().y - view.px(4);
    const float from = at.area.x + static_cast<float>(at.range.first) * token;
    const float to = std::max(at.area.x + static_cast<float>(at.end()) * token, from + view.px(4));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled({at.area.x, y}, {at.area.max().x, y + view.px(3)}, view.theme.raised);
    list->AddRectFilled({from, y}, {to, y + view.px(3)}, view.theme.accent);
}

/// The column under the mouse.
void light_column(const View& view, const TimelinePlaces& at) {
    if (!at.area.contains(ImGui::GetIO().MousePos) || !ImGui::IsWindowHovered()) return;
    const float x = at.x_of(token_under_mouse(view, at));
    ImGui::GetWindowDrawList()->AddRectFilled({x, at.area.y}, {x + std::max(at.column, 1.0f), at.area.max().y},
                                              faded(view.theme.text, 0.07));
}

}  // namespace

void timeline(const View& view, const Box& box) {
    begin_panel(view, "##timeline", box);
    if (view.session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens.");
        return end_panel();
    }
    follow(view);
    const TimelinePlaces at = places_in(view, box);
    lane_names(view, at);
    ImGui::PushClipRect({at.area.x - 1, box.y}, {at.area.max().x + 1, box.max().y}, true);
    draw_under_lanes(view, at);
    draw_gate_lanes(view, at);
    draw_change_lane(view, at);
    draw_recall_lane(view, at);
    draw_over_lanes(view, at);
    light_column(view, at);
    range_bar(view, at, box);
    mouse(view, at);
    ImGui::PopClipRect();
    end_panel();
}

}  // namespace gdn2::viewer
