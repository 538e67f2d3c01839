// Play and step buttons, speed, where we are, rule, tabs.
//   tests  tests/visualizer/ui/panels_test.cpp
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "visualizer/model/actions.h"
#include "visualizer/model/difference_shown.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float tab_gap = 3;

/// A button that does what a key does; its tooltip says which key.
void action_button(const View& view, const char* label, Action action, bool highlighted = false) {
    const auto binding = std::find_if(bindings().begin(), bindings().end(),
                                      [action](const Binding& each) { return each.action == action; });
    if (choice_button(view, label, highlighted)) apply(action, view.session);
    if (ImGui::IsItemHovered() && binding != bindings().end())
        ImGui::SetTooltip("%s (%s)", binding->what, text_of(binding->chord).c_str());
    ImGui::SameLine();
}

/// Drawn, because no font has these signs: a bar and a triangle.
void step_button(const View& view, const char* id, Action action, bool to_the_end, bool forward) {
    const float height = ImGui::GetFrameHeight(), width = height * 1.15f;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const std::string label = std::string("##") + id;
    const auto binding = std::find_if(bindings().begin(), bindings().end(),
                                      [action](const Binding& each) { return each.action == action; });
    if (ImGui::Button(label.c_str(), {width, height})) apply(action, view.session);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s (%s)", binding->what, text_of(binding->chord).c_str());
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float half = height * 0.22f, x = at.x + width / 2, y = at.y + height / 2, turn = forward ? 1.0f : -1.0f;
    const ImVec2 tip{x + turn * half, y}, upper{x - turn * half * 0.7f, y - half}, lower{x - turn * half * 0.7f,
                                                                                          y + half};
    list->AddTriangleFilled(tip, forward ? lower : upper, forward ? upper : lower, view.theme.text);
    if (to_the_end) {
        const float bar = x + turn * half;
        list->AddRectFilled({bar - 1, y - half}, {bar + view.px(1), y + half}, view.theme.text);
    }
    ImGui::SameLine();
}

float width_of_button(const char* label) {
    return ImGui::CalcTextSize(label).x + 2 * ImGui::GetStyle().FramePadding.x;
}

/// With the help behind them.
float width_of_tabs() {
    float width = width_of_button("?");
    for (int i = 0; i < tab_count; ++i) width += width_of_button(name_of(static_cast<Tab>(i))) + tab_gap;
    return width;
}

/// Where the cursor stands, the longest text first. Tokens are counted from 0, as in files.
std::vector<std::string> places(const Session& session) {
    const Cursor& at = session.ui.cursor;
    if (session.length() == 0) return {"no tokens"};
    const Sizes& sizes = session.layer().sizes;
    const std::string token = "token " + std::to_string(at.token), phase = name_of(at.phase);
    const std::string number = std::to_string(static_cast<int>(at.phase));
    const std::string all = token + " of 0 to " + std::to_string(session.length() - 1);
    const std::string head = sizes.value_heads > 1 ? "head " + std::to_string(session.ui.head) + ", " : "";
    if (at == first_cursor()) return {"before the first of " + std::to_string(session.length()) + " tokens",
                                      "before token 0", "start"};
    return {head + all + ", phase " + number + " " + phase, head + all, all, head + token, token + ", " + phase, token};
}

/// What there is room for between the step buttons and the tabs. Widths in pixels of the design; 0: not there.
struct Controls {
    float speed, mixer;
    bool compare;
};

/// In narrow windows what has a key makes room for where the cursor stands.
Controls controls_for(const View& view, float room) {
    constexpr Controls by_size[] = {
        {110, 168, true}, {72, 112, true}, {72, 112, false}, {0, 112, false}, {0, 0, false}};
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    for (const Controls& each : by_size) {
        const float compare = each.compare ? width_of_button("Compare") + gap : 0;
        const float place = each.speed == by_size[0].speed ? view.px(200) : text_width("token 0000") + view.px(12);
        const float bars = view.px(each.speed + each.mixer) + (each.speed > 0 ? gap : 0) + (each.mixer > 0 ? gap : 0);
        if (bars + compare + place <= room) return each;
    }
    return {0, 0, false};
}

