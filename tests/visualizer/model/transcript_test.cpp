// A run as text: everything that the picture shows, in numbers that are the run's.
#include "visualizer/model/transcript.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "tests/support/random_problem.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// The numbers behind a name, until the next name.
std::vector<double> numbers_of(const std::string& text, const std::string& name) {
    const std::string start = "\n    " + name + " ";
    const std::size_t at = text.find(start);
    REQUIRE(at != std::string::npos);
    std::istringstream words(text.substr(at + start.size()));
    std::vector<double> numbers;
    for (double number = 0; words >> number;) numbers.push_back(number);
    return numbers;
}

bool same_to_6_digits(const std::vector<double>& said, const Vector<double>& x) {
    if (static_cast<Index>(said.size()) != x.size()) return false;
    for (Index i = 0; i < x.size(); ++i)
        if (!(std::abs(said[static_cast<std::size_t>(i)] - x[i]) <= 1e-5 * std::abs(x[i]))) return false;
    return true;
}

Document drawn(Index key_dim, Index value_dim) {
    Document document;
    const Problem<double> problem =
        draw_problem({{1, 4, 1, 1, key_dim, value_dim, 1}, Decay::slow, 1, false, true, true, {}, 5});
    document.title = "a file\nin two lines";
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    document.labels = {"a", "b\x07", "c", "d"};
    return document;
}

TEST_CASE("a step is told with its place, its phase, what was chosen and the picture's numbers") {
    Session session;
    session.open(drawn(5, 3));
    session.ui.cursor = {2, Phase::residual, 0.5};
    session.ui.mixer = Mixer::kda;
    session.edits().make({Gate::b, 2, 1, 0.25});
    const std::string text = transcript(session);
    CHECK(says(text, "a file\\x0ain two lines\n"));
    CHECK(says(text, "  rule: KDA (one gate per token: the mean of b and w)\n"));
    CHECK(says(text, "  layer 0, sequence 0, head 0; 4 tokens, S is 5 x 3\n"));
    CHECK(says(text, "  edited: b of token 2, channel 1 = 0.25\n"));
    CHECK(says(text, "\nToken 2 of 0 to 3: c\n  phase 3, residual: z = w * v,  u = z - r\n    Token 2 (c) wants z"));
    const TokenFrame x = session.track().frame(2);
    const std::pair<const char*, Vector<double>> vectors[] = {
        {"alpha", x.alpha}, {"b", x.b},       {"k", x.k}, {"e = b*k", x.e}, {"q", x.q}, {"v", x.v},
        {"w", x.w},         {"z = w*v", x.z}, {"r", x.r}, {"u = z-r", x.u}, {"o", x.o}};
    for (const auto& [name, values] : vectors) {
        INFO(name);
        CHECK(same_to_6_digits(numbers_of(text, name), values));
    }
    for (Index i = 0; i < 5; ++i)
        CHECK(same_to_6_digits(numbers_of(text, "row " + std::to_string(i)), x.S_decayed.row(i)));
    session.ui.cursor.fraction = 1;
    CHECK(says(transcript(session), text.substr(text.find("\nToken 2"))));
}

TEST_CASE("what is long is cut, and what was cut is counted") {
    Session session;
    session.open(drawn(128, 40));
    session.ui.cursor = {1, Phase::write, 1};
    const std::string text = transcript(session);
    CHECK(says(text, "  ... 112 more\n"));
    CHECK(says(text, "  ... 24 more\n"));
    CHECK(says(text, "    ... 112 more rows\n"));
    CHECK(numbers_of(text, "k").size() == 16);
    CHECK(numbers_of(transcript(session, {128, 128}), "k").size() == 128);
    CHECK_FALSE(says(transcript(session, {128, 128}), "more"));
}

TEST_CASE("recall is told for the rule in view, or for all where they are compared") {
    Session session;
    session.open("erase_and_write_alone");
    session.ui.lesson.followed = false;
    session.ui.cursor = {3, Phase::write, 1};
    session.ui.mixer = Mixer::kda;
    const std::string one = transcript(session);
    CHECK(says(one, "A         should be none  wrong 3|6 (cosine 0.707, strength 0.707)\n"));
    CHECK(says(one, "B         should be 5+2   right 5+2 (cosine 1, strength 0.707)\n"));
    CHECK_FALSE(says(one, "GDN-2"));
    session.ui.compare = true;
    const std::string all = transcript(session);
    for (const Rule& rule : all_rules()) CHECK(says(all, name_of(rule) + " "));
    CHECK(says(all, "A         should be none  GDN-2                   right none (cosine 0, strength 0)\n"));
}

TEST_CASE("before the first token there is the state that was handed in, and a lesson's text") {
    Session session;
    const std::string text = transcript(session);
    CHECK(says(text, lesson_guides()[0].steps[0].text));
    CHECK(says(text, "\nBefore token 0, A=3: S is\n    row 0     0 "));
    go_to_step(session, 99);
    CHECK(says(transcript(session), "  1. 3\n  2. 5\n"));
}

TEST_CASE("a run is all of its tokens with all of their phases, the same however far one has looked") {
    for (const Scenario& each : scenarios()) {
        Session session;
        session.open(each.name);
        const std::string text = transcript_of_run(session);
        for (Index t = 0; t < session.length(); ++t)
            CHECK(says(text, "\nToken " + std::to_string(t) + " of 0 to " + std::to_string(session.length() - 1) +
                                 ": " + session.label(t) + "\n  phase 1, decay"));
        std::size_t phases = 0;
        for (std::size_t at = 0; (at = text.find("\n  phase ", at)) != std::string::npos; ++at) ++phases;
        CHECK(phases == static_cast<std::size_t>(session.length() * phase_count));
        const auto plain = [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); };
        const bool ascii = std::all_of(text.begin(), text.end(), plain);
        CHECK(ascii);
        session.track().S(session.length() / 2);
        CHECK(transcript_of_run(session) == text);
    }
}

TEST_CASE("the answers of a run are the score's") {
    Session session;
    session.open("shared_context_keys");
    session.ui.mixer = Mixer::linear_attention;
    const std::string text = transcript_of_run(session);
    std::size_t right = 0;
    for (std::size_t at = 0; (at = text.find(" right ", at)) != std::string::npos; ++at) ++right;
    CHECK(right == static_cast<std::size_t>(recall_along(session, Mixer::linear_attention).all_right));
}

}  // namespace
}  // namespace gdn2::test
