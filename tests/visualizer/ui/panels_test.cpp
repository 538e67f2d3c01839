// Every panel in every state, small and large: whatever is drawn is where it can be seen.
#include "visualizer/panels/panels.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/visualizer/ui/documents.h"
#include "tests/visualizer/ui/drawn.h"
#include "tests/visualizer/ui/screen.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/memory.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// A second file, whose states are those of nothing.
ClaimFile wrong_states(const Session& session) {
    const Sizes& sizes = session.layer().sizes;
    Tensor<double> states({sizes.sequences, sizes.value_heads, sizes.key_dim, sizes.value_dim});
    ClaimFile file;
    file.path = "/somewhere/" + std::string(60, 'y') + "/states.npz";
    file.layers.push_back({"", Claim{{{"final_state", {states, io::DType::f32}}}}, {}, {}});
    return file;
}

/// What a screen can be in, beside what is open.
struct Situation {
    const char* name;
    void (*enter)(Screen&);
};

const Situation situations[] = {
    {"the start", [](Screen& s) { s.ui().cursor = first_cursor(); }},
    {"a write", [](Screen& s) { s.ui().cursor = {s.session.length() / 2, Phase::write, 1}; }},
    {"an erase-read on its way", [](Screen& s) { s.ui().cursor = {s.session.length() / 3, Phase::erase_read, 0.4}; }},
    {"the end, another rule", [](Screen& s) {
         s.ui().cursor = last_cursor(s.session.length());
         s.ui().mixer = Mixer::kda;
     }},
    {"comparing", [](Screen& s) { s.ui().compare = true; }},
    {"chunks", [](Screen& s) { s.ui().tab = Tab::chunk; }},
    {"gradients", [](Screen& s) {
         s.ui().tab = Tab::gradient;
         s.session.ask_numeric_gradient();
     }},
    {"differences", [](Screen& s) { s.ui().tab = Tab::difference; }},
    {"two files", [](Screen& s) {
         const Problem<double>& problem = s.session.layer().problem;
         ClaimFile file;
         file.path = "claim.npz";
         file.layers.push_back({"", Claim{{{"o", {problem.v, io::DType::f32}}}}, {}, {}});
         s.session.open_claim(std::move(file));
         s.ui().tab = Tab::difference;
         s.ui().show_error = true;
     }},
    {"what a file says of the state", [](Screen& s) {
         s.session.open_claim(wrong_states(s.session));
         s.ui().cursor = last_cursor(s.session.length());
         s.ui().show_error = s.ui().show_numbers = true;
     }},
    {"a spectrum", [](Screen& s) { s.ui().tab = Tab::spectrum; }},
    {"edits", [](Screen& s) {
         s.session.edits().make({Gate::b, 0, Edit::all_channels, 0.3});
         s.session.edits().make({Gate::g, 0, 0, -0.4});
         s.ui().gates = {true, true};
         s.ui().show_ghost = true;
     }},
    {"what changed, in logarithmic colours with numbers", [](Screen& s) {
         s.ui().show_change = s.ui().symlog = s.ui().show_numbers = true;
         s.ui().pinned = Cell{0, 0};
     }},
    {"help", [](Screen& s) { s.ui().show_help = true; }},
    {"the list of lessons", [](Screen& s) { s.ui().show_lessons = true; }},
    {"asking for a file", [](Screen& s) { s.press({.key = Key::o, .ctrl = true}); }},
    {"asking for a token that there is not", [](Screen& s) {
         s.press({.key = Key::f, .ctrl = true});
         s.frames(3);
         s.type(std::string(300, 'x'));
         s.press(Key::enter);
     }},
    {"asking for a film", [](Screen& s) { s.press({.key = Key::f12, .shift = true}); }},
    {"keyboard focus mode", [](Screen& s) {
         s.ui().keyboard_focus = true;
         s.press(Key::down);
         s.press(Key::right);
     }},
};

/// As it was when it was opened, without dialogs.
void leave(Screen& screen, const Document& document, ThemeName theme) {
    for (int i = 0; i < 3; ++i) screen.press(Key::escape);
    screen.session.close_claim();
    screen.session.ui = {};
    screen.session.ui.theme = theme;
    screen.session.ui.lesson.followed = false;
    screen.session.open(document);
    screen.frames(1);
}

