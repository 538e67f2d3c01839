// See lessons_guide.h.
#include "visualizer/model/lessons_guide.h"

#include <algorithm>

namespace gdn2::viewer {
namespace {

constexpr Index tokens_played = 2;  // more than these last ones before a step nobody watches

Index question_step(const LessonGuide& guide) { return std::ssize(guide.steps); }

/// What the step looks at, but for the cursor.
void look(Session& session, const LessonStep& step) {
    session.ui.tab = step.tab;
    session.ui.mixer = step.mixer;
    session.ui.compare = step.compare;
    session.ui.chunk_page = 0;
    session.ui.gates = {};
    if (session.edits().edits() != step.edits) session.edits().replace(step.edits);
}

/// Where the motion to a place begins: here, a few tokens before, or at the start of its token when it lies behind.
Cursor start_of_motion(const Cursor& now, const Cursor& where) {
    if (now == where || where == first_cursor()) return where;
    if (where < now) return {where.token, Phase::decay, 0};
    const Cursor watched{std::max<Index>(0, where.token - tokens_played), Phase::decay, 0};
    return std::max(now, watched, [](const Cursor& a, const Cursor& b) { return a < b; });
}

void play_to(Session& session, const LessonStep& step) {
    look(session, step);
    session.stand(start_of_motion(session.ui.cursor, step.where));
    if (session.ui.cursor == step.where) return;
    session.ui.stop_at = step.where;
    session.ui.playing = true;
}

const LessonStep& step_at(const LessonGuide& guide, const LessonProgress& progress) {
    if (progress.step < question_step(guide)) return guide.steps[static_cast<std::size_t>(progress.step)];
    return progress.answer ? guide.question.shown : guide.question.asked;
}

}  // namespace

std::optional<Index> lesson_number(const Document& document) {
    const std::vector<LessonGuide>& guides = lesson_guides();
    const auto found = std::find_if(guides.begin(), guides.end(), [&](const LessonGuide& guide) {
        return document.built_in && guide.scenario == document.source;
    });
    if (found == guides.end()) return std::nullopt;
    return found - guides.begin();
}

std::optional<Index> standing_step(const Document& document, const UiState& ui, const std::vector<Edit>& edits) {
    const std::optional<Index> number = lesson_number(document);
    if (!number) return std::nullopt;
    const std::vector<LessonStep>& steps = lesson_guides()[static_cast<std::size_t>(*number)].steps;
    const auto found = std::find_if(steps.begin(), steps.end(), [&](const LessonStep& step) {
        return step.where == ui.cursor && step.mixer == ui.mixer && step.tab == ui.tab &&
               step.compare == ui.compare && step.edits == edits;
    });
    return found == steps.end() ? std::nullopt : std::optional<Index>(found - steps.begin());
}

const LessonGuide* guide_of(const Session& session) {
    const std::optional<Index> number = lesson_number(session.document());
    return number && session.ui.lesson.followed ? &lesson_guides()[static_cast<std::size_t>(*number)] : nullptr;
}

const LessonStep* step_of(const Session& session) {
    const LessonGuide* guide = guide_of(session);
    return guide ? &step_at(*guide, session.ui.lesson) : nullptr;
}

bool at_question(const Session& session) {
    const LessonGuide* guide = guide_of(session);
    return guide && session.ui.lesson.step >= question_step(*guide) && !session.ui.lesson.answer;
}

bool answers_wait(const Session& session) { return at_question(session) && step_of(session)->hides_answers; }

std::string hint_of(const Session& session) {
    const LessonGuide* guide = guide_of(session);
    if (!guide) return "";
    const std::string key = session.ui.keyboard_focus ? "K" : "Space";
    if (at_question(session)) return "Your guess: 1 to " + std::to_string(guide->question.choices.size());
    if (!session.ui.lesson.answer) return key + ": go on";
    return guide == &lesson_guides().back() ? "F2: choose a lesson" : key + ": the next lesson";
}

void open_lesson(Session& session, Index number) {
    const Index last = std::ssize(lesson_guides()) - 1;
    session.open(lesson_guides()[static_cast<std::size_t>(std::clamp<Index>(number, 0, last))].scenario);
    session.ui.lesson.followed = true;
    begin_lesson(session);
}

void begin_lesson(Session& session) { go_to_step(session, 0); }

void go_to_step(Session& session, Index step) {
    const LessonGuide* guide = guide_of(session);
    if (!guide) return;
    session.ui.lesson = {true, std::clamp<Index>(step, 0, question_step(*guide)), {}};
    look(session, *step_of(session));
    session.stand(step_of(session)->where);
}

void continue_lesson(Session& session) {
    const LessonGuide* guide = guide_of(session);
    if (!guide || at_question(session)) return;
    if (session.ui.lesson.answer) {
        const Index next = *lesson_number(session.document()) + 1;
        if (next < std::ssize(lesson_guides())) open_lesson(session, next);
        return;
    }
    ++session.ui.lesson.step;
    play_to(session, *step_of(session));
}

void answer(Session& session, Index choice) {
    if (!at_question(session)) return;
    session.ui.lesson.answer = choice;
    play_to(session, *step_of(session));
}

}  // namespace gdn2::viewer
