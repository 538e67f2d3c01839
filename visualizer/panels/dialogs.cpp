// What asks for a line of text: which file to open, which film to write, which token to go to.
//   tests  tests/visualizer/ui/panels_test.cpp
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "reference/core/error.h"
#include "reference/io/text.h"
#include "reference/scenarios/scenario.h"
#include "visualizer/imgui_compat.h"
#include "visualizer/model/difference_shown.h"
#include "visualizer/model/find_token.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/overlay.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr std::size_t longest_line = 4096;
constexpr const char* to_open =
    "A problem, trace or result, .npz or .safetensors: q k g b [batch, length, key_heads, key_dim] and v w [batch, "
    "length, value_heads, value_dim]. Files can also be dropped on the window.";
constexpr const char* to_compare =
    "Results (o, final_state, dq dk dv dg db dw, d_initial_state) or a trace, .npz or .safetensors, of the problem "
    "that is open. Files can also be dropped on this tab. To open another problem, press Ctrl+O on another tab.";

/// In front of what is to be filled in.
void field_name(const View& view, const char* name) {
    ImGui::AlignTextToFramePadding();
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(name);
    ImGui::PopStyleColor();
    ImGui::SameLine(view.px(110));
}

/// The dialog's line of text, which has the keyboard from the start; what stood there is selected, so that typing
/// replaces it. True when Enter was pressed.
bool line(const View& view, Dialog& dialog, const char* name, float room_right) {
    std::array<char, longest_line> text{};
    dialog.text.copy(text.data(), text.size() - 1);
    if (dialog.just_opened) ImGui::SetKeyboardFocusHere();
    dialog.just_opened = false;
    field_name(view, name);
    ImGui::SetNextItemWidth(ImGui::GetContentRegionAvail().x - view.px(room_right));
    const bool entered = ImGui::InputText("##line", text.data(), text.size(),
                                          ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
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
        if (dialog.compares) {
            view.session.open_claim(what);
            show_tab(view.session, Tab::difference);
        } else {
            view.session.open(what);
            begin_lesson(view.session);
        }
        dialog.open = false;
    } catch (const std::exception& error) {
        dialog.error = error.what();
    }
}

void quiet_text(const View& view, const char* text) {
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(wrapped(text, ImGui::GetContentRegionAvail().x).c_str());
    ImGui::PopStyleColor();
}

void built_in(const View& view, Dialog& dialog) {
    ImGui::Dummy({0, view.px(6)});
    ImGui::TextUnformatted("Built in");
    for (const Scenario& each : scenarios()) {
        const bool clicked = ImGui::Selectable(each.name.c_str());
        if (clicked || (ImGui::IsItemFocused() && compat::enter_pressed())) open_or_say(view, dialog, each.name);
    }
}

void whole_number(const View& view, const char* id, int& value, int low, int high, const char* after) {
    ImGui::SetNextItemWidth(view.px(116));
    ImGui::InputInt(id, &value);
    value = std::clamp(value, low, high);
    ImGui::SameLine(0, view.px(10));
    ImGui::TextUnformatted(after);
}

/// Which tokens, how large, how fast.
void film_settings(const View& view, FilmRequest& film) {
    const int last_token = static_cast<int>(view.session.length()) - 1;
    int first = static_cast<int>(film.range.first);
    int last = static_cast<int>(film.range.last.value_or(last_token));
    field_name(view, "tokens");
    whole_number(view, "##first", first, 0, std::max(last_token, 0), "to");
    ImGui::SameLine(0, view.px(10));
    whole_number(view, "##last", last, first, std::max(last_token, first),
                 ("of 0 to " + std::to_string(last_token)).c_str());
    field_name(view, "size");
    whole_number(view, "##width", film.width, 320, 8192, "\u00d7");
    ImGui::SameLine(0, view.px(10));
    whole_number(view, "##height", film.height, 240, 8192, "pixels");
    field_name(view, "rate");
    whole_number(view, "##rate", film.range.frames_per_second, 1, 50, "pictures a second");
    film.range.first = first;
    film.range.last = last;
}

/// How long it will be: a second of it stands still at the end.
std::string length_of(const Session& session, const FilmRange& range) {
    const Index tokens = range.last.value_or(session.length() - 1) - range.first + 1;
    const double seconds = seconds_to_play(tokens, session.ui.speed) + 1;
    return shown(seconds) + " seconds at speed " + shown(session.ui.speed) + ", about " +
           shown(std::ceil(seconds * range.frames_per_second), 6) + " pictures";
}

bool is_film(const std::string& path) {
    return path.size() > 4 && (path.ends_with(".gif") || path.ends_with(".mp4"));
}

void go_or_say(Session& session, Dialog& dialog) {
    const Index length = session.length();
    const std::optional<Index> token = find_token(session, dialog.text);
    dialog.open = !token;
    if (token) session.stand(at_token(*token, length));
    else dialog.error = length == 0 ? "there are no tokens"
                                    : "no label holds " + io::quote(dialog.text) + ", and there are tokens 0 to " +
                                          std::to_string(length - 1);
}

}  // namespace

void open_dialog(const View& view) {
    Dialog& dialog = view.memory.open_file;
    const char* title = dialog.compares ? "Compare with a file" : "Open";
    if (!begin_overlay(view, title, {760, dialog.compares ? 220.0f : 460.0f}, dialog.open)) return;
    const bool entered = line(view, dialog, "file", dialog.compares ? 100 : 70);
    ImGui::SameLine();
    const bool clicked = ImGui::Button(dialog.compares ? "Compare" : "Open");
    if ((clicked || entered) && !dialog.text.empty()) open_or_say(view, dialog, dialog.text);
    draw_error(view, dialog);
    quiet_text(view, dialog.compares ? to_compare : to_open);
    if (!dialog.compares) built_in(view, dialog);
    end_overlay();
}

void film_dialog(const View& view) {
    Dialog& dialog = view.memory.film;
    FilmRequest& film = view.memory.film_request;
    if (dialog.just_opened) {
        const ImVec2 screen = ImGui::GetIO().DisplaySize;
        film = {"", static_cast<int>(screen.x), static_cast<int>(screen.y), view.unit, {}};
    }
    if (!begin_overlay(view, "Film", {640, 330}, dialog.open)) return;
    const bool entered = line(view, dialog, "file", 0);
    film_settings(view, film);
    field_name(view, "length");
    ImGui::TextUnformatted(length_of(view.session, film.range).c_str());
    quiet_text(view, "A name that ends in .gif needs nothing else; .mp4 needs the program ffmpeg.");
    ImGui::Dummy({0, view.px(4)});
    const bool go = ImGui::Button("Write the film") || entered;
    draw_error(view, dialog);
    if (go && !is_film(dialog.text))
        dialog.error = "expected a file that ends in .gif or .mp4, got `" + dialog.text + "`";
    if (go && is_film(dialog.text)) {
        film.path = dialog.text;
        view.requests.film = film;
        dialog.open = false;
    }
    end_overlay();
}

void find_dialog(const View& view) {
    Dialog& dialog = view.memory.find;
    if (!begin_overlay(view, "Go to a token", {560, 170}, dialog.open)) return;
    const bool entered = line(view, dialog, "token", 60);
    ImGui::SameLine();
    if ((ImGui::Button("Go") || entered) && !dialog.text.empty()) go_or_say(view.session, dialog);
    draw_error(view, dialog);
    quiet_text(view, "A number, or words of a label; with the same words again, to the next that has them.");
    end_overlay();
}

}  // namespace gdn2::viewer
