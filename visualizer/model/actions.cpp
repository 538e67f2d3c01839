// See actions.h. What each action does is in action_effects.cpp.
#include "visualizer/model/actions.h"

#include <algorithm>

namespace gdn2::viewer {
namespace {

constexpr Chord plain(Key key) { return {key}; }
constexpr Chord shift(Key key) { return {.key = key, .shift = true}; }
constexpr Chord ctrl(Key key) { return {.key = key, .ctrl = true}; }
constexpr Chord alt(Key key) { return {.key = key, .alt = true}; }
constexpr Chord ctrl_shift(Key key) { return {.key = key, .shift = true, .ctrl = true}; }

constexpr Binding table[] = {
    {Action::play_pause, plain(Key::space), "play or pause; in a lesson, go on", "Time"},
    {Action::play_pause, plain(Key::k), "play or pause; in a lesson, go on", "Time"},
    {Action::next_token, plain(Key::right), "next token", "Time", true},
    {Action::next_token, plain(Key::period), "next token", "Time", true},
    {Action::previous_token, plain(Key::left), "previous token", "Time", true},
    {Action::previous_token, plain(Key::comma), "previous token", "Time", true},
    {Action::next_phase, shift(Key::right), "next phase", "Time", true},
    {Action::next_phase, plain(Key::l), "next phase", "Time", true},
    {Action::previous_phase, shift(Key::left), "previous phase", "Time", true},
    {Action::previous_phase, plain(Key::j), "previous phase", "Time", true},
    {Action::phase_1, plain(Key::digit_1), "decay of this token; at a question, the first answer", "Time"},
    {Action::phase_2, plain(Key::digit_2), "its erase-read; the second answer", "Time"},
    {Action::phase_3, plain(Key::digit_3), "its residual; the third answer", "Time"},
    {Action::phase_4, plain(Key::digit_4), "its write; the fourth answer", "Time"},
    {Action::phase_5, plain(Key::digit_5), "its read-out", "Time"},
    {Action::first_token, plain(Key::home), "the start, before anything happened", "Time"},
    {Action::last_token, plain(Key::end), "the end of the last token", "Time"},
    {Action::find_token, ctrl(Key::f), "go to a token, by number or label", "Time"},
    {Action::next_chunk, plain(Key::page_down), "64 tokens forward", "Time", true},
    {Action::previous_chunk, plain(Key::page_up), "64 tokens back", "Time", true},
    {Action::chunk_first, shift(Key::left_bracket), "first token of this chunk", "Time"},
    {Action::chunk_last, shift(Key::right_bracket), "last token of this chunk", "Time"},
    {Action::slower, plain(Key::left_bracket), "slower", "Time", true},
    {Action::faster, plain(Key::right_bracket), "faster", "Time", true},

    {Action::next_tab, plain(Key::tab), "next view: State, Chunk, Grad, Diff, Spectrum", "View"},
    {Action::previous_tab, shift(Key::tab), "previous view", "View"},
    {Action::next_mixer, plain(Key::m), "next rule: GDN-2, KDA, ...", "View"},
    {Action::previous_mixer, ctrl(Key::m), "previous rule", "View"},
    {Action::compare, shift(Key::m), "all rules side by side", "View"},
    {Action::more_matrices, plain(Key::c), "Chunk: the matrices for which there was no room", "View"},
    {Action::show_change, plain(Key::d), "what this token changed", "View"},
    {Action::show_ghost, plain(Key::g), "the difference from the run without edits", "View"},
    {Action::show_error, plain(Key::o), "how far off a file's numbers are", "View"},
    {Action::show_numbers, plain(Key::n), "numbers in the cells", "View"},
    {Action::scale_mode, plain(Key::s), "colour scale: whole run, this step, by hand", "View"},
    {Action::scale_larger, shift(Key::up), "colours for larger numbers, by hand", "View", true},
    {Action::scale_smaller, shift(Key::down), "colours for smaller numbers, by hand", "View", true},
    {Action::symlog, shift(Key::l), "logarithmic colours", "View"},
    {Action::refine_spectrum, plain(Key::f9), "Spectrum: singular values of twice as many tokens", "View"},
    {Action::pin, plain(Key::p), "pin the cell under the mouse, else the largest; unpin", "View"},
    {Action::pin_left, alt(Key::left), "pinned cell: left", "View", true},
    {Action::pin_right, alt(Key::right), "pinned cell: right", "View", true},
    {Action::pin_up, alt(Key::up), "pinned cell: up", "View", true},
    {Action::pin_down, alt(Key::down), "pinned cell: down", "View", true},

    {Action::next_head, plain(Key::h), "next head", "Open"},
    {Action::previous_head, shift(Key::h), "previous head", "Open"},
    {Action::next_layer, plain(Key::y), "next layer", "Open"},
    {Action::previous_layer, shift(Key::y), "previous layer", "Open"},
    {Action::next_sequence, plain(Key::q), "next sequence of the batch", "Open"},
    {Action::previous_sequence, shift(Key::q), "previous sequence", "Open"},
    {Action::open, ctrl(Key::o), "open; in Diff, a file to compare", "Open"},
    {Action::reload, plain(Key::f5), "read the open files again", "Open"},

    {Action::undo, ctrl(Key::z), "undo an edit", "Gates", true},
    {Action::redo, ctrl(Key::y), "redo it", "Gates", true},
    {Action::redo, ctrl_shift(Key::z), "redo it", "Gates", true},
    {Action::reset, plain(Key::r), "undo all edits", "Gates"},
    {Action::tie, plain(Key::b), "tie b = w = beta, one gate per token", "Gates"},
    {Action::wide_b, shift(Key::b), "let b reach 2", "Gates"},
    {Action::check, plain(Key::f7), "check the gradient; in Diff, compare at once", "Gates"},

    {Action::next_tensor, plain(Key::down), "in Diff: next tensor, where it is wrong", "Diff", true},
    {Action::previous_tensor, plain(Key::up), "in Diff: previous tensor", "Diff", true},
    {Action::first_wrong, plain(Key::f), "its first wrong token", "Diff"},
    {Action::worst, plain(Key::w), "its worst number", "Diff"},
    {Action::difference_unit, plain(Key::u), "count differences: absolute, relative, ulp", "Diff"},
    {Action::versus, plain(Key::v), "in Diff: what is held against what", "Diff"},

    {Action::lessons, plain(Key::f2), "list of lessons; there 1 to 6 open one", "Lessons"},
    {Action::lesson_6, plain(Key::digit_6), "the sixth lesson, while the list shows", "Lessons"},
    {Action::next_lesson, plain(Key::f3), "next lesson", "Lessons"},
    {Action::previous_lesson, shift(Key::f3), "previous lesson", "Lessons"},
    {Action::next_step, plain(Key::enter), "next step of the lesson, at once", "Lessons"},
    {Action::previous_step, plain(Key::backspace), "back a step", "Lessons", true},
    {Action::follow_lesson, plain(Key::f4), "leave the lesson's text; return to it", "Lessons"},

    {Action::copy_state, ctrl(Key::c), "copy a line that leads back to this view", "Share"},
    {Action::paste_state, ctrl(Key::v), "go where such a line says", "Share"},
    {Action::copy_transcript, ctrl_shift(Key::c), "copy this step as text", "Share"},
    {Action::screenshot, plain(Key::f12), "save a PNG", "Share"},
    {Action::export_film, shift(Key::f12), "save a GIF or MP4", "Share"},

    {Action::help, plain(Key::f1), "this help", "Window"},
    {Action::help, shift(Key::slash), "this help", "Window"},
    {Action::theme, plain(Key::t), "theme: dark, light, print", "Window"},
    {Action::ui_larger, ctrl(Key::equal), "larger", "Window", true},
    {Action::ui_smaller, ctrl(Key::minus), "smaller", "Window", true},
    {Action::ui_normal, ctrl(Key::digit_0), "normal size", "Window"},
    {Action::reduce_motion, plain(Key::f8), "reduce motion", "Window"},
    {Action::keyboard_focus, plain(Key::f6), "keyboard focus mode: arrows move through buttons", "Window"},
    {Action::dismiss, plain(Key::escape), "close, unpin", "Window"},
    {Action::quit, ctrl(Key::q), "quit", "Window"},
};

/// In the order of Key, without letters and F keys.
constexpr const char* key_names[] = {"Space", "Tab",  "Enter", "Backspace", "Esc",       "Left", "Right",
                                     "Up",    "Down", "Home",  "End",       "Page Up",   "Page Down",
                                     ",",     ".",    "/",     "[",         "]",         "-",    "=",
                                     "0",     "1",    "2",     "3",         "4",         "5",     "6"};

std::string name_of(Key key) {
    const auto after = [key](Key first) { return static_cast<int>(key) - static_cast<int>(first); };
    if (key < Key::a) return key_names[static_cast<int>(key)];
    if (key < Key::f1) return std::string(1, static_cast<char>('A' + after(Key::a)));
    return "F" + std::to_string(1 + after(Key::f1));
}

/// All keys of the bindings of one action, "`Space` `K`".
std::string keys_of(Action action) {
    std::string keys;
    for (const Binding& each : table)
        if (each.action == action) keys += (keys.empty() ? "`" : " `") + text_of(each.chord) + "`";
    return keys;
}

}  // namespace

std::string text_of(const Chord& chord) {
    if (chord == shift(Key::slash)) return "?";
    if (chord == shift(Key::left_bracket)) return "{";
    if (chord == shift(Key::right_bracket)) return "}";
    const bool plus = chord == ctrl(Key::equal);
    return std::string(chord.ctrl ? "Ctrl+" : "") + (chord.alt ? "Alt+" : "") + (chord.shift ? "Shift+" : "") +
           (plus ? "+" : name_of(chord.key));
}

std::span<const Binding> bindings() { return table; }

const Binding* binding_of(Action action) {
    const auto* found = std::find_if(std::begin(table), std::end(table),
                                     [action](const Binding& each) { return each.action == action; });
    return found == std::end(table) ? nullptr : found;
}

bool kept_in_focus(const Binding& binding) { return binding.chord.key > Key::page_down; }

std::optional<Action> action_of(const Chord& chord, bool keyboard_focus) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [&](const Binding& each) { return each.chord == chord; });
    if (found == std::end(table) || (keyboard_focus && !kept_in_focus(*found))) return std::nullopt;
    return found->action;
}

std::string keyboard_table() {
    std::string text, group;
    const Binding* last = nullptr;
    for (const Binding& each : table) {
        if (group != each.group) {
            group = each.group;
            text += (text.empty() ? "" : "\n") + ("### " + group) + "\n\n| Keys | What |\n|---|---|\n";
        }
        if (last && last->action == each.action) continue;
        text += "| " + keys_of(each.action) + " | " + each.what + " |\n";
        last = &each;
    }
    return text;
}

}  // namespace gdn2::viewer
