// The gates of the cursor's token, all channels at once, with undo; and what is shown of the run.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/shown.h"
#include "visualizer/model/token_gates.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"

namespace gdn2::viewer {
namespace {

constexpr float name_room = 20, number_room = 92, second_column = 140;

/// One gate: where its numbers are on the slider, and as text.
struct GateSlider {
    Gate gate;
    const char* name;
    const char* meaning;
    double top = 1;
};

/// 0 ... 1 along the slider.
double place_of(const GateSlider& slider, double x) {
    if (!std::isfinite(x)) return 0;
    return slider.gate == Gate::g ? half_life_place(x) : std::clamp(x / slider.top, 0.0, 1.0);
}

/// "69.3", for want of room without its unit.
std::string short_half_life(double alpha) {
    const std::string text = half_life_text(alpha);
    if (alpha > 0 && half_life(alpha) < 99.5) return shown(half_life(alpha), 2);
    return alpha >= 1 ? "\u221e" : text == "wiped" ? "0" : text.substr(0, text.find(' '));
}

std::string text_of(const GateSlider& slider, const GateSpread& spread) {
    const bool equal = spread.low == spread.high, decay = slider.gate == Gate::g;
    if (decay && equal) return half_life_text(spread.mean);
    if (decay) return short_half_life(spread.low) + " \u2026 " + short_half_life(spread.high);
    if (equal) return shown(spread.mean);
    char text[64];
    std::snprintf(text, sizeof text, "%.2f \u2026 %.2f", spread.low, spread.high);
    return text;
}

/// The bar that the slider moves: full up to the smallest channel, faint from there to the largest.
void draw_bar(const View& view, const GateSlider& slider, const GateSpread& spread, const Box& box) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto end_at = [&](double x) { return ImVec2{box.x + box.width * static_cast<float>(x), box.max().y}; };
    const double low = place_of(slider, spread.low), high = place_of(slider, spread.high);
    list->AddRectFilled(box.min(), box.max(), view.theme.gate_track, view.px(3));
    if (high > 0) list->AddRectFilled(box.min(), end_at(high), faded(gate_colour(view.theme, high), 0.45), view.px(3));
    if (low > 0) list->AddRectFilled(box.min(), end_at(low), gate_colour(view.theme, low), view.px(3));
    if (slider.top > 1)
        list->AddLine({end_at(1 / slider.top).x, box.y}, end_at(1 / slider.top), faded(view.theme.text, 0.6));
    list->AddRect(box.min(), box.max(), view.theme.border, view.px(3));
}

void gate_slider(const View& view, const GateSlider& slider) {
    Session& session = view.session;
    const GateSpread spread = gate_spread(session, slider.gate);
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(slider.name);
    ImGui::SameLine(view.px(name_room));
    const float width = ImGui::GetContentRegionAvail().x - view.px(number_room), height = ImGui::GetFrameHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_bar(view, slider, spread, {at.x, at.y + view.px(3), width, height - view.px(6)});
    for (const ImGuiCol colour : {ImGuiCol_FrameBg, ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive})
        ImGui::PushStyleColor(colour, 0);
    ImGui::PushStyleColor(ImGuiCol_SliderGrab, view.theme.text);
    ImGui::PushStyleColor(ImGuiCol_SliderGrabActive, view.theme.text);
    ImGui::PushID(slider.name);
    ImGui::SetNextItemWidth(width);
    auto place = static_cast<float>(place_of(slider, spread.mean));
    if (ImGui::SliderFloat("##all", &place, 0, 1, "", ImGuiSliderFlags_NoInput | ImGuiSliderFlags_NoRoundToFormat)) {
        session.ui.playing = false;
        const bool first = view.memory.slider_drag != ImGui::GetID("##all");
        set_gate(session, slider.gate, slider.gate == Gate::g ? g_at_place(place) : place * slider.top, !first);
        view.memory.slider_drag = ImGui::GetID("##all");
    }
    if (ImGui::IsItemDeactivated()) view.memory.slider_drag = 0;
    if (ImGui::IsItemHovered() && !ImGui::IsItemActive()) ImGui::SetTooltip("%s", slider.meaning);
    ImGui::PopID();
    ImGui::PopStyleColor(5);
    const std::string both = text_of(slider, spread), mean = half_life_text(spread.mean);
    const std::string text = slider.gate == Gate::g ? fitting(both, mean, view.px(number_room - 8)) : both;
    draw_text(view, at.x + width + view.px(8), at.y + view.px(3), view.theme.text, text, view.px(number_room - 8));
}

void sliders(const View& view) {
    if (view.session.ui.gates.tie && view.session.ui.mixer == Mixer::gdn2) {
        gate_slider(view, {Gate::b, "\u03b2", "beta: erase and write gate of all channels, in one"});
    } else {
        gate_slider(view, {Gate::b, "b", "erase gate of all key channels", largest_b(view.session)});
        gate_slider(view, {Gate::w, "w", "write gate of all value channels"});
    }
    gate_slider(view, {Gate::g, "\u03b1", "decay of all key channels: half-life from 1 to 10,000 tokens"});
}

void checkbox(const View& view, const char* label, bool on, Action action) {
    ImGui::PushStyleVar(ImGuiStyleVar_FrameBorderSize, 1);
    if (ImGui::Checkbox(label, &on)) apply(action, view.session);
    ImGui::PopStyleVar();
    key_tooltip(action);
}

/// A third of the width; grey where it would do nothing.
void edit_button(const View& view, const char* label, Action action, bool enabled) {
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    ImGui::BeginDisabled(!enabled);
    if (ImGui::Button(label, {(ImGui::GetContentRegionMax().x - 2 * gap) / 3, 0})) apply(action, view.session);
    ImGui::EndDisabled();
    key_tooltip(action);
}

/// A row of choices, the chosen one lit. True when another one was clicked.
template <std::size_t count>
bool segments(const View& view, const char* label, const std::array<const char*, count>& names, int& chosen) {
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(label);
    const float start = view.px(66), gap = view.px(3);
    const float width = (ImGui::GetContentRegionMax().x - start - (count - 1) * gap) / count;
    bool changed = false;
    ImGui::PushID(label);
    for (std::size_t i = 0; i < count; ++i) {
        const bool lit = static_cast<int>(i) == chosen;
        i == 0 ? ImGui::SameLine(start) : ImGui::SameLine(0, gap);
        if (!choice_button(view, names[i], lit, {width, 0}) || lit) continue;
        chosen = static_cast<int>(i);
        changed = true;
    }
    ImGui::PopID();
    return changed;
}

void colour_scale(const View& view) {
    UiState& ui = view.session.ui;
    const double now = view.session.scale();
    int mode = static_cast<int>(ui.scale_mode);
    if (!segments(view, "colours", std::array{"run", "step", "by hand"}, mode)) return;
    ui.scale_mode = static_cast<ScaleMode>(mode);
    if (ui.scale_mode == ScaleMode::manual) ui.manual_scale = now;
}

}  // namespace

