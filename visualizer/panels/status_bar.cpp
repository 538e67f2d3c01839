// One line: what is open, how it is computed, the colour scale, memory; or the last message.
//   tests  tests/visualizer/ui/panels_test.cpp
#include "visualizer/model/gradient_shown.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

const char* name_of_scale(ScaleMode mode) {
    switch (mode) {
        case ScaleMode::locked: return "locked over the run";
        case ScaleMode::per_step: return "this step's";
        case ScaleMode::manual: break;
    }
    return "set by hand";
}

/// Of what the tab paints, where that is a state or its gradient.
std::string colours_of(const Session& session) {
    const UiState& ui = session.ui;
    const bool gradient = ui.tab == Tab::gradient && session.length() > 0;
    if (ui.tab != Tab::state && !gradient) return "";
    if (ui.show_error && !gradient && !session.comparisons().empty())
        return "  \u00b7  errors up to 1000 times what is allowed";
    return "  \u00b7  colours \u00b1" + shown(gradient ? gradient_scale(session) : session.scale()) + " " +
           name_of_scale(ui.scale_mode) + (ui.symlog ? ", logarithmic" : "");
}

std::string left_part(const Session& session) {
    const UiState& ui = session.ui;
    std::string text = session.document().source + "  \u00b7  f64, CPU reference  \u00b7  " + name_of(ui.mixer) +
                       colours_of(session);
    if (!session.edits().edits().empty()) text += "  \u00b7  edited";
    if (ui.gates.tie) text += "  \u00b7  b = w = \u03b2";
    if (ui.reduce_motion) text += "  \u00b7  reduced motion";
    if (ui.keyboard_focus) text += "  \u00b7  keyboard focus mode: , . J K L step";
    return text;
}

/// Only while something is between two exact pictures.
std::string right_part(const Session& session) {
    const Cursor& at = session.ui.cursor;
    const bool moving = at.fraction > 0 && at.fraction < 1;
    const auto mebibytes = static_cast<double>(session.track().state_bytes()) / (1 << 20);
    const auto cap = static_cast<double>(Track::default_cap_bytes >> 20);
    return (moving ? "animating  \u00b7  " : "") + std::string("states ") + shown(mebibytes) + " of " +
           shown(cap) + " MiB  \u00b7  F1 help";
}

}  // namespace

void status_bar(const View& view, const Box& box) {
    begin_panel(view, "##status", box);
    const ImVec2 at{box.x + view.px(10), box.y + (box.height - ImGui::GetFontSize()) / 2};
    const std::string right = right_part(view.session);
    const float right_width = text_width(right), room = box.width - right_width - view.px(40);
    const bool message = !view.message.text.empty() && ImGui::GetTime() < view.message.until;
    const Colour colour = !message ? view.theme.quiet : view.message.is_error ? view.theme.wrong : view.theme.accent;
    draw_text(view, at.x, at.y, colour, message ? view.message.text : left_part(view.session), room);
    draw_text(view, box.x + box.width - right_width - view.px(10), at.y, view.theme.quiet, right);
    end_panel();
}

}  // namespace gdn2::viewer