void speed_slider(const View& view, float width) {
    auto speed = static_cast<float>(view.session.ui.speed);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool narrow = width < 100;
    const float words = narrow ? 0 : text_width("0.25x") + view.px(4);
    ImGui::SetNextItemWidth(view.px(width) - words);
    // Where there is no room beside the slider the text lies over the grab.
    const Colour grab = narrow ? mixed(view.theme.raised, view.theme.text, 0.3) : view.theme.accent;
    ImGui::PushStyleColor(ImGuiCol_SliderGrab, grab);
    ImGui::PushStyleColor(ImGuiCol_SliderGrabActive, grab);
    if (ImGui::SliderFloat("##speed", &speed, 0.1f, 16, narrow ? "%.2gx" : "", ImGuiSliderFlags_Logarithmic))
        view.session.ui.speed = speed;
    ImGui::PopStyleColor(2);
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("speed: slower [   faster ]");
    draw_text(view, at.x + view.px(width) - words + view.px(6), at.y + ImGui::GetStyle().FramePadding.y,
              view.theme.text, narrow ? "" : shown(view.session.ui.speed, 2) + "x");
    ImGui::SameLine(at.x - ImGui::GetWindowPos().x + view.px(width) + ImGui::GetStyle().ItemSpacing.x);
}

void mixer_choice(const View& view, float width) {
    ImGui::SetNextItemWidth(view.px(width));
    const Mixer chosen = view.session.ui.mixer;
    const float room = view.px(width) - ImGui::GetFrameHeight() - 2 * ImGui::GetStyle().FramePadding.x;
    if (ImGui::BeginCombo("##mixer", cut(name_of(chosen), room).c_str())) {
        for (const Mixer mixer : all_mixers)
            if (ImGui::Selectable(name_of(mixer), mixer == chosen)) view.session.ui.mixer = mixer;
        ImGui::EndCombo();
    }
    if (ImGui::IsItemHovered())
        ImGui::SetTooltip("the rule (M): %s, %s", name_of(view.session.ui.mixer),
                          view.session.gates_of(view.session.ui.mixer).c_str());
    ImGui::SameLine();
}

void draw_place(const View& view, float room) {
    const std::vector<std::string> all = places(view.session);
    const auto is_narrow = [room](const std::string& text) { return text_width(text) <= room; };
    const auto fits = std::find_if(all.begin(), all.end(), is_narrow);
    if (fits == all.end()) return;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    draw_text(view, at.x + view.px(6), at.y + view.px(3), view.theme.quiet, *fits);
}

void tabs(const View& view) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {tab_gap, 0});
    for (int i = 0; i < tab_count; ++i) {
        const Tab tab = static_cast<Tab>(i);
        if (choice_button(view, name_of(tab), view.session.ui.tab == tab)) show_tab(view.session, tab);
        ImGui::SameLine();
    }
    ImGui::PopStyleVar();
}

}  // namespace

void toolbar(const View& view, const Box& box) {
    begin_panel(view, "##toolbar", box);
    const Session& session = view.session;
    step_button(view, "first", Action::first_token, true, false);
    step_button(view, "back", Action::previous_token, false, false);
    action_button(view, session.ui.playing ? "Pause" : "Play", Action::play_pause, session.ui.playing);
    step_button(view, "on", Action::next_token, false, true);
    step_button(view, "last", Action::last_token, true, true);
    const float tabs_at = box.width - width_of_tabs() - view.px(12);
    const Controls controls = controls_for(view, tabs_at - ImGui::GetCursorPosX());
    if (controls.speed > 0) speed_slider(view, controls.speed);
    if (controls.mixer > 0) mixer_choice(view, controls.mixer);
    if (controls.compare) action_button(view, "Compare", Action::compare, session.ui.compare);
    draw_place(view, tabs_at - ImGui::GetCursorPosX() - view.px(12));
    ImGui::SameLine(std::max(tabs_at, ImGui::GetCursorPosX()));
    tabs(view);
    action_button(view, "?", Action::help);
    end_panel();
}

}  // namespace gdn2::viewer
