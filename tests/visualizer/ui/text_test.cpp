// Every character of every text that the program can show is in the embedded fonts.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>
#include <set>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/visualizer/ui/screen.h"
#include "visualizer/draw/plot.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/number.h"
#include "visualizer/model/picture.h"
#include "visualizer/model/transcript.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Asks a font for characters: that of texts, or the one of numbers in cells.
struct FontOracle {
    Screen screen;
    int font = 0;
    std::set<unsigned> asked;
    std::string missing;  ///< code points

    void character(unsigned c) {
        const ImFont& asked_of = *ImGui::GetIO().Fonts->Fonts[font];
        if (asked.insert(c).second && c >= 32 && !compat::has_glyph(asked_of, c)) missing += std::to_string(c) + " ";
    }
    void text(const std::string& text) {
        for (std::size_t i = 0; i < text.size();) {
            const auto lead = static_cast<unsigned char>(text[i]);
            const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            unsigned c = length == 1 ? lead : lead & (0xffu >> (length + 1));
            for (std::size_t k = 1; k < length; ++k) c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3f);
            character(c);
            i += length;
        }
    }
    void shown(const std::string& text_of_the_model) {
        text(pretty(text_of_the_model));
        text(pretty_numbers(text_of_the_model));
    }
};

TEST_CASE("a character that no font has is found missing") {
    FontOracle fonts;
    fonts.text("abc \u03b1 \u2299");
    CHECK(fonts.missing == "");
    CHECK(fonts.asked.count(0x2299) == 1);
    fonts.text("\u6f22");
    CHECK(fonts.missing == std::to_string(0x6f22) + " ");
    CHECK(is_drawn_whole("abc \u03b1 \u2299"));
    CHECK_FALSE(is_drawn_whole("abc \u6f22"));
}

TEST_CASE("the fonts have what lessons, help, formulas and names need") {
    FontOracle fonts;
    for (const LessonGuide& guide : lesson_guides()) {
        for (const LessonStep& step : guide.steps) fonts.shown(step.text);
        fonts.shown(guide.question.asked.text + guide.question.shown.text);
        for (const std::string& choice : guide.question.choices) fonts.shown(choice);
    }
    for (const Binding& binding : bindings()) fonts.text(text_of(binding.chord) + binding.what + binding.group);
    for (const TensorLine& line : tensor_lines())
        fonts.shown(std::string(line.symbol) + line.equation + std::string(line.formula));
    for (const Rule& rule : all_rules()) fonts.shown(name_of(rule) + choices_of(fonts.screen.session, rule));
    CHECK(fonts.missing == "");
}

TEST_CASE("the fonts have what is said of every token of every scenario") {
    FontOracle fonts;
    for (const Scenario& each : scenarios()) {
        fonts.shown(each.title + each.shows);
        Session session;
        session.open(each.name);
        fonts.text(transcript_of_run(session));
        for (Index t = 0; t < std::min<Index>(session.length(), 30); ++t)
            for (int phase = 1; phase <= phase_count; ++phase) {
                const Narration says = narrate(session.track(), {t, static_cast<Phase>(phase), 1}, session.label(t));
                fonts.shown(says.equation + says.sentence);
            }
    }
    CHECK(fonts.missing == "");
}

TEST_CASE("the sign of a number is a minus, a hyphen joins words") {
    CHECK(shown(-0.5) == "\u22120.5");
    CHECK(shown(-3.2e-5) == "\u22123.2e\u221205");
    CHECK(shown(3.2e20) == "3.2e+20");
    CHECK(shown(-std::numeric_limits<double>::infinity()) == "\u2212inf");
    CHECK(pretty("-1, (-2) [-3] 1e-13 x = -4") == "\u22121, (\u22122) [\u22123] 1e\u221213 x = \u22124");
    CHECK(pretty("GDN-2, erase-read, mamba-3, file-2.npz, -") == "GDN-2, erase-read, mamba-3, file-2.npz, -");
}

TEST_CASE("the numbers along a logarithmic axis of many decades are all powers of ten") {
    const Axis many = logarithmic_axis(1, 3e4, 6), small = logarithmic_axis(2e-7, 0.3, 9);
    CHECK(tick_text(many, 1e5) == "10\u2075");
    CHECK(tick_text(many, 1e3) == "10\u00b3");
    CHECK(tick_text(many, 1) == "10\u2070");
    CHECK(tick_text(small, small.low) == "10\u207b\u2077");
    CHECK(tick_text({1, 1e12, true}, 1e12) == "10\u00b9\u00b2");
    CHECK(tick_text({3, 1e5, true}, 3) == "3");
    CHECK(tick_text(logarithmic_axis(1, 1000, 6), 1000) == "1000");
    CHECK(tick_text(logarithmic_axis(0.002, 1, 6), 0.001) == "0.001");
    CHECK(tick_text({-2, 2e4}, -2) == "\u22122");
    FontOracle fonts;
    for (const double tick : many.ticks(9)) fonts.text(tick_text(many, tick));
    CHECK(fonts.missing == "");
}

TEST_CASE("the fonts have what tokenizers put into the names of tokens") {
    FontOracle fonts;
    fonts.text("\u2581the \u0120hello \u010a \u2423 na\u00efve \u0159e\u017e");
    CHECK(fonts.missing == "");
}

TEST_CASE("the font of numbers has what numbers are written with") {
    const AllowFpExceptions one_is_not_a_number;
    FontOracle fonts;
    fonts.font = 1;
    for (const double x : {-1.25e-300, 1e300, 0.0, 1e17, -std::numeric_limits<double>::infinity(), std::nan("")})
        fonts.text(shown(x, 6));
    CHECK(fonts.asked.count(0x2212) == 1);
    CHECK(fonts.missing == "");
}

TEST_CASE("the fonts have every character that the viewer's sources spell out") {
    FontOracle fonts;
    const std::regex escape("\\\\u([0-9a-f]{4})");
    std::size_t found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(GDN2_SOURCE_DIR "/visualizer")) {
        if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
        std::ifstream file(entry.path());
        const std::string source{std::istreambuf_iterator<char>(file), {}};
        for (std::sregex_iterator at(source.begin(), source.end(), escape), end; at != end; ++at, ++found)
            fonts.character(static_cast<unsigned>(std::stoul((*at)[1].str(), nullptr, 16)));
        const auto ascii = [](char c) { return static_cast<signed char>(c) >= 0; };
        CHECK_MESSAGE(std::all_of(source.begin(), source.end(), ascii),
                      entry.path().string() << ": characters beyond ASCII are written as \\u");
    }
    CHECK(found > 10);
    CHECK(fonts.missing == "");
}

}  // namespace
}  // namespace gdn2::test