void check_frame(Screen& screen, const std::string& where, std::set<std::string>& seen) {
    mark_missing_characters();
    screen.frames(2, 1.0 / 60);
    for (const std::string& fault : faults_of(screen.headless.draw_data()))
        if (seen.insert(where + fault).second) FAIL_CHECK(where << ": " << fault);
    const auto unit = static_cast<int>(screen.scale);
    const bool large_enough = screen.width >= 900 * unit && screen.height >= 600 * unit;
    for (const std::string& fault : text_faults_of(screen.headless.draw_data()))
        if (large_enough && seen.insert(where).second) FAIL_CHECK(where << ": " << fault);
}

void check_every_situation(int width, int height, float scale, ThemeName theme) {
    const AllowFpExceptions some_documents_hold_nan;
    Screen screen("gdn2:guide=off", width, height, scale);
    std::set<std::string> seen;
    for (const Document& document : all_documents())
        for (const Situation& situation : situations) {
            const std::string where = document.source.substr(0, 40) + ", " + situation.name;
            INFO(where);
            leave(screen, document, theme);
            situation.enter(screen);
            screen.session.clamp();
            check_frame(screen, where, seen);
        }
}

TEST_CASE("the toolbar has room for all it shows, from the smallest window on") {
    const std::pair<int, int> sizes[] = {{640, 480}, {700, 480}, {800, 500}, {900, 600}, {1100, 700}, {1600, 1000}};
    for (const auto& [width, height] : sizes)
        for (const int unit : {1, 2}) {
            Screen screen("gdn2:task=chunk_equals_recurrent;t=120;ph=2", unit * width, unit * height,
                          static_cast<float>(unit));
            const ImDrawData& drawn = screen.headless.draw_data();
            INFO(width << " x " << height << " at " << unit);
            for (int n = 0; n < drawn.CmdListsCount; ++n)
                if (drawn.CmdLists[n]->_OwnerName == std::string("##toolbar"))
                    for (const std::string& fault : text_faults_of(*drawn.CmdLists[n])) FAIL_CHECK(fault);
        }
}

#if IMGUI_VERSION_NUM < 19200  // later fonts have no glyphs to compare with
TEST_CASE("labels that do not fit their columns give way to numbers, a single long one is cut") {
    const auto ellipses_of = [](Document document) {
        Screen screen("gdn2:guide=off", 2560, 1600);
        screen.session.open(std::move(document));
        screen.frames(2);
        return count_of(screen.headless.draw_data(), "##timeline", 0x2026);
    };
    Document words = drawn("words.npz", {1, 60, 1, 1, 4, 4, 1});
    words.labels.assign(60, "it");
    CHECK(ellipses_of(words) == 0);
    words.labels[30] = "extraordinarily";
    CHECK(ellipses_of(words) == 1);
    for (std::string& label : words.labels) label = std::to_string(&label - words.labels.data()) + " extraordinary";
    CHECK(ellipses_of(words) == 0);
}
#endif

TEST_CASE("in a window that is too small no texts lie over each other") {
    const std::pair<int, int> sizes[] = {{320, 240}, {479, 600}, {900, 319}, {480, 320}};
    for (const auto& [width, height] : sizes) {
        INFO(width << " x " << height);
        Screen screen("gdn2:task=shared_context_keys;guide=off;t=4", width, height);
        const bool too_small = width < 480 || height < 320;
        CHECK((screen.headless.draw_data().CmdListsCount == 1) == too_small);
        for (const std::string& fault : text_faults_of(screen.headless.draw_data()))
            CHECK_MESSAGE(!too_small, fault);
    }
}

TEST_CASE("in a narrow window what every rule answers comes to the front, and fits") {
    for (const char* task : {"shared_context_keys", "decay", "chunk_equals_recurrent"}) {
        INFO(task);
        Screen screen("gdn2:guide=off;t=3;compare=on;task=" + std::string(task), 900, 600);
        screen.click({130, 171});
        REQUIRE(screen.viewer().memory().recall_in_front);
        screen.frames(2);
        for (const std::string& fault : text_faults_of(screen.headless.draw_data())) FAIL_CHECK(fault);
    }
}

