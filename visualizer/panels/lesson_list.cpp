// The lessons and the other built-in problems, to be opened by a click or the lesson's digit.
//   tests  tests/visualizer/ui/panels_test.cpp
#include "reference/scenarios/scenario.h"
#include "visualizer/imgui_compat.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/overlay.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

/// One problem: number, title, what it shows. True when it was chosen.
bool entry(const View& view, const std::string& number, const Scenario& scenario, bool here) {
    ImGui::PushID(scenario.name.c_str());
    const float width = ImGui::GetContentRegionAvail().x - view.px(16);
    const std::string shows = wrapped(pretty(scenario.shows), width);
    const float height = ImGui::CalcTextSize(shows.c_str()).y + ImGui::GetFontSize() + view.px(14);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool chosen = ImGui::Selectable("##entry", here, 0, {0, height}) ||
                        (ImGui::IsItemFocused() && compat::enter_pressed());
    if (here) ImGui::SetItemDefaultFocus();
    draw_text(view, at.x + view.px(8), at.y + view.px(3), here ? view.theme.accent : view.theme.text,
              number + scenario.title);
    draw_text(view, at.x + view.px(8), at.y + view.px(6) + ImGui::GetFontSize(), view.theme.quiet, shows);
    ImGui::PopID();
    return chosen;
}

}  // namespace

void lesson_list(const View& view) {
    Session& session = view.session;
    if (!begin_overlay(view, "Lessons", {860, 760}, session.ui.show_lessons)) return;
    const std::vector<LessonGuide>& guides = lesson_guides();
    const auto lessons = static_cast<Index>(guides.size());
    for (Index i = 0; i < lessons; ++i)
        if (entry(view, std::to_string(i + 1) + "  ", scenario(guides[static_cast<std::size_t>(i)].scenario),
                  lesson_number(session.document()) == i)) {
            open_lesson(session, i);
            session.ui.show_lessons = false;
        }
    ImGui::Dummy({0, view.px(6)});
    ImGui::TextUnformatted("Other problems that are built in");
    ImGui::Separator();
    for (std::size_t i = guides.size(); i < scenarios().size(); ++i) {
        const Scenario& other = scenarios()[i];
        if (entry(view, "", other, session.document().source == other.name)) {
            session.open(other.name);
            session.ui.show_lessons = false;
        }
    }
    end_overlay();
}

}  // namespace gdn2::viewer
