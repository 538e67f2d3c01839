// The table of keys, and what every action does to a session: never anything that is not there.
#include "visualizer/model/actions.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <set>
#include <vector>

#include "reference/core/random.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/lessons_guide.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

std::vector<Action> all_actions() {
    std::vector<Action> all;
    for (int i = 0; i < action_count; ++i) all.push_back(static_cast<Action>(i));
    return all;
}

/// Two layers, two sequences of different lengths, four heads on two.
Document many() {
    Document document;
    for (const std::uint64_t seed : {1u, 2u}) {
        const Problem<double> problem =
            draw_problem({{1, 9, 2, 4, 3, 5, 2}, Decay::slow, 1, false, true, true, {0, 3, 9}, seed});
        document.layers.push_back({"layer", problem, validate_shapes(problem), {}, {}});
    }
    for (int t = 0; t < 9; ++t) document.labels.push_back(std::to_string(t));
    return document;
}

bool valid(const Session& session) {
    const UiState& ui = session.ui;
    const auto inside = [](Index value, Index count) { return 0 <= value && value < count; };
    const bool place = inside(ui.layer, static_cast<Index>(session.document().layers.size())) &&
                       inside(ui.sequence, session.layer().sizes.sequences) &&
                       inside(ui.head, session.layer().sizes.value_heads) &&
                       inside(ui.cursor.token, session.length()) && 0 <= ui.cursor.fraction &&
                       ui.cursor.fraction <= 1 && name_of(ui.cursor.phase) != nullptr;
    const bool pin = !ui.pinned || (inside(ui.pinned->row, session.track().key_dim()) &&
                                    inside(ui.pinned->col, session.track().value_dim()));
    const bool numbers = ui.speed >= 0.1 && ui.speed <= 16 && ui.ui_scale >= 0.75 && ui.ui_scale <= 2.5 &&
                         ui.manual_scale > 0 && std::isfinite(ui.manual_scale) && session.scale() > 0;
    const LessonGuide* guide = guide_of(session);
    const bool lesson = !guide || (inside(ui.lesson.step, std::ssize(guide->steps) + 1) && step_of(session));
    return place && pin && numbers && lesson && inside(static_cast<int>(ui.tab), tab_count);
}

