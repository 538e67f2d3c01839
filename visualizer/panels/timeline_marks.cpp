// What stands over and under the timeline's lanes: labels, chunks, edits, numbers that are none, the cursor.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "visualizer/model/chunk_view.h"
#include "visualizer/model/token_gates.h"
#include "visualizer/panels/timeline_places.h"

namespace gdn2::viewer {
namespace {

constexpr float narrowest_label = 34, narrowest_ticks = 58, narrowest_phases = 40, widest_flag = 110;

/// Tokens that carry no write, behind everything.
void tint_queries(const View& view, const TimelinePlaces& at) {
    const std::vector<bool>& only_reads = view.session.lanes().only_reads;
    for (Index t = at.range.first; at.column >= 3 && t < at.end(); ++t)
        if (only_reads[static_cast<std::size_t>(t)])
            ImGui::GetWindowDrawList()->AddRectFilled({at.x_of(t), at.area.y - view.px(3)},
                                                      {at.x_of(t + 1), at.area.max().y + view.px(3)}, view.theme.query);
}

/// The label of the cursor's token stands on a flag, wider than its column where that is narrow.
struct Flag {
    float left, width;
};
std::optional<Flag> flag_of(const View& view, const TimelinePlaces& at) {
    const Cursor& cursor = view.session.ui.cursor;
    if (cursor == first_cursor() || cursor.token < at.range.first || cursor.token >= at.end()) return std::nullopt;
    const float x = at.x_of(cursor.token), column = std::max(at.column, view.px(3));
    const float label = std::min(text_width(view.session.label(cursor.token)), view.px(widest_flag));
    const float width = std::max(column, label + view.px(10));
    return Flag{std::clamp(x + (column - width) / 2, at.area.x, at.area.max().x - width), width};
}

/// What stands on every `step`th token: its label, or its number where labels would repeat or not fit.
std::vector<std::string> texts_of(const View& view, const TimelinePlaces& at, Index first, Index step, float room) {
    std::vector<std::string> texts;
    std::set<std::string> seen;
    bool numbers = false;
    for (Index t = first; t < at.end(); t += step) {
        texts.push_back(view.session.label(t));
        numbers = !seen.insert(texts.back()).second || text_width(texts.back()) > room || numbers;
    }
    if (step > 1 && numbers)
        for (std::size_t i = 0; i < texts.size(); ++i)
            texts[i] = std::to_string(first + static_cast<Index>(i) * step);
    return texts;
}

/// Whether more than a third of the labels in sight do not fit their columns.
bool mostly_cut(const View& view, const TimelinePlaces& at) {
    Index cut = 0;
    for (Index t = at.range.first; t < at.end(); ++t)
        cut += text_width(view.session.label(t)) > at.column - view.px(4);
    return 3 * cut > at.range.count;
}

/// A label in each column, or where they do not fit on every second, fourth, ... token.
void labels(const View& view, const TimelinePlaces& at) {
    Index step = at.column < view.px(narrowest_label) || mostly_cut(view, at) ? 2 : 1;
    while (step > 1 && static_cast<float>(step) * at.column < view.px(narrowest_ticks)) step *= 2;
    const float inside = static_cast<float>(step) * at.column - view.px(4), line = ImGui::GetFontSize();
    const float y = at.labels.y + (at.labels.height - line) / 2;
    const std::optional<Flag> flag = flag_of(view, at);
    const Index first = (at.range.first + step - 1) / step * step;
    const std::vector<std::string> texts = texts_of(view, at, first, step, inside);
    for (Index t = first; t < at.end(); t += step) {
        const std::string& label = texts[static_cast<std::size_t>((t - first) / step)];
        const float width = std::min(text_width(label), inside);
        const float x = step == 1 ? at.x_of(t) + (at.column - width) / 2 : at.x_of(t) + view.px(4);
        if (x + width > at.area.max().x) break;
        const bool under_flag = flag && x < flag->left + flag->width && x + width > flag->left;
        if (!under_flag) draw_text(view, x, y, view.theme.text, label, inside);
        if (step > 1)
            ImGui::GetWindowDrawList()->AddLine({at.x_of(t), y + view.px(3)}, {at.x_of(t), y + line},
                                                view.theme.border);
    }
}

void chunk_boundaries(const View& view, const TimelinePlaces& at) {
    const bool in_chunks = view.session.ui.tab == Tab::chunk;
    const float width = static_cast<float>(chunk_length) * at.column;
    const double strength = std::clamp<double>(width / view.px(400), 0.12, 0.5);
    const Colour colour = faded(in_chunks ? view.theme.accent : view.theme.text, in_chunks ? 1 : strength);
    for (Index t = (at.range.first / chunk_length + 1) * chunk_length; t < at.end(); t += chunk_length)
        if (width >= view.px(6))
            ImGui::GetWindowDrawList()->AddLine({at.x_of(t), at.area.y}, {at.x_of(t), at.area.max().y}, colour);
    if (!in_chunks) return;
    const Index first = view.session.ui.cursor.token / chunk_length * chunk_length;
    const float from = std::max(at.x_of(first), at.area.x);
    const float to = std::min(at.x_of(std::min(first + chunk_length, view.session.length())), at.area.max().x);
    if (from < to)
        ImGui::GetWindowDrawList()->AddRectFilled({from, at.area.y}, {to, at.area.max().y},
                                                  faded(view.theme.accent, 0.10));
}

/// A triangle over each edited token, and a line over all that follows from the first.
void edit_marks(const View& view, const TimelinePlaces& at) {
    const std::optional<Index> first = first_edited(view.session);
    if (!first) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = at.area.y - view.px(4), size = view.px(5);
    const float from = std::max(at.x_of(*first), at.area.x);
    if (from < at.area.max().x) list->AddLine({from, y}, {at.area.max().x, y}, view.theme.accent, view.px(2));
    for (const Edit& edit : view.session.edits().edits()) {
        const float x = at.x_of(edit.token) + at.column / 2;
        const bool on_flag = edit.token == view.session.ui.cursor.token;
        list->AddTriangleFilled({x - size, y}, {x + size, y}, {x, y + 1.4f * size},
                                on_flag ? view.theme.on_accent : view.theme.accent);
    }
}

void bad_number_mark(const View& view, const TimelinePlaces& at) {
    const std::optional<Index> first = view.session.track().first_non_finite();
    if (!first || *first < at.range.first || *first >= at.end()) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Box& lane = at.change.height > 0 ? at.change : at.w;
    const float x = at.x_of(*first), letter = text_width("N");
    list->AddLine({x, at.area.y}, {x, at.area.max().y}, view.theme.bad_number, view.px(2));
    list->AddRectFilled({x, lane.y}, {x + letter + view.px(8), lane.max().y}, view.theme.bad_number);
    draw_text(view, x + view.px(4), lane.y + (lane.height - ImGui::GetFontSize()) / 2,
              view.theme.dark ? 0xff000000u : 0xffffffffu, "N");
}

/// How far the cursor's token is through its five phases.
void phase_ticks(const View& view, const TimelinePlaces& at, float x, float width) {
    const Cursor& cursor = view.session.ui.cursor;
    const float step = width / phase_count, y = at.labels.max().y - view.px(3);
    for (int i = 0; i < phase_count; ++i) {
        const int ahead = static_cast<int>(cursor.phase) - 1 - i;
        const double done = ahead > 0 ? 1 : ahead == 0 ? cursor.fraction : 0;
        const float from = x + static_cast<float>(i) * step, room = step - view.px(2);
        if (done > 0)
            ImGui::GetWindowDrawList()->AddRectFilled(
                {from, y}, {from + room * static_cast<float>(done), y + view.px(2)}, view.theme.on_accent);
    }
}

/// The cursor's token: a frame, and its label on a flag.
void current_token(const View& view, const TimelinePlaces& at) {
    const Cursor& cursor = view.session.ui.cursor;
    if (cursor == first_cursor() && at.range.first == 0)
        ImGui::GetWindowDrawList()->AddLine({at.area.x, at.area.y}, {at.area.x, at.area.max().y}, view.theme.accent,
                                            view.px(3));
    const std::optional<Flag> flag = flag_of(view, at);
    if (!flag) return;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const std::string& label = view.session.label(cursor.token);
    const float x = at.x_of(cursor.token), width = std::max(at.column, view.px(3));
    list->AddRect({x, at.area.y - view.px(1)}, {x + width, at.area.max().y + view.px(2)}, view.theme.accent,
                  view.px(3), 0, view.px(2));
    list->AddRectFilled({flag->left, at.labels.y - view.px(1)}, {flag->left + flag->width, at.labels.max().y},
                        view.theme.accent, view.px(3));
    const float inside = std::min(text_width(label), flag->width - view.px(6));
    const float y = at.labels.y + (at.labels.height - ImGui::GetFontSize()) / 2 - view.px(2);
    draw_text(view, flag->left + (flag->width - inside) / 2, y, view.theme.on_accent, label, flag->width - view.px(6));
    if (width >= view.px(narrowest_phases)) phase_ticks(view, at, flag->left + view.px(4), flag->width - view.px(6));
}

}  // namespace

void draw_under_lanes(const View& view, const TimelinePlaces& at) { tint_queries(view, at); }

void draw_over_lanes(const View& view, const TimelinePlaces& at) {
    labels(view, at);
    chunk_boundaries(view, at);
    bad_number_mark(view, at);
    current_token(view, at);
    edit_marks(view, at);
}

}  // namespace gdn2::viewer
