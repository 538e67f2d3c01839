// See viewer.h.
#include "visualizer/viewer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "visualizer/model/difference_shown.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/reload.h"
#include "visualizer/model/state_string.h"
#include "visualizer/model/transcript.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"
#include "visualizer/style.h"

namespace gdn2::viewer {
namespace {

/// Sizes of the fixed tiling, in pixels of the design.
constexpr float toolbar_height = 40, timeline_height = 158, step_height = 124, status_height = 26;
constexpr float low_timeline_height = 114, low_step_height = 100, lowest_with_room = 860;  ///< in low windows
constexpr float left_width = 286, right_width = 440;
constexpr float narrowest_with_three_columns = 1240;

/// Where every part of the screen is.
struct Layout {
    Box toolbar, timeline, left, centre, step, right, status;
    Box middle;  ///< left to right
    bool three_columns;
};

Layout layout_of(const View& view) {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    const bool low = size.y < view.px(lowest_with_room);
    const float tokens = view.px(low ? low_timeline_height : timeline_height);
    const float top = view.px(toolbar_height) + tokens, bottom = view.px(status_height);
    const float middle = size.y - top - bottom, left = view.px(left_width);
    const float step = view.px(low ? low_step_height : step_height);
    Layout at;
    at.three_columns = size.x >= view.px(narrowest_with_three_columns);
    const float right = at.three_columns ? view.px(right_width) : 0, centre = size.x - left - right;
    at.toolbar = {0, 0, size.x, view.px(toolbar_height)};
    at.timeline = {0, at.toolbar.height, size.x, tokens};
    at.left = {0, top, left, middle};
    at.centre = {left, top, centre, middle - step};
    at.step = {left, top + at.centre.height, centre, step};
    at.right = {left + centre, top, right, middle};
    at.middle = {0, top, size.x, middle};
    at.status = {0, size.y - bottom, size.x, bottom};
    return at;
}

void centre_panel(const View& view, const Box& box) {
    switch (view.session.ui.tab) {
        case Tab::state: return view.session.ui.compare ? compare_panel(view, box) : state_panel(view, box);
        case Tab::chunk: return chunk_panel(view, box);
        case Tab::gradient: return gradient_panel(view, box);
        case Tab::difference: return;  // has all columns
        case Tab::spectrum: return spectrum_panel(view, box);
    }
}

/// What goes with the centre.
void right_panel(const View& view, const Box& box) {
    const UiState& ui = view.session.ui;
    if (ui.tab == Tab::gradient) return gradient_check_panel(view, box);
    ui.tab == Tab::state && ui.compare ? rules_panel(view, box) : recall_panel(view, box);
}

/// Where there is no right column.
void left_panel(const View& view, const Box& box) {
    const bool right_in_front = view.memory.recall_in_front || view.session.ui.tab == Tab::gradient;
    right_in_front ? right_panel(view, box) : lesson_panel(view, box);
}

bool is_too_small(const View& view) {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    return size.x < view.px(least_width) || size.y < view.px(least_height);
}

/// Instead of parts that lie over each other.
void too_small(const View& view) {
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    begin_panel(view, "##small", {0, 0, size.x, size.y});
    const std::string says = "This window is too small: " + shown(least_width * view.unit) + " \u00d7 " +
                             shown(least_height * view.unit) +
                             " pixels are the least. Ctrl+- makes everything smaller.";
    ImGui::TextUnformatted(wrapped(says, ImGui::GetContentRegionAvail().x).c_str());
    end_panel();
}

void columns(const View& view, const Layout& at) {
    at.three_columns ? lesson_panel(view, at.left) : left_panel(view, at.left);
    centre_panel(view, at.centre);
    step_panel(view, at.step);
    if (at.three_columns) right_panel(view, at.right);
}

}  // namespace

Viewer::Viewer(Session& session, Textures& textures)
    : session_(session), textures_(textures), memory_(std::make_unique<PanelMemory>()) {}

Viewer::~Viewer() = default;

float Viewer::unit() const { return static_cast<float>(session_.ui.ui_scale) * monitor_scale_; }

double Viewer::frame(const Fonts& fonts, double seconds) {
    const bool moves = session_.tick(seconds);
    const View view{session_,  theme_of(session_.ui.theme), textures_, fonts, hover_,
                    requests_, message_,                    *memory_,  unit()};
    apply_style(view.theme, view.unit);
    ImGuiIO& io = ImGui::GetIO();
    const bool navigates = session_.ui.keyboard_focus || something_in_front();
    io.ConfigFlags = navigates ? io.ConfigFlags | ImGuiConfigFlags_NavEnableKeyboard
                               : io.ConfigFlags & ~ImGuiConfigFlags_NavEnableKeyboard;
    keys(view);
    session_.clamp();
    explain_hovered();
    panels(view);
    const double message_left = message_.until - ImGui::GetTime();
    // What began in this frame moves in the next.
    const double fraction = session_.ui.cursor.fraction;
    const bool began = session_.ui.playing || (fraction > 0 && fraction < 1);
    if (moves || began || hover_.number != hover_.last || memory_->animates) return 0;
    return !message_.text.empty() && message_left > 0 ? message_left : std::numeric_limits<double>::infinity();
}

/// What was hovered in the last frame is what this one explains.
void Viewer::explain_hovered() {
    hover_.last = hover_.number;
    hover_.number.reset();
    hover_.explanation.reset();
    if (!hover_.last) return;
    try {
        hover_.explanation = explain(session_, *hover_.last);
    } catch (const Error&) {  // what was hovered is no longer there
        hover_.last.reset();
    }
}

void Viewer::press(const Chord& chord, bool repeated) { presses_.push_back({chord, repeated}); }

/// Whether a dialog, a list or the help lies over the rest; then the keys that move through buttons are its own.
bool Viewer::something_in_front() const {
    return session_.ui.show_help || session_.ui.show_lessons || memory_->open_file.open || memory_->film.open ||
           memory_->find.open;
}

/// What a press asks for, if it is not typed into a text or meant for a button.
std::optional<Action> Viewer::action_asked(const Chord& chord) const {
    const bool front = something_in_front();
    if (front && chord == Chord{Key::escape}) return Action::dismiss;
    if (ImGui::GetIO().WantTextInput) return std::nullopt;
    return action_of(chord, session_.ui.keyboard_focus || front);
}

void Viewer::keys(const View& view) {
    for (const Press& press : std::exchange(presses_, {})) {
        const std::optional<Action> action = action_asked(press.chord);
        const bool repeats = std::any_of(bindings().begin(), bindings().end(), [&](const Binding& binding) {
            return binding.chord == press.chord && binding.repeats;
        });
        if (action && (repeats || !press.repeated)) perform(*action, view);
    }
}

void Viewer::perform(Action action, const View& view) {
    PanelMemory& memory = view.memory;
    if (action == Action::dismiss && (memory.open_file.open || memory.film.open || memory.find.open)) {
        memory.open_file.open = memory.film.open = memory.find.open = false;
        return;
    }
    if (action == Action::pin && memory.hovered_cell && !session_.ui.pinned) {
        session_.ui.pinned = memory.hovered_cell;
        return;
    }
    if (apply(action, session_)) return;
    switch (action) {
        case Action::open: memory.open_file = {true, true, "", "", session_.ui.tab == Tab::difference}; break;
        case Action::export_film: memory.film = {true, true, "gdn2.gif", ""}; break;
        case Action::find_token: memory.find = {true, true, memory.find.text, ""}; break;
        case Action::reload: open_again(); break;
        case Action::copy_state: requests_.clipboard = state_string(session_); break;
        case Action::copy_transcript: requests_.clipboard = transcript(session_); break;
        case Action::paste_state: requests_.paste = true; break;
        case Action::screenshot: requests_.screenshot = true; break;
        case Action::quit: requests_.quit = true; break;
        default: break;
    }
    if (requests_.clipboard) say("copied", false);
}

void Viewer::panels(const View& view) {
    memory_->hovered_cell.reset();
    memory_->animates = false;
    if (is_too_small(view)) return too_small(view);
    const Layout at = layout_of(view);
    toolbar(view, at.toolbar);
    timeline(view, at.timeline);
    memory_->recall_beside = at.three_columns;
    session_.ui.tab == Tab::difference ? difference_panel(view, at.middle) : columns(view, at);
    status_bar(view, at.status);
    number_tooltip(view);
    if (session_.ui.show_help) help_overlay(view);
    if (session_.ui.show_lessons) lesson_list(view);
    if (memory_->open_file.open) open_dialog(view);
    if (memory_->film.open) film_dialog(view);
    if (memory_->find.open) find_dialog(view);
}

Requests Viewer::take_requests() { return std::exchange(requests_, {}); }

void Viewer::open(const std::string& scenario_or_path) {
    try {
        session_.open(scenario_or_path);
        begin_lesson(session_);
        say("opened " + scenario_or_path, false);
    } catch (const std::exception& error) {
        say(error.what(), true);
    }
}

void Viewer::open_again() {
    try {
        reload(session_);
        say("opened " + session_.document().source + (session_.claim() ? " and " + session_.claim_path() : "") +
                " again", false);
    } catch (const std::exception& error) {
        say(error.what(), true);
    }
}

void Viewer::drop(const std::string& path) {
    if (session_.ui.tab != Tab::difference) return open(path);
    try {
        session_.open_claim(path);
        show_tab(session_, Tab::difference);
        say("comparing with " + path, false);
    } catch (const std::exception& error) {
        say(error.what(), true);
    }
}

void Viewer::paste(const std::string& state) {
    try {
        restore(session_, state);
        say("pasted", false);
    } catch (const std::exception& error) {
        say(error.what(), true);
    }
}

void Viewer::say(const std::string& text, bool is_error) {
    const double seconds = is_error ? 20 : 6;
    message_ = {text, is_error, ImGui::GetTime() + seconds};
}

}  // namespace gdn2::viewer