TEST_CASE("the page of the viewer shows the table of keys as it is") {
    std::ifstream file(GDN2_SOURCE_DIR "/docs/viewer.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    CHECK(page.find(keyboard_table()) != std::string::npos);
}

TEST_CASE("no two bindings ask for the same keys, and every action has one") {
    std::set<std::string> chords, names;
    std::set<Action> bound;
    for (const Binding& each : bindings()) {
        CHECK(chords.insert(text_of(each.chord)).second);
        bound.insert(each.action);
        CHECK(action_of(each.chord, false) == each.action);
    }
    for (const Action action : all_actions()) CHECK(bound.count(action) == 1);
    CHECK_FALSE(action_of({Key::w, true, true, true}, false));
}

TEST_CASE("every action's first binding is found") {
    for (int i = 0; i < action_count; ++i) {
        const Binding* binding = binding_of(static_cast<Action>(i));
        REQUIRE(binding);
        CHECK(binding->action == static_cast<Action>(i));
    }
    CHECK(binding_of(Action::play_pause)->chord == Chord{Key::space});
}

TEST_CASE("while the list of lessons shows, numbers open lessons, and otherwise they do not") {
    Session session;
    const Action numbers[] = {Action::phase_1, Action::phase_2, Action::phase_3,
                              Action::phase_4, Action::phase_5, Action::lesson_6};
    for (Index i = 5; i >= 0; --i) {
        apply(Action::lessons, session);
        apply(numbers[i], session);
        CHECK(lesson_number(session.document()) == i);
        CHECK_FALSE(session.ui.show_lessons);
    }
    apply(Action::lesson_6, session);
    CHECK(lesson_number(session.document()) == 0);
    apply(Action::phase_3, session);
    CHECK(session.ui.cursor == Cursor{0, Phase::residual, 1});
}

TEST_CASE("keyboard focus mode keeps the keys that move through no buttons") {
    std::string transport;
    for (const Binding& each : bindings()) {
        CHECK(action_of(each.chord, true).has_value() == kept_in_focus(each));
        if (kept_in_focus(each) && std::string(each.group) == "Time") transport += text_of(each.chord) + " ";
    }
    CHECK(transport == "K . , L J 1 2 3 4 5 Ctrl+F { } [ ] ");
    for (const Key key : {Key::space, Key::tab, Key::enter, Key::escape, Key::left, Key::up, Key::home, Key::page_up})
        for (const bool shift : {false, true}) CHECK_FALSE(action_of({key, shift}, true));
    CHECK(action_of({Key::f6}, true) == Action::keyboard_focus);  // the way out
}

TEST_CASE("keys are written as they stand on a keyboard") {
    CHECK(text_of({Key::right, true}) == "Shift+Right");
    CHECK(text_of({Key::c, true, true}) == "Ctrl+Shift+C");
    CHECK(text_of({Key::slash, true}) == "?");
    CHECK(text_of({Key::equal, false, true}) == "Ctrl++");
    CHECK(text_of({Key::f12}) == "F12");
    CHECK(text_of({Key::digit_5}) == "5");
}

TEST_CASE("the keyboard table has one line for each action and names all its keys") {
    const std::string text = keyboard_table();
    CHECK(text.find("| `Space` `K` | play or pause; in a lesson, go on |\n") != std::string::npos);
    CHECK(text.find("### Share\n\n| Keys | What |\n|---|---|\n") != std::string::npos);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    CHECK(lines == action_count + 8 * 4 + 7);  // a headline, a blank line, the table's head of two; blanks between
    for (const Binding& each : bindings()) CHECK(text.find("`" + text_of(each.chord) + "`") != std::string::npos);
}

TEST_CASE("thousands of actions in any order never leave what there is") {
    std::vector<Document> documents{many()};
    for (const Scenario& each : scenarios()) documents.push_back(open_scenario(each.name));
    Random random(35);
    for (const Document& document : documents) {
        Session session;
        session.open(document);
        for (int i = 0; i < 2000; ++i) {
            const auto action = static_cast<Action>(random.integer(0, action_count - 1));
            apply(action, session);
            if (i % 50 == 0) session.edits().make({Gate::b, random.integer(0, 9), 0, random.uniform()});
            session.tick(random.uniform(0, 0.3));
            INFO(session.document().source << " action " << static_cast<int>(action));
            REQUIRE(valid(session));
        }
    }
}

TEST_CASE("what is the window's changes nothing") {
    const std::set<Action> window{Action::open,       Action::reload,      Action::quit, Action::find_token,
                                  Action::copy_state, Action::paste_state, Action::copy_transcript,
                                  Action::screenshot, Action::export_film};
    for (const Action action : all_actions()) {
        Session session;
        session.open("overwrite");
        session.ui.cursor = {1, Phase::write, 1};
        const UiState before = session.ui;
        CHECK(apply(action, session) == (window.count(action) == 0));
        if (window.count(action) == 1) CHECK(session.ui == before);
    }
}

TEST_CASE("an action and its opposite bring back what was") {
    Session session;
    session.open(many());
    apply(Action::next_sequence, session);
    session.ui.cursor = {2, Phase::read_out, 1};
    const std::pair<Action, Action> pairs[] = {
        {Action::next_token, Action::previous_token}, {Action::next_tab, Action::previous_tab},
        {Action::next_mixer, Action::previous_mixer}, {Action::next_head, Action::previous_head},
        {Action::next_layer, Action::previous_layer}, {Action::faster, Action::slower},
        {Action::ui_larger, Action::ui_smaller},      {Action::compare, Action::compare},
        {Action::tie, Action::tie},                   {Action::symlog, Action::symlog},
        {Action::pin, Action::pin},                   {Action::help, Action::dismiss},
        {Action::lessons, Action::dismiss},           {Action::show_error, Action::show_error}};
    for (const auto& [there, back] : pairs) {
        const UiState before = session.ui;
        apply(there, session);
        CHECK_FALSE(session.ui == before);
        apply(back, session);
        CHECK(session.ui == before);
    }
}

TEST_CASE("a step begins the next phase, moves to its end and stands, and a second step does not wait") {
    Session session;
    session.open("overwrite");
    apply(Action::next_phase, session);
    CHECK(session.ui.cursor == Cursor{0, Phase::decay, just_begun});
    CHECK(session.tick(0.1));
    session.tick(10);
    CHECK(session.ui.cursor == Cursor{0, Phase::decay, 1});
    for (int i = 0; i < 3; ++i) apply(Action::next_phase, session);
    session.tick(10);
    CHECK(session.ui.cursor == Cursor{0, Phase::write, 1});
    session.ui.reduce_motion = true;
    apply(Action::next_phase, session);
    CHECK(session.ui.cursor == Cursor{0, Phase::read_out, 1});
    apply(Action::next_phase, session);
    apply(Action::previous_phase, session);
    CHECK(session.ui.cursor == Cursor{0, Phase::read_out, 1});
}

TEST_CASE("steps of a chunk reach its ends, and those of the run") {
    Session session;
    session.open("chunk_equals_recurrent");
    apply(Action::next_chunk, session);
    CHECK(session.ui.cursor == Cursor{64, Phase::read_out, 1});
    apply(Action::chunk_last, session);
    CHECK(session.ui.cursor.token == 127);
    apply(Action::next_chunk, session);
    CHECK(session.ui.cursor.token == 159);
    apply(Action::chunk_first, session);
    CHECK(session.ui.cursor.token == 128);
    apply(Action::first_token, session);
    CHECK(session.ui.cursor == first_cursor());
    apply(Action::last_token, session);
    CHECK(session.ui.cursor == last_cursor(160));
}

TEST_CASE("playing from the end begins again, and a step stops it") {
    Session session;
    session.open("killer");
    apply(Action::last_token, session);
    apply(Action::play_pause, session);
    CHECK(session.ui.playing);
    CHECK(session.ui.cursor == first_cursor());
    apply(Action::next_token, session);
    CHECK_FALSE(session.ui.playing);
}

TEST_CASE("speeds and sizes go through their steps and stop at the ends") {
    Session session;
    for (const double speed : {2.0, 4.0, 8.0, 16.0, 16.0}) {
        apply(Action::faster, session);
        CHECK(session.ui.speed == speed);
    }
    for (int i = 0; i < 9; ++i) apply(Action::slower, session);
    CHECK(session.ui.speed == 0.1);
    for (int i = 0; i < 9; ++i) apply(Action::ui_larger, session);
    CHECK(session.ui.ui_scale == 2.5);
    apply(Action::ui_normal, session);
    apply(Action::ui_smaller, session);
    CHECK(session.ui.ui_scale == 0.75);
}

TEST_CASE("a pin goes to the largest cell, moves by cells and stops at the edge") {
    Session session;
    session.open("two_keys_collide");
    session.ui.cursor = last_cursor(3);
    apply(Action::pin, session);
    REQUIRE(session.ui.pinned);
    const Matrix<double> S = session.track().S(2);
    CHECK(std::abs(S(session.ui.pinned->row, session.ui.pinned->col)) == S.cwiseAbs().maxCoeff());
    for (int i = 0; i < 20; ++i) apply(Action::pin_right, session);
    for (int i = 0; i < 20; ++i) apply(Action::pin_up, session);
    CHECK(*session.ui.pinned == Cell{0, S.cols() - 1});
    apply(Action::dismiss, session);
    CHECK_FALSE(session.ui.pinned);
}

TEST_CASE("the colour scale that becomes one by hand begins where it was") {
    Session session;
    session.open("decay");
    session.ui.cursor = last_cursor(session.length());
    const double locked = session.scale();
    apply(Action::scale_larger, session);
    CHECK(session.ui.scale_mode == ScaleMode::manual);
    CHECK(session.scale() == doctest::Approx(locked * std::sqrt(2.0)));
    apply(Action::scale_mode, session);
    CHECK(session.scale() == locked);
    for (int i = 0; i < 500; ++i) apply(Action::scale_smaller, session);
    CHECK(session.scale() == smallest_scale);
}

}  // namespace
}  // namespace gdn2::test
