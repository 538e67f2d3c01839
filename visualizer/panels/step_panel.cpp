// The five phases of this token, the equation of the one we are in, and a sentence with its numbers.
//   tests  tests/visualizer/ui/panels_test.cpp
#include "visualizer/model/picture.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

void phase_buttons(const View& view) {
    Session& session = view.session;
    const bool started = !(session.ui.cursor == first_cursor());
    for (int i = 1; i <= phase_count; ++i) {
        const Phase phase = static_cast<Phase>(i);
        const bool here = started && session.ui.cursor.phase == phase;
        ImGui::PushStyleColor(ImGuiCol_Button, here ? view.theme.accent : view.theme.raised);
        ImGui::PushStyleColor(ImGuiCol_Text, here ? view.theme.on_accent : view.theme.text);
        const std::string label = std::to_string(i) + " " + name_of(phase);
        if (ImGui::Button(label.c_str())) session.stand(at_phase(session.ui.cursor, phase));
        ImGui::PopStyleColor(2);
        ImGui::SameLine();
    }
}

}  // namespace

void step_panel(const View& view, const Box& box) {
    begin_panel(view, "##step", box);
    const Session& session = view.session;
    if (session.length() == 0) return end_panel();
    phase_buttons(view);
    const Narration says = narrate(session.track(), session.ui.cursor, session.name(session.ui.cursor.token),
                                   session.document().recall ? &*session.document().recall : nullptr);
    ImGui::NewLine();
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.accent);
    ImGui::TextUnformatted(pretty(says.equation).c_str());
    ImGui::PopStyleColor();
    ImGui::TextUnformatted(wrapped(pretty(says.sentence), box.width - view.px(24)).c_str());
    end_panel();
}

}  // namespace gdn2::viewer
