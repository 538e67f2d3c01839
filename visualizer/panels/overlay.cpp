// See overlay.h.
#include "visualizer/panels/overlay.h"

#include <algorithm>

namespace gdn2::viewer {
namespace {

/// Darkens all that lies below and takes the mouse away from it. It comes to the front once, when it appears, and what
/// lies over it after it: a window that is given the focus in every frame takes it from the text that is being typed.
void draw_dim(const View& view) {
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(screen);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, faded(view.theme.background, 0.72));
    ImGui::Begin("##dim", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                       ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoNav |
                                       ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::End();
    ImGui::PopStyleColor();
}

}  // namespace

bool begin_overlay(const View& view, const char* title, ImVec2 size, bool& open) {
    const ImVec2 screen = ImGui::GetIO().DisplaySize;
    const ImVec2 fits{std::min(view.px(size.x), screen.x * 0.94f), std::min(view.px(size.y), screen.y * 0.94f)};
    const Box box{(screen.x - fits.x) / 2, (screen.y - fits.y) / 2, fits.x, fits.y};
    const bool beside = ImGui::IsMouseClicked(0) && !box.contains(ImGui::GetIO().MousePos) &&
                        !ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopupId | ImGuiPopupFlags_AnyPopupLevel);
    if (beside) {
        open = false;
        return false;
    }
    draw_dim(view);
    ImGui::SetNextWindowPos(box.min());
    ImGui::SetNextWindowSize(fits);
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {view.px(20), view.px(14)});
    ImGui::Begin(title, nullptr, ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                     ImGuiWindowFlags_NoCollapse | ImGuiWindowFlags_NoSavedSettings);
    ImGui::PopStyleVar();
    if (view.fonts.large) ImGui::PushFont(view.fonts.large);
    ImGui::TextUnformatted(title);
    if (view.fonts.large) ImGui::PopFont();
    ImGui::SameLine(fits.x - view.px(20) - ImGui::CalcTextSize("Esc closes").x);
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted("Esc closes");
    ImGui::PopStyleColor();
    ImGui::Separator();
    ImGui::Dummy({0, view.px(4)});
    return true;
}

void end_overlay() { ImGui::End(); }

}  // namespace gdn2::viewer
