// See colour.h.
#include "visualizer/draw/colour.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "reference/core/matrix.h"

namespace gdn2::viewer {
namespace {

#include "visualizer/draw/colour_tables.inc"

constexpr Theme dark{
    .background = rgb(0x0d0f12), .panel = rgb(0x15181d), .raised = rgb(0x232831), .border = rgb(0x2e343e),
    .text = rgb(0xe9ecf1), .quiet = rgb(0x9aa4b2), .accent = rgb(0xf0b44a), .on_accent = rgb(0x191204),
    .right = rgb(0x6db6ff), .wrong = rgb(0xff9f55), .lit = rgb(0xffffff), .query = rgb(0x203029),
    .gate_low = rgb(0x4b525c), .gate_high = rgb(0xe8b04a), .gate_track = rgb(0x1d2127),
    .bad_number = rgb(0xff2fd0), .signed_table = berlin_table, .dark = true};
constexpr Theme light{
    .background = rgb(0xeceae4), .panel = rgb(0xfaf9f6), .raised = rgb(0xe3e0d8), .border = rgb(0xc9c5ba),
    .text = rgb(0x1b1e23), .quiet = rgb(0x59606b), .accent = rgb(0x94600a), .on_accent = rgb(0xffffff),
    .right = rgb(0x0a56a5), .wrong = rgb(0xa84300), .lit = rgb(0x000000), .query = rgb(0xdde8dc),
    .gate_low = rgb(0xb3b1aa), .gate_high = rgb(0xc2850c), .gate_track = rgb(0xe9e6de),
    .bad_number = rgb(0xd0009f), .signed_table = vik_table, .dark = false};
constexpr Theme print{
    .background = rgb(0xffffff), .panel = rgb(0xffffff), .raised = rgb(0xf0f0f0), .border = rgb(0x9a9a9a),
    .text = rgb(0x000000), .quiet = rgb(0x444444), .accent = rgb(0x7a4e00), .on_accent = rgb(0xffffff),
    .right = rgb(0x003f7f), .wrong = rgb(0x8f3800), .lit = rgb(0x000000), .query = rgb(0xeeeeee),
    .gate_low = rgb(0xbbbbbb), .gate_high = rgb(0x8a6a20), .gate_track = rgb(0xf2f2f2),
    .bad_number = rgb(0xb00087), .signed_table = vik_table, .dark = false};

constexpr double symlog_span = 1e3;  ///< how far below the largest a number is still told from zero

Colour table_colour(const Theme& theme, std::size_t entry) {
    const unsigned char* bytes = theme.signed_table[entry];
    return 0xff000000u | Colour{bytes[2]} << 16 | Colour{bytes[1]} << 8 | bytes[0];
}

/// signed_colour()'s, of many numbers at once.
Vector<double> logarithmic(const Vector<double>& places) {
    const Vector<double> sizes = (1 + places.array().abs() * symlog_span).log() * (1 / std::log1p(symlog_span));
    return sizes.binaryExpr(places, [](double size, double place) { return std::copysign(size, place); });
}

unsigned channel(Colour colour, int i) { return colour >> (8 * i) & 0xff; }

}  // namespace

Colour faded(Colour colour, double opacity) {
    const auto alpha = static_cast<Colour>(std::lround(std::clamp(opacity, 0.0, 1.0) * channel(colour, 3)));
    return (colour & 0x00ffffffu) | alpha << 24;
}

Colour mixed(Colour a, Colour b, double share) {
    const double part = std::clamp(share, 0.0, 1.0);
    Colour result = 0;
    for (int i = 0; i < 4; ++i) {
        const double value = (1 - part) * channel(a, i) + part * channel(b, i);
        result |= static_cast<Colour>(std::lround(value)) << (8 * i);
    }
    return result;
}

const Theme& theme_of(ThemeName name) {
    if (name == ThemeName::light) return light;
    return name == ThemeName::print ? print : dark;
}

Colour signed_colour(const Theme& theme, double x, const Scale& scale) {
    if (!std::isfinite(x)) return theme.bad_number;
    double place = std::clamp(x / scale.half, -1.0, 1.0);
    if (scale.symlog) place = std::copysign(std::log1p(std::abs(place) * symlog_span) / std::log1p(symlog_span), place);
    return table_colour(theme, static_cast<std::size_t>(128 + 127.5 * place));
}

std::vector<Colour> signed_colours(const Theme& theme, std::span<const double> numbers, const Scale& scale) {
    std::vector<Colour> colours(numbers.size());
    const Eigen::Map<const Vector<double>> x(numbers.data(), static_cast<Index>(numbers.size()));
    if (!x.allFinite()) {
        const auto colour_of = [&](double each) { return signed_colour(theme, each, scale); };
        std::transform(numbers.begin(), numbers.end(), colours.begin(), colour_of);
        return colours;
    }
    std::array<Colour, 256> table;
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = table_colour(theme, i);
    // A pass of its own, several numbers at a time: most of what a picture of a state costs.
    const Vector<double> linear = (x.array() / scale.half).max(-1.0).min(1.0);
    const Vector<int> places = (128 + 127.5 * (scale.symlog ? logarithmic(linear) : linear).array()).cast<int>();
    const auto colour_at = [&table](int place) { return table[static_cast<std::size_t>(place)]; };
    std::transform(places.begin(), places.end(), colours.begin(), colour_at);
    return colours;
}

Colour gate_colour(const Theme& theme, double x) {
    return std::isfinite(x) ? mixed(theme.gate_low, theme.gate_high, x) : theme.bad_number;
}

Colour error_colour(const Theme& theme, double x, double allowed) {
    constexpr double powers = 3;
    if (!std::isfinite(x)) return theme.bad_number;
    if (!(x > 0)) return theme.gate_track;
    const double place = allowed > 0 ? std::clamp(std::log10(x / allowed) / powers, -1.0, 1.0) : 1;
    if (place <= 0) return mixed(theme.gate_track, theme.gate_low, 0.8 * (1 + place));
    return mixed(theme.gate_low, theme.wrong, 0.5 + 0.5 * place);
}

}  // namespace gdn2::viewer
