// A reader of the lessons who checks every number: those of a text, in their order, are held to facts that a test
// computes from the run that the text stands beside.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>

#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"

namespace gdn2::test {

/// A number as it must be said: exactly, or to the digits that the text gives.
struct Fact {
    double value;
    bool rounded = false;
    Fact(double exact) : value(exact) {}
    Fact(double number, bool to_digits) : value(number), rounded(to_digits) {}
};
inline Fact about(double value) { return {value, true}; }
using Facts = std::vector<Fact>;

/// "2.83", "1e-13" of a text, but not the digits of names.
inline std::vector<std::string> numbers_in(const std::string& text) {
    const std::string plain = std::regex_replace(text, std::regex("GDN-2|S_0"), "");
    const std::regex number("[0-9]+(\\.[0-9]+)?(e-[0-9]+)?");
    return {std::sregex_token_iterator(plain.begin(), plain.end(), number), {}};
}

inline bool says(const std::string& written, const Fact& fact) {
    const std::size_t dot = written.find('.');
    const double unit = dot == std::string::npos ? 1 : std::pow(10.0, -static_cast<double>(written.size() - dot - 1));
    const double off = std::abs(std::strtod(written.c_str(), nullptr) - fact.value);
    return off <= (fact.rounded ? unit / 2 : 1e-12 * std::abs(fact.value));
}

inline void check_text(const std::string& text, const Facts& facts) {
    INFO(text);
    const std::vector<std::string> numbers = numbers_in(text);
    REQUIRE(numbers.size() == facts.size());
    for (std::size_t i = 0; i < facts.size(); ++i) {
        INFO(numbers[i] << " should be " << facts[i].value);
        CHECK(says(numbers[i], facts[i]));
    }
}

/// A lesson as its reader sees it.
struct Reader {
    viewer::Session session;
    const viewer::LessonGuide& guide;
    std::size_t texts_checked = 0;

    explicit Reader(Index lesson) : guide(viewer::lesson_guides()[static_cast<std::size_t>(lesson)]) {
        viewer::open_lesson(session, lesson);
    }
    /// None was left out: every step, the question asked, the question shown.
    ~Reader() { CHECK(texts_checked == guide.steps.size() + 2); }
    void at(Index step) { viewer::go_to_step(session, step); }
    void ask() { viewer::go_to_step(session, std::ssize(guide.steps)); }
    /// Answers what is right, which must be `choice`, and goes to where that shows.
    void show(const std::string& choice) {
        CHECK(guide.question.choices.at(static_cast<std::size_t>(guide.question.right)) == choice);
        viewer::answer(session, guide.question.right);
        while (session.tick(0.1)) {
        }
    }
    /// The numbers of the text that stands there now.
    void says(const Facts& facts) {
        check_text(viewer::step_of(session)->text, facts);
        ++texts_checked;
    }

    viewer::TokenFrame frame() const { return session.track().frame(session.ui.cursor.token); }
    /// The picture's answers under the rule in view.
    viewer::RecallCell cell(const std::string& key) const {
        const std::vector<viewer::RecallRow> rows = viewer::recall_table(session, {session.ui.mixer}).rows;
        const auto of_key = [&](const viewer::RecallRow& row) { return row.key == key; };
        return std::find_if(rows.begin(), rows.end(), of_key)->cells.front();
    }
    Vector<double> value(Index row) const { return session.document().recall->values.row(row).transpose(); }
    /// The value in a token's label: 3 of "A=3".
    double digit(Index token) const { return session.label(token).back() - '0'; }
    /// Equal but for rounding.
    static bool is(const Vector<double>& x, const Vector<double>& expected) { return (x - expected).norm() <= 1e-12; }
};

}  // namespace gdn2::test
