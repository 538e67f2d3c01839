// Colours: texts that can be read, signs that differ alike on both sides, and what is no number standing out.
#include "visualizer/draw/colour.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/allow_fp_exceptions.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr ThemeName themes[] = {ThemeName::dark, ThemeName::light, ThemeName::print};

/// Relative luminance as WCAG 2 defines it.
double luminance(Colour colour) {
    const auto linear = [colour](int shift) {
        const double part = (colour >> shift & 0xff) / 255.0;
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(0) + 0.7152 * linear(8) + 0.0722 * linear(16);
}

double contrast(Colour a, Colour b) {
    const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return std::max(x, y) / std::min(x, y);
}

TEST_CASE("every text has a contrast of at least 4.5 to 1 on what it stands on") {
    for (const ThemeName name : themes) {
        const Theme& theme = theme_of(name);
        for (const Colour text : {theme.text, theme.quiet, theme.accent, theme.right, theme.wrong})
            CHECK(contrast(text, theme.panel) >= 4.5);
        CHECK(contrast(theme.on_accent, theme.accent) >= 4.5);
        CHECK(contrast(theme.text, theme.raised) >= 4.5);
    }
}

TEST_CASE("zero has the middle of the table, the ends and all beyond them have its ends") {
    for (const ThemeName name : themes) {
        const Theme& theme = theme_of(name);
        const auto entry = [&theme](std::size_t i) {
            const unsigned char* bytes = theme.signed_table[i];
            return 0xff000000u | Colour{bytes[2]} << 16 | Colour{bytes[1]} << 8 | bytes[0];
        };
        for (const bool symlog : {false, true}) {
            CHECK(signed_colour(theme, 0, {2, symlog}) == entry(128));
            CHECK(signed_colour(theme, 2, {2, symlog}) == entry(255));
            CHECK(signed_colour(theme, 7, {2, symlog}) == entry(255));
            CHECK(signed_colour(theme, -2, {2, symlog}) == entry(0));
            CHECK(signed_colour(theme, -7, {2, symlog}) == entry(0));
        }
        CHECK(signed_colour(theme, 1, {2, false}) == entry(191));
        CHECK(signed_colour(theme, -1, {2, false}) == entry(64));
    }
}

TEST_CASE("logarithmic colours tell a thousandth from zero, the others do not") {
    const Theme& theme = theme_of(ThemeName::dark);
    CHECK(signed_colour(theme, 1e-3, {1, false}) == signed_colour(theme, 0, {1, false}));
    CHECK_FALSE(signed_colour(theme, 1e-3, {1, true}) == signed_colour(theme, 0, {1, true}));
    CHECK_FALSE(signed_colour(theme, 1e-3, {1, true}) == signed_colour(theme, -1e-3, {1, true}));
}

TEST_CASE("many numbers have the colours that each has alone") {
    const AllowFpExceptions one_is_not_a_number;
    std::vector<double> numbers;
    for (int i = -400; i <= 400; ++i) numbers.push_back(0.01 * i);
    for (const bool with_bad : {false, true}) {
        if (with_bad)
            for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) numbers.push_back(bad);
        for (const ThemeName name : themes)
            for (const bool symlog : {false, true}) {
                const Scale scale{3, symlog};
                const std::vector<Colour> colours = signed_colours(theme_of(name), numbers, scale);
                REQUIRE(colours.size() == numbers.size());
                for (std::size_t i = 0; i < numbers.size(); ++i)
                    CHECK(colours[i] == signed_colour(theme_of(name), numbers[i], scale));
            }
    }
    CHECK(signed_colours(theme_of(ThemeName::dark), {}, {1, false}).empty());
}

TEST_CASE("what is no number has a colour of its own") {
    const AllowFpExceptions none_is_a_number;
    for (const ThemeName name : themes) {
        const Theme& theme = theme_of(name);
        for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
            CHECK(signed_colour(theme, bad, {1, false}) == theme.bad_number);
            CHECK(gate_colour(theme, bad) == theme.bad_number);
            CHECK(error_colour(theme, bad, 1) == theme.bad_number);
        }
        for (std::size_t i = 0; i < 256; ++i)
            CHECK(signed_colour(theme, (static_cast<double>(i) - 127.5) / 127.5, {1, false}) != theme.bad_number);
    }
}

TEST_CASE("a gate's ramp has its two ends, and an error turns orange past what is allowed") {
    const Theme& theme = theme_of(ThemeName::light);
    CHECK(gate_colour(theme, 0) == theme.gate_low);
    CHECK(gate_colour(theme, 1) == theme.gate_high);
    CHECK(gate_colour(theme, 2) == theme.gate_high);
    CHECK(error_colour(theme, 0, 1e-6) == theme.gate_track);
    CHECK(error_colour(theme, 1e-9, 1e-6) == theme.gate_track);
    CHECK(error_colour(theme, 1e-3, 1e-6) == theme.wrong);
    CHECK(error_colour(theme, 1e-9, 0) == theme.wrong);
    CHECK(contrast(error_colour(theme, 1.01e-6, 1e-6), error_colour(theme, 1e-6, 1e-6)) > 1.2);
}

TEST_CASE("fading keeps the colour and mixing goes from one to the other") {
    CHECK(faded(0xff336699u, 0.5) == 0x80336699u);
    CHECK(faded(0x80336699u, 2) == 0x80336699u);
    CHECK(mixed(0xff000000u, 0xffffffffu, 0) == 0xff000000u);
    CHECK(mixed(0xff000000u, 0xffffffffu, 0.5) == 0xff808080u);
    CHECK(mixed(0xff000000u, 0xff0000ffu, 3) == 0xff0000ffu);
}

}  // namespace
}  // namespace gdn2::test