void gates_part(const View& view) {
    Session& session = view.session;
    const bool own = session.ui.mixer == Mixer::gdn2;
    part_heading(view, "Gates of this token", session.label(session.ui.cursor.token));
    ImGui::BeginDisabled(!own);
    sliders(view);
    checkbox(view, "tie b = w = \u03b2", session.ui.gates.tie, Action::tie);
    ImGui::SameLine(view.px(second_column));
    const bool is_wide = !session.ui.gates.wide_b && largest_b(session) > 1;  // the tokens themselves are
    ImGui::BeginDisabled(is_wide);
    checkbox(view, "b \u2208 [0, 2]", session.ui.gates.wide_b || is_wide, Action::wide_b);
    ImGui::EndDisabled();
    ImGui::EndDisabled();
    edit_button(view, "Undo", Action::undo, session.edits().can_undo());
    ImGui::SameLine();
    edit_button(view, "Redo", Action::redo, session.edits().can_redo());
    ImGui::SameLine();
    edit_button(view, "Reset", Action::reset, !session.edits().edits().empty());
    const LessonGuide* guide = guide_of(session);
    if (own && guide && session.ui.lesson.step >= std::ssize(guide->steps)) return;  // the question needs the room
    paragraph(view, own ? "Drag on the strips beside S to change one channel."
                        : std::string(name_of(session.ui.mixer)) + ": " + session.gates_of(session.ui.mixer) +
                              ". Gates are changed under GDN-2 (M).",
              view.theme.quiet);
}

void show_part(const View& view) {
    UiState& ui = view.session.ui;
    part_heading(view, "Show");
    const float second = view.px(second_column);
    checkbox(view, "what changed", ui.show_change, Action::show_change);
    ImGui::SameLine(second);
    ImGui::BeginDisabled(!view.session.ghost());
    checkbox(view, "vs unedited", ui.show_ghost, Action::show_ghost);
    ImGui::EndDisabled();
    checkbox(view, "numbers", ui.show_numbers, Action::show_numbers);
    ImGui::SameLine(second);
    ImGui::BeginDisabled(view.session.comparisons().empty());
    checkbox(view, "vs file", ui.show_error, Action::show_error);
    ImGui::EndDisabled();
    checkbox(view, "reduce motion", ui.reduce_motion, Action::reduce_motion);
    ImGui::SameLine(second);
    checkbox(view, "log colours", ui.symlog, Action::symlog);
    colour_scale(view);
    int theme = static_cast<int>(ui.theme);
    if (segments(view, "theme", std::array{"dark", "light", "print"}, theme)) ui.theme = static_cast<ThemeName>(theme);
}

}  // namespace gdn2::viewer
