// Play and step buttons, speed, where we are, rule, tabs.
//   tests  tests/visualizer/ui/panels_test.cpp
#include <algorithm>
#include <cmath>
#include <string>

#include "visualizer/model/actions.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float wide_enough_for_place = 1150;

/// A button that does what a key does; its tooltip says which key.
void action_button(const View& view, const char* label, Action action, bool highlighted = false) {
    const auto binding = std::find_if(bindings().begin(), bindings().end(),
                                      [action](const Binding& each) { return each.action == action; });
    if (highlighted) {
        ImGui::PushStyleColor(ImGuiCol_Button, view.theme.accent);
        ImGui::PushStyleColor(ImGuiCol_Text, view.theme.on_accent);
    }
    if (ImGui::Button(label)) apply(action, view.session);
    if (highlighted) ImGui::PopStyleColor(2);
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

std::string place(const Session& session) {
    const Cursor& at = session.ui.cursor;
    if (session.length() == 0) return "no tokens";
    if (at == first_cursor()) return "before the first of " + std::to_string(session.length()) + " tokens";
    return "token " + std::to_string(at.token + 1) + " of " + std::to_string(session.length()) + ", phase " +
           std::to_string(static_cast<int>(at.phase)) + " " + name_of(at.phase);
}

void speed_slider(const View& view) {
    auto speed = static_cast<float>(view.session.ui.speed);
    ImGui::SetNextItemWidth(view.px(110));
    if (ImGui::SliderFloat("##speed", &speed, 0.1f, 16, "speed %.2gx", ImGuiSliderFlags_Logarithmic))
        view.session.ui.speed = speed;
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("slower [   faster ]");
    ImGui::SameLine();
}

void mixer_choice(const View& view) {
    ImGui::SetNextItemWidth(view.px(168));
    if (ImGui::BeginCombo("##mixer", name_of(view.session.ui.mixer))) {
        for (const Mixer mixer : all_mixers)
            if (ImGui::Selectable(name_of(mixer), mixer == view.session.ui.mixer)) view.session.ui.mixer = mixer;
        ImGui::EndCombo();
    }
    if (ImGui::IsItemHovered())
        ImGui::SetTooltip("the rule (M): %s", view.session.gates_of(view.session.ui.mixer).c_str());
    ImGui::SameLine();
}

float width_of_tabs() {
    float width = 0;
    for (int i = 0; i < tab_count; ++i)
        width += ImGui::CalcTextSize(name_of(static_cast<Tab>(i))).x + 2 * ImGui::GetStyle().FramePadding.x + 3;
    return width;
}

void tabs(const View& view) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {3, 0});
    for (int i = 0; i < tab_count; ++i) {
        const Tab tab = static_cast<Tab>(i);
        const bool chosen = view.session.ui.tab == tab;
        ImGui::PushStyleColor(ImGuiCol_Button, chosen ? view.theme.accent : view.theme.raised);
        ImGui::PushStyleColor(ImGuiCol_Text, chosen ? view.theme.on_accent : view.theme.text);
        if (ImGui::Button(name_of(tab))) view.session.ui.tab = tab;
        ImGui::PopStyleColor(2);
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
    speed_slider(view);
    mixer_choice(view);
    action_button(view, "Compare", Action::compare, session.ui.compare);
    const float tabs_at = box.width - width_of_tabs() - view.px(48);
    if (box.width >= view.px(wide_enough_for_place)) {
        const float x = ImGui::GetCursorScreenPos().x;
        draw_text(view, x + view.px(6), ImGui::GetCursorScreenPos().y + view.px(3), view.theme.quiet, place(session),
                  tabs_at - x - view.px(12));
    }
    ImGui::SameLine(std::max(tabs_at, ImGui::GetCursorPosX()));
    tabs(view);
    action_button(view, "?", Action::help);
    end_panel();
}

}  // namespace gdn2::viewer