TEST_CASE("in a narrow window a click leads to the answers, however many they are, and back to the lesson") {
    for (const char* task : {"shared_context_keys", "overwrite", "chunk_equals_recurrent"}) {
        INFO(task);
        Screen screen("gdn2:guide=off;t=3;task=" + std::string(task), 900, 600);
        const bool& answers = screen.viewer().memory().recall_in_front;
        screen.click({130, 171});
        CHECK(answers);
        screen.click({130, 191});
        CHECK_FALSE(answers);
    }
}

TEST_CASE("whatever the window's size, C leads to every matrix of a chunk") {
    const std::set<std::string> all{"T", "A", "E", "Y", "Z", "U", "S_0", "R", "Qg", "A_qk", "K_tail", "o"};
    const std::pair<int, int> sizes[] = {{900, 600}, {1280, 800}, {1700, 1100}};
    for (const auto& [width, height] : sizes)
        for (const int unit : {1, 2}) {
            INFO(width << " x " << height << " at " << unit);
            Screen screen("gdn2:task=chunk_equals_recurrent;guide=off;t=70;tab=chunk", unit * width, unit * height,
                          static_cast<float>(unit));
            std::set<std::string> seen;
            for (int page = 0; page < 4; ++page) {
                const auto look = [&seen](const Number& number) {
                    seen.insert(number.tensor);
                    return false;
                };
                screen.find(look, 17 * static_cast<float>(unit));
                screen.press(Key::c);
                screen.frames(1);
            }
            for (const std::string& symbol : all) CHECK_MESSAGE(seen.count(symbol) == 1, symbol);
        }
}

TEST_CASE("at 900 x 600 the matrices that lesson 6 names are on the page that shows") {
    Screen screen("gdn2:task=chunk_equals_recurrent", 900, 600);
    const std::vector<LessonStep>& steps = lesson_guides()[5].steps;
    for (Index step = 0; step < std::ssize(steps); ++step) {
        go_to_step(screen.session, step);
        const std::vector<std::string>& names = steps[static_cast<std::size_t>(step)].names;
        if (names.empty()) continue;
        INFO(names.front());
        CHECK(screen.find([&](const Number& number) { return number.tensor == names.front(); }));
    }
}

TEST_CASE("at 900 x 600 a lesson's last line is in sight, whatever its length, until somebody scrolls") {
    for (Index lesson = 0; lesson < std::ssize(lesson_guides()); ++lesson) {
        const LessonGuide& guide = lesson_guides()[static_cast<std::size_t>(lesson)];
        Screen screen("gdn2:task=" + guide.scenario, 900, 600);
        const LeftColumn& column = screen.viewer().memory().left_column;
        const auto last_line_is_in_sight = [&] {
            screen.frames(4, 1);
            const float visible = column.height - column.last_scroll;
            CHECK(column.lesson_end - column.scroll <= visible + 1);
        };
        for (Index step = 0; step <= std::ssize(guide.steps); ++step) {
            INFO(guide.scenario << " " << step);
            go_to_step(screen.session, step);
            last_line_is_in_sight();
        }
        answer(screen.session, 0);
        screen.frames(200, 0.1);
        INFO(guide.scenario << ", answered");
        last_line_is_in_sight();
    }
}

TEST_CASE("every panel draws what can be seen at 900 x 600 in the dark theme") {
    check_every_situation(900, 600, 1, ThemeName::dark);
}
TEST_CASE("every panel draws what can be seen at 900 x 600 and twice the size") {
    check_every_situation(900, 600, 2, ThemeName::print);
}
TEST_CASE("every panel draws what can be seen at 1600 x 1000 in the light theme") {
    check_every_situation(1600, 1000, 1, ThemeName::light);
}
TEST_CASE("every panel draws what can be seen at 1600 x 1000 and twice the size") {
    check_every_situation(1600, 1000, 2, ThemeName::dark);
}
TEST_CASE("every panel draws what can be seen at 2560 x 1600 in the print theme") {
    check_every_situation(2560, 1600, 1, ThemeName::print);
}
TEST_CASE("every panel draws what can be seen at 2560 x 1600 and twice the size") {
    check_every_situation(2560, 1600, 2, ThemeName::light);
}

}  // namespace
}  // namespace gdn2::test
