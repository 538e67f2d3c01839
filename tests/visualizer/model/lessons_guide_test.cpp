// Going through the lessons: a few sentences, a key, motion, the next place, and a question that waits.
#include "visualizer/model/lessons_guide.h"

#include <doctest/doctest.h>

#include "visualizer/model/actions.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Lets everything come to rest.
void settle(Session& session) {
    for (int frame = 0; frame < 1000 && session.tick(0.05); ++frame) {
    }
}

TEST_CASE("there are six lessons, the first six scenarios in their order") {
    REQUIRE(lesson_guides().size() == 6);
    for (std::size_t i = 0; i < 6; ++i) CHECK(lesson_guides()[i].scenario == scenarios()[i].name);
}

TEST_CASE("every lesson begins before its first token, stands at rest and inside its run, and asks what is right") {
    for (const LessonGuide& guide : lesson_guides()) {
        const Index length = head_of(scenario(guide.scenario).problem, 0, 0).length();
        std::vector<LessonStep> all = guide.steps;
        CHECK(all.front().where == first_cursor());
        all.push_back(guide.question.asked);
        all.push_back(guide.question.shown);
        for (const LessonStep& step : all) {
            CHECK(step.where.token < length);
            CHECK((step.where.fraction == 1 || step.where == first_cursor()));
            CHECK(step.text.size() > 20);
            CHECK(step.text.size() <= 340);
        }
        CHECK(guide.question.choices.size() >= 3);
        CHECK(guide.question.choices.size() <= 4);
        CHECK(guide.question.right < std::ssize(guide.question.choices));
    }
}

TEST_CASE("Space alone goes through every step of every lesson, moving, and waits for an answer") {
    Session session;
    for (const LessonGuide& guide : lesson_guides()) {
        INFO(guide.scenario);
        REQUIRE(guide_of(session) == &guide);
        for (std::size_t i = 0; i < guide.steps.size(); ++i) {
            CHECK(step_of(session) == &guide.steps[i]);
            CHECK(session.ui.cursor == guide.steps[i].where);
            CHECK(session.track().o() == session.track(guide.steps[i].mixer).o());
            CHECK(hint_of(session) == "Space: go on");
            apply(Action::play_pause, session);
            settle(session);
        }
        CHECK(at_question(session));
        CHECK(step_of(session) == &guide.question.asked);
        CHECK(session.ui.cursor == guide.question.asked.where);
        apply(Action::play_pause, session);
        CHECK(at_question(session));
        apply(Action::phase_2, session);
        settle(session);
        CHECK(session.ui.lesson.answer == 1);
        CHECK(step_of(session) == &guide.question.shown);
        CHECK(session.ui.cursor == guide.question.shown.where);
        CHECK(session.edits().edits() == guide.question.shown.edits);
        if (&guide != &lesson_guides().back()) CHECK(hint_of(session) == "Space: the next lesson");
        apply(Action::play_pause, session);
    }
    CHECK(hint_of(session) == "F2: choose a lesson");
}

TEST_CASE("a lesson takes less than a minute of motion, and no step more than seven seconds") {
    Session session;
    for (std::size_t lesson = 0; lesson < lesson_guides().size(); ++lesson) {
        double total = 0;
        for (std::size_t step = 0; step <= lesson_guides()[lesson].steps.size(); ++step) {
            double seconds = 0;
            apply(Action::play_pause, session);
            if (at_question(session) && !session.ui.playing) answer(session, 0);
            while (session.tick(0.05)) seconds += 0.05;
            CHECK(seconds < 7);
            total += seconds;
        }
        CHECK(total < 60);
        while (lesson_number(session.document()) == static_cast<Index>(lesson) && lesson < 5) {
            if (at_question(session)) answer(session, 0);
            settle(session);
            apply(Action::play_pause, session);
        }
    }
}

