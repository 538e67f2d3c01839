// What asks for a line of text: which file to open, which film to write.
//   tests  tests/visualizer/ui/panels_test.cpp
#include <algorithm>
#include <array>
#include <cstdio>

#include "reference/core/error.h"
#include "reference/scenarios/scenario.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/overlay.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr std::size_t longest_line = 4096;

/// The dialog's line of text, which has the keyboard from the start. True when Enter was pressed.
bool line(const View& view, Dialog& dialog, const char* label) {
    std::array<char, longest_line> text{};
    dialog.text.copy(text.data(), text.size() - 1);
    if (dialog.just_opened) ImGui::SetKeyboardFocusHere();
    dialog.just_opened = false;
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - view.px(90));
    const bool entered = ImGui::InputText(label, text.data(), text.size(), ImGuiInputTextFlags_EnterReturnsTrue);
    dialog.text = text.data();
    return entered;
}

void draw_error(const View& view, const Dialog& dialog) {
    if (dialog.error.empty()) return;
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.wrong);
    ImGui::TextUnformatted(wrapped(dialog.error, ImGui::GetContentRegionAvail().x).c_str());
    ImGui::PopStyleColor();
}

void open_or_say(const View& view, Dialog& dialog, const std::string& what) {
    try {
        view.session.open(what);
        begin_lesson(view.session);
        dialog.open = false;
    } catch (const std::exception& error) {
        dialog.error = error.what();
    }
}

void whole_number(const View& view, const char* label, int& value, int low, int high) {
    ImGui::SetNextItemWidth(view.px(110));
    ImGui::InputInt(label, &value);
    value = std::clamp(value, low, high);
    ImGui::SameLine(0, view.px(18));
}

/// Which tokens, how large, how fast.
void film_settings(const View& view, FilmRequest& film) {
    const int last_token = static_cast<int>(view.session.length()) - 1;
    int first = static_cast<int>(film.range.first);
    int last = static_cast<int>(film.range.last.value_or(last_token));
    whole_number(view, "first token", first, 0, std::max(last_token, 0));
    whole_number(view, "last token", last, first, std::max(last_token, first));
    whole_number(view, "pictures a second", film.range.frames_per_second, 1, 50);
    ImGui::NewLine();
    whole_number(view, "width", film.width, 320, 8192);
    whole_number(view, "height", film.height, 240, 8192);
    ImGui::NewLine();
    film.range.first = first;
    film.range.last = last;
}

bool is_film(const std::string& path) {
    return path.size() > 4 && (path.ends_with(".gif") || path.ends_with(".mp4"));
}

}  // namespace

void open_dialog(const View& view) {
    Dialog& dialog = view.memory.open_file;
    if (!begin_overlay(view, "Open", {760, 460}, dialog.open)) return;
    const bool entered = line(view, dialog, "file");
    ImGui::SameLine();
    if ((ImGui::Button("Open") || entered) && !dialog.text.empty()) open_or_say(view, dialog, dialog.text);
    draw_error(view, dialog);
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(wrapped("A problem, trace or result, .npz or .safetensors: q k g b [batch, length, key_heads, "
                                   "key_dim] and v w [batch, length, value_heads, value_dim]. Files can also be dropped on "
                                   "the window.",
                                   ImGui::GetContentRegionAvail().x)
                               .c_str());
    ImGui::PopStyleColor();
    ImGui::Dummy({0, view.px(6)});
    ImGui::TextUnformatted("Built in");
    for (const Scenario& each : scenarios())
        if (ImGui::Selectable(each.name.c_str())) open_or_say(view, dialog, each.name);
    end_overlay();
}

void film_dialog(const View& view) {
    Dialog& dialog = view.memory.film;
    FilmRequest& film = view.memory.film_request;
    if (dialog.just_opened) {
        const ImVec2 screen = ImGui::GetIO().DisplaySize;
        film = {"", static_cast<int>(screen.x), static_cast<int>(screen.y), view.unit, {}};
    }
    if (!begin_overlay(view, "Film", {760, 300}, dialog.open)) return;
    const bool entered = line(view, dialog, "file");
    film_settings(view, film);
    ImGui::Dummy({0, view.px(4)});
    const bool go = ImGui::Button("Write the film") || entered;
    draw_error(view, dialog);
    if (go && !is_film(dialog.text)) dialog.error = "expected a file that ends in .gif or .mp4, got `" + dialog.text + "`";
    if (go && is_film(dialog.text)) {
        film.path = dialog.text;
        view.requests.film = film;
        dialog.open = false;
    }
    end_overlay();
}

}  // namespace gdn2::viewer
