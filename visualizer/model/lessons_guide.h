// The six lessons as a guide through them: at each place a few sentences, then a key, then motion; at the end a
// question whose answer the picture shows. The texts are in lessons_text.cpp.
//   tests  tests/visualizer/model/lessons_guide_test.cpp; tests/visualizer/model/lessons_text_test.cpp (that
//          every number said is so)
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "visualizer/model/session.h"

namespace gdn2::viewer {

/// What is said at a place, and what is looked at there.
struct LessonStep {
    Cursor where;
    std::string text;
    Mixer mixer = Mixer::gdn2;
    Tab tab = Tab::state;
    bool compare = false;
    std::vector<Edit> edits = {};  ///< made in front of the reader, instead of any others
    std::vector<std::string> names = {};  ///< matrices of the Chunk tab that the text is about, by their symbols
    bool hides_answers = false;           ///< the table of answers would give the question's away
};

/// Asked at one place; the answer shows, and is explained, at another.
struct LessonQuestion {
    LessonStep asked;
    std::vector<std::string> choices;
    Index right = 0;  ///< of the choices
    LessonStep shown;
};

/// One lesson. Its first step is at the very beginning.
struct LessonGuide {
    std::string scenario;  ///< its name
    std::vector<LessonStep> steps;
    LessonQuestion question;
};

/// In order; always the same.
const std::vector<LessonGuide>& lesson_guides();

/// Which of them a document is; nothing where it is something else.
std::optional<Index> lesson_number(const Document& document);
/// Its guide; null where no lesson is open or the lesson is not followed.
const LessonGuide* guide_of(const Session& session);
/// The step that stands where `ui` does, under the same rule, on the same tab and with these edits; nothing where none
/// does, or the document is no lesson.
std::optional<Index> standing_step(const Document& document, const UiState& ui, const std::vector<Edit>& edits);
/// The step to read: one of the guide's, or its question asked or shown; null without a guide. While ui.stop_at is set
/// the picture is on its way there.
const LessonStep* step_of(const Session& session);
/// Whether the question waits for an answer.
bool at_question(const Session& session);
/// Whether the table of answers must wait for the guess.
bool answers_wait(const Session& session);
/// What to press now: "Space: go on". Empty without a guide.
std::string hint_of(const Session& session);

/// Opens lesson `number`, kept inside what there is, followed and at its beginning.
void open_lesson(Session& session, Index number);
/// Takes up the lesson that is open at its beginning; does nothing where none is.
void begin_lesson(Session& session);
/// Stands at a step at once, kept inside what there is; an answer is forgotten. Nothing without a guide.
void go_to_step(Session& session, Index step);
/// Plays to the next step, at most its last tokens; after the answer opens the next lesson. A question waits.
void continue_lesson(Session& session);
/// Takes the choice and plays to where the answer shows. Nothing unless at_question().
void answer(Session& session, Index choice);

}  // namespace gdn2::viewer
