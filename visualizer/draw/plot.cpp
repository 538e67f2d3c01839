// See plot.h.
#include "visualizer/draw/plot.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

/// Where things are inside a plot.
struct Axes {
    const PlotLook& look;
    Box area;
    Index length;

    float x(Index token) const {
        const auto steps = static_cast<float>(std::max<Index>(length - 1, 1));
        return area.x + area.width * static_cast<float>(token) / steps;
    }
    float y(double value) const {
        const auto along = [this](double v) { return look.logarithmic ? std::log(std::max(v, look.low)) : v; };
        const double share = (along(value) - along(look.low)) / (along(look.high) - along(look.low));
        return area.y + area.height * static_cast<float>(1 - std::clamp(share, 0.0, 1.0));
    }
};

void draw_frame(const View& view, const Axes& axes) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(axes.area.min(), axes.area.max(), faded(view.theme.text, 0.03));
    list->AddRect(axes.area.min(), axes.area.max(), view.theme.border);
    for (const double mark : axes.look.marks) {
        const float y = axes.y(mark);
        list->AddLine({axes.area.x, y}, {axes.area.max().x, y}, faded(view.theme.text, 0.25));
        const std::string text = shown(mark, 2);
        draw_text(view, axes.area.x - text_width(text) - view.px(5), y - ImGui::GetFontSize() / 2, view.theme.quiet,
                  text);
    }
    const float x = axes.x(view.session.ui.cursor.token);
    list->AddLine({x, axes.area.y}, {x, axes.area.max().y}, view.theme.accent, view.px(1.5f));
}

void draw_curve(const View& view, const Axes& axes, const Curve& curve) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const auto point = [&](std::size_t i) { return ImVec2{axes.x(curve.tokens[i]), axes.y(curve.values[i])}; };
    for (std::size_t i = 0; i < curve.values.size(); ++i) {
        if (!std::isfinite(curve.values[i])) continue;
        const bool joined = i > 0 && std::isfinite(curve.values[i - 1]);
        if (joined) list->AddLine(point(i - 1), point(i), curve.colour, view.px(1.5f));
        if (curve.values.size() <= 64) list->AddCircleFilled(point(i), view.px(2.2f), curve.colour, 8);
    }
}

void draw_names(const View& view, const Axes& axes, const std::vector<Curve>& curves) {
    float x = axes.area.x;
    const float y = axes.area.max().y + view.px(5);
    for (const Curve& curve : curves) {
        if (curve.name.empty()) continue;
        const float middle = y + ImGui::GetFontSize() / 2;
        ImGui::GetWindowDrawList()->AddLine({x, middle}, {x + view.px(16), middle}, curve.colour, view.px(2.5f));
        draw_text(view, x + view.px(21), y, view.theme.quiet, curve.name);
        x += view.px(38) + text_width(curve.name);
    }
}

}  // namespace

void draw_plot(const View& view, const PlotLook& look, const std::vector<Curve>& curves) {
    const float line = ImGui::GetFontSize(), left = view.px(56);
    const std::string caption = wrapped(look.caption, look.box.width);
    const float top = ImGui::CalcTextSize(caption.c_str()).y + view.px(8), bottom = line + view.px(10);
    draw_text(view, look.box.x, look.box.y, view.theme.text, caption);
    const Axes axes{look,
                    {look.box.x + left, look.box.y + top, look.box.width - left - view.px(6),
                     look.box.height - top - bottom},
                    view.session.length()};
    if (axes.area.height < view.px(30) || axes.area.width < view.px(40)) return;
    draw_frame(view, axes);
    for (const Curve& curve : curves) draw_curve(view, axes, curve);
    draw_names(view, axes, curves);
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!ImGui::IsMouseDown(0) || !axes.area.contains(mouse) || !ImGui::IsWindowHovered()) return;
    const float share = (mouse.x - axes.area.x) / axes.area.width;
    const auto token = static_cast<Index>(std::lround(share * static_cast<float>(axes.length - 1)));
    view.session.stand(at_token(token, axes.length));
}

}  // namespace gdn2::viewer
