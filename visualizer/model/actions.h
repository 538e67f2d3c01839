// Everything that a key does, in one table: the window's dispatch, the help overlay and the table in docs/viewer.md
// all come from it.
//   tests  tests/visualizer/model/actions_test.cpp
#pragma once

#include <optional>
#include <span>
#include <string>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// The keys that the table names, whatever library reports them. Letters, digits and F keys are in their order.
enum class Key {
    space, tab, enter, backspace, escape, left, right, up, down, home, end, page_up, page_down,
    comma, period, slash, left_bracket, right_bracket, minus, equal,
    digit_0, digit_1, digit_2, digit_3, digit_4, digit_5, digit_6,
    a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z,
    f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12,
};
inline constexpr int key_count = static_cast<int>(Key::f12) + 1;

/// A key with what is held down beside it.
struct Chord {
    Key key = Key::space;
    bool shift = false, ctrl = false, alt = false;

    bool operator==(const Chord&) const = default;
};
/// "Shift+Right", "Ctrl+Z", "?", "{".
std::string text_of(const Chord& chord);

/// What can be asked for.
enum class Action {
    play_pause, next_token, previous_token, next_phase, previous_phase,
    phase_1, phase_2, phase_3, phase_4, phase_5,
    first_token, last_token, find_token, next_chunk, previous_chunk, chunk_first, chunk_last, slower, faster,
    next_tab, previous_tab, next_mixer, previous_mixer, compare, more_matrices,
    show_change, show_ghost, show_error, show_numbers, scale_mode, scale_larger, scale_smaller, symlog, refine_spectrum,
    pin, pin_left, pin_right, pin_up, pin_down,
    next_head, previous_head, next_layer, previous_layer, next_sequence, previous_sequence, open, reload,
    undo, redo, reset, tie, wide_b, check,
    next_tensor, previous_tensor, first_wrong, worst, difference_unit, versus,
    lessons, lesson_6, next_lesson, previous_lesson, next_step, previous_step, follow_lesson,
    copy_state, paste_state, copy_transcript, screenshot, export_film,
    help, theme, ui_larger, ui_smaller, ui_normal, reduce_motion, keyboard_focus, dismiss, quit,
};
inline constexpr int action_count = static_cast<int>(Action::quit) + 1;

/// One way of asking for an action.
struct Binding {
    Action action;
    Chord chord;
    const char* what;      ///< "next token", in the help
    const char* group;     ///< "Time", "View", ..., "Window": the help's headlines
    bool repeats = false;  ///< again while the key is held down
};

/// All of them, group by group. An action may have several.
std::span<const Binding> bindings();

/// The first binding of an action; null where it has none.
const Binding* binding_of(Action action);

/// Whether the binding also holds in keyboard focus mode, where Space, Tab, Enter, Escape, the arrows and the paging
/// keys move through buttons and sliders.
bool kept_in_focus(const Binding& binding);

/// What a chord asks for; nothing where it is unbound, or not kept in keyboard focus mode while that is on.
std::optional<Action> action_of(const Chord& chord, bool keyboard_focus);

/// Does what concerns the session only, and keeps it valid: returns true. False: it is the window's to do (open,
/// find_token, reload, copy_..., paste_state, screenshot, export_film, quit), and nothing has changed.
bool apply(Action action, Session& session);

/// The table in Markdown, one part for each group.
std::string keyboard_table();

}  // namespace gdn2::viewer
