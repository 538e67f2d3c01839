// How the hovered number was made, beside the mouse.
//   tests  tests/visualizer/ui/panels_test.cpp
#include "visualizer/model/error_shown.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {

void number_tooltip(const View& view) {
    const std::optional<Explanation>& explanation = view.hover.explanation;
    if (!explanation || ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel)) return;
    ImGui::BeginTooltip();
    ImGui::TextUnformatted(pretty_numbers(explanation->title).c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    for (const std::string& line : explanation->lines)
        ImGui::TextUnformatted(wrapped(pretty_numbers(line), view.px(560)).c_str());
    ImGui::PopStyleColor();
    const std::string error = view.session.ui.tab == Tab::state ? error_line(view.session, *view.hover.last) : "";
    if (!error.empty()) ImGui::TextUnformatted(wrapped(pretty_numbers(error), view.px(560)).c_str());
    ImGui::EndTooltip();
}

}  // namespace gdn2::viewer
