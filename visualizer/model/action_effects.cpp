// What the actions of actions.h do to a session.
#include <algorithm>
#include <cmath>

#include "visualizer/model/actions.h"
#include "visualizer/model/chunk_view.h"
#include "visualizer/model/difference_shown.h"
#include "visualizer/model/lessons_guide.h"

namespace gdn2::viewer {
namespace {

constexpr double speeds[] = {0.1, 0.25, 0.5, 1, 2, 4, 8, 16};
constexpr double ui_step = 0.25;

/// On to where a lesson waits, to its next step, or plainly; from the end, from the beginning.
void play_pause(Session& session) {
    UiState& ui = session.ui;
    const bool on_the_way = ui.stop_at && ui.cursor < *ui.stop_at;
    if (ui.playing) ui.playing = false;
    else if (on_the_way) ui.playing = true;
    else if (guide_of(session)) continue_lesson(session);
    else {
        if (ui.cursor == last_cursor(session.length())) ui.cursor = first_cursor();
        ui.playing = session.length() > 0;
    }
}

/// While the list of lessons shows, a number opens one.
bool open_from_list(Session& session, Index number) {
    if (!session.ui.show_lessons) return false;
    session.ui.show_lessons = false;
    open_lesson(session, number);
    return true;
}

/// In the list of lessons a number opens one, at a question it answers; else it goes to its phase.
void phase_or_answer(Session& session, Phase phase) {
    const auto choice = static_cast<Index>(phase) - 1;
    if (open_from_list(session, choice)) return;
    if (!at_question(session)) session.stand(at_phase(session.ui.cursor, phase));
    else if (choice < std::ssize(guide_of(session)->question.choices)) answer(session, choice);
}

/// The phase begins, and tick() brings it to its end; a phase that is still moving is done at once.
void next_phase(Session& session) {
    const Cursor now = session.ui.cursor;
    const bool moving = now.fraction > 0 && now.fraction < 1;
    const Cursor from = moving ? at_phase(now, now.phase) : now;
    Cursor to = next_phase(from, session.length());
    if (!session.ui.reduce_motion && !(to == from)) to.fraction = just_begun;
    session.stand(to);
}

void move_chunks(Session& session, Index chunks) {
    session.stand(at_token(session.ui.cursor.token + chunks * chunk_length, session.length()));
}

void chunk_end(Session& session, Index offset) {
    session.stand(at_token(session.ui.cursor.token / chunk_length * chunk_length + offset, session.length()));
}

void slower(Session& session) {
    const auto* at = std::lower_bound(std::begin(speeds), std::end(speeds), session.ui.speed);
    session.ui.speed = at == std::begin(speeds) ? *at : *(at - 1);
}

void faster(Session& session) {
    const auto* at = std::upper_bound(std::begin(speeds), std::end(speeds), session.ui.speed);
    session.ui.speed = at == std::end(speeds) ? *(at - 1) : *at;
}

/// The value `by` further among `count`, around the end.
template <class T>
void cycle(T& value, Index count, Index by) {
    if (count > 0) value = static_cast<T>((static_cast<Index>(value) + by + count) % count);
}

void move_tabs(Session& session, Index by) {
    Tab tab = session.ui.tab;
    cycle(tab, tab_count, by);
    show_tab(session, tab);
}

bool in_difference(const Session& session) { return session.ui.tab == Tab::difference; }

void toggle(bool& value) { value = !value; }

void cycle_scale_mode(Session& session) {
    const double now = session.scale();
    cycle(session.ui.scale_mode, 3, 1);
    if (session.ui.scale_mode == ScaleMode::manual) session.ui.manual_scale = now;
}

void scale_by(Session& session, double factor) {
    session.ui.manual_scale = std::clamp(session.scale() * factor, smallest_scale, largest_scale);
    session.ui.scale_mode = ScaleMode::manual;
}

/// The largest cell of the state shown.
Cell largest_cell(const Session& session) {
    Cell cell;
    if (session.length() > 0) session.track().S(session.ui.cursor.token).cwiseAbs().maxCoeff(&cell.row, &cell.col);
    return cell;
}

void pin(Session& session) {
    if (session.ui.pinned) session.ui.pinned.reset();
    else session.ui.pinned = largest_cell(session);
}

/// clamp() keeps it inside.
void move_pin(Session& session, Index rows, Index cols) {
    const Cell at = session.ui.pinned ? *session.ui.pinned : largest_cell(session);
    session.ui.pinned = Cell{at.row + rows, at.col + cols};
}

/// What is in front goes first: help, lessons, the pinned cell.
void dismiss(Session& session) {
    UiState& ui = session.ui;
    if (ui.show_help) ui.show_help = false;
    else if (ui.show_lessons) ui.show_lessons = false;
    else ui.pinned.reset();
}

/// Leaves the guide, or takes it up where it was left.
void follow_lesson(Session& session) {
    toggle(session.ui.lesson.followed);
    if (session.ui.lesson.followed) go_to_step(session, session.ui.lesson.step);
}

/// From what is no lesson, to the first or the last.
void move_lessons(Session& session, Index by) {
    const Index count = std::ssize(lesson_guides());
    const std::optional<Index> now = lesson_number(session.document());
    open_lesson(session, now ? std::clamp<Index>(*now + by, 0, count - 1) : by > 0 ? 0 : count - 1);
}

void ui_scale_to(Session& session, double steps) {
    session.ui.ui_scale = std::clamp(std::round(session.ui.ui_scale / ui_step + steps) * ui_step, 0.75, 2.5);
}

Index layers(const Session& session) { return static_cast<Index>(session.document().layers.size()); }

struct Effect {
    Action action;
    void (*run)(Session&);
};

/// Those that are not here are the window's.
const Effect effects[] = {
    {Action::play_pause, play_pause},
    {Action::next_token, [](Session& s) { s.stand(next_token(s.ui.cursor, s.length())); }},
    {Action::previous_token, [](Session& s) { s.stand(previous_token(s.ui.cursor)); }},
    {Action::next_phase, next_phase},
    {Action::previous_phase, [](Session& s) { s.stand(previous_phase(s.ui.cursor)); }},
    {Action::phase_1, [](Session& s) { phase_or_answer(s, Phase::decay); }},
    {Action::phase_2, [](Session& s) { phase_or_answer(s, Phase::erase_read); }},
    {Action::phase_3, [](Session& s) { phase_or_answer(s, Phase::residual); }},
    {Action::phase_4, [](Session& s) { phase_or_answer(s, Phase::write); }},
    {Action::phase_5, [](Session& s) { phase_or_answer(s, Phase::read_out); }},
    {Action::first_token, [](Session& s) { s.stand(first_cursor()); }},
    {Action::last_token, [](Session& s) { s.stand(last_cursor(s.length())); }},
    {Action::next_chunk, [](Session& s) { move_chunks(s, 1); }},
    {Action::previous_chunk, [](Session& s) { move_chunks(s, -1); }},
    {Action::chunk_first, [](Session& s) { chunk_end(s, 0); }},
    {Action::chunk_last, [](Session& s) { chunk_end(s, chunk_length - 1); }},
    {Action::slower, slower},
    {Action::faster, faster},
    {Action::next_tab, [](Session& s) { move_tabs(s, 1); }},
    {Action::previous_tab, [](Session& s) { move_tabs(s, -1); }},
    {Action::next_mixer, [](Session& s) { cycle(s.ui.mixer, std::ssize(all_mixers), 1); }},
    {Action::previous_mixer, [](Session& s) { cycle(s.ui.mixer, std::ssize(all_mixers), -1); }},
    {Action::compare, [](Session& s) { toggle(s.ui.compare); }},
    {Action::more_matrices, [](Session& s) { if (s.ui.tab == Tab::chunk) ++s.ui.chunk_page; }},
    {Action::show_change, [](Session& s) { toggle(s.ui.show_change); }},
    {Action::show_ghost, [](Session& s) { toggle(s.ui.show_ghost); }},
    {Action::show_error, [](Session& s) { toggle(s.ui.show_error); }},
    {Action::show_numbers, [](Session& s) { toggle(s.ui.show_numbers); }},
    {Action::scale_mode, cycle_scale_mode},
    {Action::scale_larger, [](Session& s) { scale_by(s, std::sqrt(2.0)); }},
    {Action::scale_smaller, [](Session& s) { scale_by(s, std::sqrt(0.5)); }},
    {Action::symlog, [](Session& s) { toggle(s.ui.symlog); }},
    {Action::pin, pin},
    {Action::pin_left, [](Session& s) { move_pin(s, 0, -1); }},
    {Action::pin_right, [](Session& s) { move_pin(s, 0, 1); }},
    {Action::pin_up, [](Session& s) { move_pin(s, -1, 0); }},
    {Action::pin_down, [](Session& s) { move_pin(s, 1, 0); }},
    {Action::next_head, [](Session& s) { cycle(s.ui.head, s.layer().sizes.value_heads, 1); }},
    {Action::previous_head, [](Session& s) { cycle(s.ui.head, s.layer().sizes.value_heads, -1); }},
    {Action::next_layer, [](Session& s) { cycle(s.ui.layer, layers(s), 1); }},
    {Action::previous_layer, [](Session& s) { cycle(s.ui.layer, layers(s), -1); }},
    {Action::next_sequence, [](Session& s) { cycle(s.ui.sequence, s.layer().sizes.sequences, 1); }},
    {Action::previous_sequence, [](Session& s) { cycle(s.ui.sequence, s.layer().sizes.sequences, -1); }},
    {Action::undo, [](Session& s) { s.edits().undo(); }},
    {Action::redo, [](Session& s) { s.edits().redo(); }},
    {Action::reset, [](Session& s) { s.edits().reset(); }},
    {Action::tie, [](Session& s) { toggle(s.ui.gates.tie); }},
    {Action::wide_b, [](Session& s) { toggle(s.ui.gates.wide_b); }},
    {Action::refine_spectrum, [](Session& s) { s.refine_spectrum(); }},
    {Action::check, [](Session& s) { in_difference(s) ? s.ask_difference() : s.ask_numeric_gradient(); }},
    {Action::next_tensor, [](Session& s) { if (in_difference(s)) move_tensors(s, 1); }},
    {Action::previous_tensor, [](Session& s) { if (in_difference(s)) move_tensors(s, -1); }},
    {Action::first_wrong, go_to_first_wrong},
    {Action::worst, go_to_worst},
    {Action::difference_unit, [](Session& s) { cycle(s.ui.difference_unit, 3, 1); }},
    {Action::versus, [](Session& s) { if (in_difference(s)) next_versus(s); }},
    {Action::lessons, [](Session& s) { toggle(s.ui.show_lessons); }},
    {Action::lesson_6, [](Session& s) { open_from_list(s, 5); }},
    {Action::next_lesson, [](Session& s) { move_lessons(s, 1); }},
    {Action::previous_lesson, [](Session& s) { move_lessons(s, -1); }},
    {Action::next_step, [](Session& s) { go_to_step(s, s.ui.lesson.step + 1); }},
    {Action::previous_step, [](Session& s) { go_to_step(s, s.ui.lesson.step - 1); }},
    {Action::follow_lesson, follow_lesson},
    {Action::help, [](Session& s) { toggle(s.ui.show_help); }},
    {Action::theme, [](Session& s) { cycle(s.ui.theme, 3, 1); }},
    {Action::ui_larger, [](Session& s) { ui_scale_to(s, 1); }},
    {Action::ui_smaller, [](Session& s) { ui_scale_to(s, -1); }},
    {Action::ui_normal, [](Session& s) { s.ui.ui_scale = 1; }},
    {Action::reduce_motion, [](Session& s) { toggle(s.ui.reduce_motion); }},
    {Action::keyboard_focus, [](Session& s) { toggle(s.ui.keyboard_focus); }},
    {Action::dismiss, dismiss},
};

}  // namespace

bool apply(Action action, Session& session) {
    const auto* found = std::find_if(std::begin(effects), std::end(effects),
                                     [action](const Effect& each) { return each.action == action; });
    if (found == std::end(effects)) return false;
    found->run(session);
    session.clamp();
    return true;
}

}  // namespace gdn2::viewer
