// See plot.h.
#include "visualizer/draw/plot.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

constexpr float dash = 5, numbers_room = 54;

/// What is drawn of a curve in one column of pixels.
struct Extent {
    float low = 0, high = 0;
    bool any = false;

    void add(float y) {
        low = any ? std::min(low, y) : y;
        high = any ? std::max(high, y) : y;
        any = true;
    }
};

std::string power_of_ten(int power) {
    constexpr const char* digits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                      "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    std::string raised;
    for (const char c : std::to_string(power)) raised += c == '-' ? "\u207b" : digits[c - '0'];
    return "10" + raised;
}

void draw_extents(const View& view, const TimePlot& plot, const Curve& curve) {
    std::vector<Extent> columns(static_cast<std::size_t>(std::max(plot.box.width, 1.0f)));
    const Index end = std::min(plot.range.first + plot.range.count, static_cast<Index>(curve.values.size()));
    for (Index t = plot.range.first; t < end; ++t) {
        const double value = curve.values[static_cast<std::size_t>(t)];
        const auto x = static_cast<std::size_t>(std::max(plot.x_of(t) - plot.box.x, 0.0f));
        if (plot.axis.has_place(value)) columns[std::min(x, columns.size() - 1)].add(plot.y_of(value));
    }
    const float half = view.px(curve.thickness) / 2;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const float x = plot.box.x + static_cast<float>(i);
        if (columns[i].any)
            ImGui::GetWindowDrawList()->AddRectFilled({x, columns[i].low - half}, {x + 1, columns[i].high + half},
                                                      curve.colour);
    }
}

void draw_dashes(ImDrawList* list, ImVec2 from, ImVec2 to, Colour colour, float thickness, float length) {
    const float whole = std::hypot(to.x - from.x, to.y - from.y);
    for (float at = 0; at < whole; at += 2 * length) {
        const float end = std::min(at + length, whole);
        list->AddLine({from.x + (to.x - from.x) * at / whole, from.y + (to.y - from.y) * at / whole},
                      {from.x + (to.x - from.x) * end / whole, from.y + (to.y - from.y) * end / whole}, colour,
                      thickness);
    }
}

void draw_points(const View& view, const Curve& curve, std::vector<ImVec2>& points) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float thickness = view.px(curve.thickness);
    if (points.size() == 1) list->AddCircleFilled(points[0], std::max(thickness, view.px(2)), curve.colour);
    if (points.size() > 1 && curve.dashed)
        for (std::size_t i = 1; i < points.size(); ++i)
            draw_dashes(list, points[i - 1], points[i], curve.colour, thickness, view.px(dash));
    if (points.size() > 1 && !curve.dashed)
        list->AddPolyline(points.data(), static_cast<int>(points.size()), curve.colour, 0, thickness);
    points.clear();
}

}  // namespace

float TimePlot::x_of(Index token) const { return box.x + (static_cast<float>(token - range.first) + 0.5f) * column(); }

float TimePlot::y_of(double value) const {
    return box.y + box.height * static_cast<float>(1 - axis.place(value));
}

std::string tick_text(const Axis& axis, double tick) {
    constexpr double plain = 1e3 * (1 + 1e-9);  // up to here, and down to 1/1000
    if (!axis.logarithmic || (axis.high <= plain && axis.low >= 1 / plain)) return shown(tick, 4);
    const double power = std::round(std::log10(tick));
    const bool whole = std::abs(tick / std::pow(10.0, power) - 1) < 1e-9;
    return whole ? power_of_ten(static_cast<int>(power)) : shown(tick, 4);
}

float axis_width(const View& view) { return view.px(numbers_room); }

void draw_axes(const View& view, const TimePlot& plot) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(plot.box.min(), plot.box.max(), faded(view.theme.raised, 0.35));
    const float line = ImGui::GetFontSize();
    for (const double tick : plot.axis.ticks(std::max(2, static_cast<int>(plot.box.height / (2 * line))))) {
        const float y = plot.y_of(tick);
        list->AddLine({plot.box.x, y}, {plot.box.max().x, y}, faded(view.theme.text, 0.12));
        const std::string text = tick_text(plot.axis, tick);
        const float text_y = std::clamp(y - line / 2, plot.box.y - line * 0.3f, plot.box.max().y - line * 0.8f);
        const float width = std::min(text_width(text), axis_width(view) - view.px(5));
        draw_text(view, plot.box.x - view.px(5) - width, text_y, view.theme.quiet, text, width);
    }
}

void draw_curve(const View& view, const TimePlot& plot, const Curve& curve) {
    if (curve.tokens.empty() && plot.column() < 1) return draw_extents(view, plot, curve);
    std::vector<ImVec2> points;
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
        const Index token = curve.tokens.empty() ? static_cast<Index>(i) : curve.tokens[i];
        if (!plot.shows(token)) continue;
        if (plot.axis.has_place(curve.values[i])) points.push_back({plot.x_of(token), plot.y_of(curve.values[i])});
        else draw_points(view, curve, points);
    }
    draw_points(view, curve, points);
}

void draw_level(const View& view, const TimePlot& plot, double value) {
    if (!(plot.axis.low <= value && value <= plot.axis.high)) return;
    const float y = plot.y_of(value);
    draw_dashes(ImGui::GetWindowDrawList(), {plot.box.x, y}, {plot.box.max().x, y}, view.theme.quiet, view.px(1),
                view.px(3));
}

std::optional<Index> follow_tokens(const View& view, const TimePlot& plot) {
    const Index token = view.session.ui.cursor.token;
    if (plot.shows(token)) {
        const float x = plot.x_of(token), half = std::max(plot.column(), view.px(2)) / 2;
        ImDrawList* list = ImGui::GetWindowDrawList();
        list->AddRectFilled({x - half, plot.box.y}, {x + half, plot.box.max().y}, faded(view.theme.accent, 0.16));
        list->AddLine({x, plot.box.y}, {x, plot.box.max().y}, view.theme.accent, view.px(1));
    }
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!plot.box.contains(mouse) || !ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
        return std::nullopt;
    const Index under = token_at(plot.range, view.session.length(), (mouse.x - plot.box.x) / plot.box.width);
    const ImVec2 from = ImGui::GetIO().MouseClickedPos[0];
    if (ImGui::IsMouseDown(0) && plot.box.contains(from))
        view.session.stand(at_token(under, view.session.length()));
    return under;
}

}  // namespace gdn2::viewer
