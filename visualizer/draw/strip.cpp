// See strip.h.
#include "visualizer/draw/strip.h"

#include <algorithm>
#include <cmath>

namespace gdn2::viewer {
namespace {

struct Channels {
    const View& view;
    const Vector<double>& values;
    const StripLook& look;
    float step;  ///< pixels a channel
    ImDrawList* list = ImGui::GetWindowDrawList();

    /// Channel i, without the gap that separates large cells.
    Box cell(Index i) const {
        const float gap = step >= view.px(8) ? 1.0f : 0.0f, at = static_cast<float>(i) * step;
        return look.upright ? Box{look.box.x, look.box.y + at, look.box.width, step - gap}
                            : Box{look.box.x + at, look.box.y, step - gap, look.box.height};
    }
};

bool is_coloured(StripKind kind) { return kind == StripKind::signed_cells || kind == StripKind::errors; }

/// How much of a bar is filled, 0 ... 1.
double filled(const StripLook& look, double x) {
    return look.kind == StripKind::half_life ? half_life_place(x) : std::clamp(x / look.top, 0.0, 1.0);
}

Box part_of(const Box& cell, bool upright, double share) {
    const auto s = static_cast<float>(share);
    return upright ? Box{cell.x, cell.y, cell.width * s, cell.height}
                   : Box{cell.x, cell.y + cell.height * (1 - s), cell.width, cell.height * s};
}

void draw_channel(const Channels& strip, Index i) {
    const StripLook& look = strip.look;
    const Theme& theme = strip.view.theme;
    const Box cell = strip.cell(i);
    const double x = strip.values(i);
    if (is_coloured(look.kind) || !std::isfinite(x)) {
        const Colour colour = look.kind == StripKind::errors ? error_colour(theme, x, look.allowed)
                                                             : signed_colour(theme, x, look.scale);
        strip.list->AddRectFilled(cell.min(), cell.max(), faded(colour, look.opacity));
        return;
    }
    const double share = filled(look, x);
    const Box bar = part_of(cell, look.upright, share);
    strip.list->AddRectFilled(cell.min(), cell.max(), faded(theme.gate_track, look.opacity));
    if (share > 0)
        strip.list->AddRectFilled(bar.min(), bar.max(), faded(gate_colour(theme, share), look.opacity));
}

/// Where a gate stood before it was changed.
void draw_ghost(const Channels& strip) {
    const StripLook& look = strip.look;
    if (!look.ghost || is_coloured(look.kind)) return;
    for (Index i = 0; i < strip.values.size(); ++i) {
        const double before = (*look.ghost)(look.ghost_row, i);
        if (before == strip.values(i)) continue;
        const Box bar = part_of(strip.cell(i), look.upright, filled(look, before));
        const ImVec2 from = look.upright ? ImVec2{bar.max().x, bar.y} : bar.min();
        const ImVec2 to = look.upright ? bar.max() : ImVec2{bar.max().x, bar.y};
        strip.list->AddLine(from, to, strip.view.theme.text, strip.view.px(2));
    }
}

/// The line at 1 of a gate that reaches 2.
void draw_one(const Channels& strip) {
    if (strip.look.kind != StripKind::gate || strip.look.top <= 1) return;
    const Box foot = part_of(strip.look.box, strip.look.upright, 1 / strip.look.top);
    const ImVec2 from = strip.look.upright ? ImVec2{foot.max().x, foot.y} : foot.min();
    const ImVec2 to = strip.look.upright ? foot.max() : ImVec2{foot.max().x, foot.y};
    strip.list->AddLine(from, to, faded(strip.view.theme.text, 0.6));
}

void frame(const Channels& strip, const Box& cell, Colour colour, float thickness) {
    strip.list->AddRect({cell.x - 1, cell.y - 1}, {cell.max().x + 1, cell.max().y + 1}, colour, 0, 0, thickness);
}

void light(const Channels& strip) {
    const StripLook& look = strip.look;
    const Hover& hover = strip.view.hover;
    if (look.tensor.empty() || !hover.last) return;
    const auto here = [&](const Number& lit, float thickness) {
        const std::size_t fixed = look.before.size();
        if (lit.tensor != look.tensor || lit.index.size() != fixed + 1 || lit.index[fixed] >= strip.values.size() ||
            !std::equal(look.before.begin(), look.before.end(), lit.index.begin()))
            return;
        frame(strip, strip.cell(lit.index[fixed]), strip.view.theme.lit, thickness);
    };
    if (hover.explanation)
        for (const Number& input : hover.explanation->inputs) here(input, 1);
    here(*hover.last, 2);
}

std::optional<Index> channel_under_mouse(const Channels& strip) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!strip.look.box.contains(mouse) || !ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
        return std::nullopt;
    return channel_along(strip.look, strip.values.size());
}

}  // namespace

std::optional<Index> draw_strip(const View& view, const Vector<double>& values, const StripLook& look) {
    if (values.size() == 0) return std::nullopt;
    const float along = look.upright ? look.box.height : look.box.width;
    const Channels strip{view, values, look, along / static_cast<float>(values.size())};
    for (Index i = 0; i < values.size(); ++i) draw_channel(strip, i);
    draw_one(strip);
    draw_ghost(strip);
    if (look.active) frame(strip, {look.box.x - 1, look.box.y - 1, look.box.width + 1, look.box.height + 1},
                           view.theme.accent, view.px(1.5f));
    light(strip);
    const std::optional<Index> channel = channel_under_mouse(strip);
    if (channel && !look.tensor.empty()) {
        view.hover.number = Number{look.tensor, look.before};
        view.hover.number->index.push_back(*channel);
    }
    return channel;
}

double place_across(const StripLook& look) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    return look.upright ? (mouse.x - look.box.x) / look.box.width : 1 - (mouse.y - look.box.y) / look.box.height;
}

Index channel_along(const StripLook& look, Index count) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float along = look.upright ? (mouse.y - look.box.y) / look.box.height
                                     : (mouse.x - look.box.x) / look.box.width;
    return std::clamp<Index>(static_cast<Index>(along * static_cast<float>(count)), 0, count - 1);
}

}  // namespace gdn2::viewer