TEST_CASE("a pause on the way goes on to the same place, and a step away goes on to the next") {
    Session session;
    open_lesson(session, 1);
    continue_lesson(session);
    const Cursor where = lesson_guides()[1].steps[1].where;
    CHECK(session.ui.stop_at == where);
    session.tick(0.1);
    apply(Action::play_pause, session);
    CHECK_FALSE(session.ui.playing);
    apply(Action::play_pause, session);
    settle(session);
    CHECK(session.ui.cursor == where);
    CHECK(session.ui.lesson.step == 1);
    apply(Action::first_token, session);
    apply(Action::play_pause, session);
    settle(session);
    CHECK(session.ui.lesson.step == 2);
    CHECK(session.ui.cursor == lesson_guides()[1].steps[2].where);
}

TEST_CASE("what a reader changed is taken back where the text needs it") {
    Session session;
    open_lesson(session, 2);
    session.edits().make({Gate::b, 2, 0, 0});
    session.ui.gates.tie = true;
    session.ui.mixer = Mixer::linear_attention;
    session.ui.chunk_page = 1;
    continue_lesson(session);
    CHECK(session.ui.chunk_page == 0);
    CHECK(session.edits().edits().empty());
    CHECK(session.ui.gates == GateOptions{});
    CHECK(session.ui.mixer == Mixer::gdn2);
}

TEST_CASE("steps back and forth stand at once, and a step back from an answer asks again") {
    Session session;
    open_lesson(session, 3);
    for (int i = 0; i < 50; ++i) apply(Action::next_step, session);
    CHECK(at_question(session));
    answer(session, 2);
    apply(Action::previous_step, session);
    CHECK_FALSE(session.ui.lesson.answer);
    CHECK(step_of(session) == &lesson_guides()[3].steps.back());
    CHECK(session.ui.cursor == lesson_guides()[3].steps.back().where);
    CHECK_FALSE(session.ui.playing);
    for (int i = 0; i < 50; ++i) apply(Action::previous_step, session);
    CHECK(session.ui.lesson.step == 0);
}

TEST_CASE("a number that is no choice answers nothing, and without a question it is a phase") {
    Session session;
    open_lesson(session, 0);
    apply(Action::phase_3, session);
    CHECK(session.ui.cursor == Cursor{0, Phase::residual, 1});
    for (int i = 0; i < 9; ++i) apply(Action::next_step, session);
    apply(Action::phase_5, session);
    CHECK(at_question(session));
    CHECK(hint_of(session) == "Your guess: 1 to 3");
}

TEST_CASE("lessons follow each other and stop at the ends") {
    Session session;
    session.open("killer");
    CHECK(guide_of(session) == nullptr);
    CHECK(step_of(session) == nullptr);
    CHECK(hint_of(session).empty());
    continue_lesson(session);
    CHECK_FALSE(session.ui.playing);
    apply(Action::next_lesson, session);
    CHECK(lesson_number(session.document()) == 0);
    apply(Action::next_lesson, session);
    CHECK(lesson_number(session.document()) == 1);
    CHECK(session.ui.mixer == Mixer::linear_attention);
    for (int i = 0; i < 9; ++i) apply(Action::next_lesson, session);
    CHECK(lesson_number(session.document()) == 5);
    for (int i = 0; i < 9; ++i) apply(Action::previous_lesson, session);
    CHECK(lesson_number(session.document()) == 0);
}

TEST_CASE("a lesson that is not followed plays like any other problem, and is taken up again where it was left") {
    Session session;
    open_lesson(session, 1);
    apply(Action::next_step, session);
    apply(Action::follow_lesson, session);
    CHECK(guide_of(session) == nullptr);
    apply(Action::first_token, session);
    apply(Action::play_pause, session);
    settle(session);
    CHECK(session.ui.cursor == last_cursor(session.length()));
    apply(Action::follow_lesson, session);
    CHECK(session.ui.lesson.step == 1);
    CHECK(session.ui.cursor == lesson_guides()[1].steps[1].where);
}

}  // namespace
}  // namespace gdn2::test
