// See state_places.h.
#include "visualizer/panels/state_places.h"

#include <algorithm>
#include <cmath>

#include "visualizer/draw/matrix.h"
#include "visualizer/panels/memory.h"

namespace gdn2::viewer {
namespace {

constexpr float strip_width = 22, strip_gap = 8, label_room = 20, name_room = 102;
constexpr float largest_cell = 104;
constexpr float tallest_dense = 560;  ///< in lower panels strips are thinner
constexpr std::size_t strips_left = 5, strips_above = 5;

Box cell_box(const StatePlaces& at, const Cell& cell, const Track& track) {
    const float width = at.state.width / static_cast<float>(track.value_dim());
    const float height = at.state.height / static_cast<float>(track.key_dim());
    return {at.state.x + static_cast<float>(cell.col) * width, at.state.y + static_cast<float>(cell.row) * height,
            width, height};
}

/// Over a cell's row with the strips left of it, and over its column with those above and below.
void draw_bands(const StatePlaces& at, const Box& cell, Colour colour) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled({at.key_strip(0).x, cell.y}, {at.state.x + at.state.width, cell.max().y}, colour);
    list->AddRectFilled({cell.x, at.value_strip(0).y}, {cell.max().x, at.value_strip(strips_above).max().y}, colour);
}

/// In the corner that the strips leave.
Box legend_box(const View& view, const StatePlaces& at) {
    const float line = ImGui::GetFontSize(), top = at.value_strip(0).y - line;
    const float names = at.state.y - view.px(label_room) - line;
    return {at.key_strip(0).x, top, view.px(12), std::clamp(names - top - line / 2, 2.4f * line, view.px(110))};
}

}  // namespace

Box StatePlaces::key_strip(std::size_t i) const {
    return {state.x - static_cast<float>(strips_left - i) * pitch, state.y, strip, state.height};
}

Box StatePlaces::value_strip(std::size_t i) const {
    const float y = i < strips_above ? state.y - static_cast<float>(strips_above - i) * pitch
                                     : state.y + state.height + (pitch - strip);
    return {state.x, y, state.width, strip};
}

StatePlaces state_places(const View& view, const Box& box, Index key_dim, Index value_dim) {
    StatePlaces at;
    const float dense = std::clamp(box.height / view.px(tallest_dense), 0.5f, 1.0f);
    at.strip = std::round(view.px(strip_width) * dense);
    at.pitch = std::round(view.px(strip_width + strip_gap) * dense);
    const float left = 5 * at.pitch + view.px(16), right = view.px(name_room);
    const float top = view.px(label_room) * (1 + dense) + view.px(14) + 5 * at.pitch, bottom = at.pitch + view.px(26);
    const float cell = cell_size(key_dim, value_dim, box.width - left - right, box.height - top - bottom,
                                 view.px(largest_cell));
    const float width = cell * static_cast<float>(value_dim), height = cell * static_cast<float>(key_dim);
    const float spare_x = box.width - left - right - width, spare_y = box.height - top - bottom - height;
    at.state = {std::floor(box.x + left + std::max(spare_x, 0.0f) / 2),
                std::floor(box.y + top + std::max(spare_y, 0.0f) * 0.4f), width, height};
    return at;
}

std::string remark_on_numbers(const View& view, const StatePlaces& at) {
    const Track& track = view.session.track();
    return remark_on_numbers(view, at.state, track.key_dim(), track.value_dim());
}

void draw_key_name(const View& view, const StatePlaces& at, std::size_t i, Colour colour, const std::string& name) {
    const Box strip = at.key_strip(i);
    const float width = text_width(name), up = width + view.px(5) > at.pitch && i % 2 == 1 ? ImGui::GetFontSize() : 0;
    draw_text(view, strip.x + (strip.width - width) / 2, strip.y - view.px(label_room) - up, colour, name);
}

void draw_value_name(const View& view, const Box& strip, Colour colour, const std::string& name) {
    draw_text(view, strip.x + strip.width + view.px(8), strip.y + (strip.height - ImGui::GetFontSize()) / 2, colour,
              name);
}

void draw_axis_names(const View& view, const StatePlaces& at) {
    const float line = ImGui::GetFontSize();
    const float panel = ImGui::GetWindowPos().x + view.px(4), clear = at.state.x - view.px(8);  // of the strip below
    const std::string key_axis = fitting("key axis: erase", "key axis", clear - panel);
    const float x = std::max(std::min(at.key_strip(0).x, clear - text_width(key_axis)), panel);
    draw_text(view, x, at.state.y + at.state.height + view.px(8), view.theme.quiet, key_axis);
    draw_text(view, at.state.x, at.value_strip(0).y - line - view.px(4), view.theme.quiet, "value axis: write",
              at.state.width + view.px(name_room));
}

void draw_state_legend(const View& view, const StatePlaces& at, const Scale& scale) {
    draw_legend(view, legend_box(view, at), scale);
}

void draw_state_error_legend(const View& view, const StatePlaces& at, double allowed) {
    draw_error_legend(view, legend_box(view, at), allowed);
}

void mark_cells(const View& view, const StatePlaces& at, std::optional<Cell> hovered) {
    const Track& track = view.session.track();
    view.memory.hovered_cell = hovered;
    if (hovered) draw_bands(at, cell_box(at, *hovered, track), faded(view.theme.lit, 0.13));
    std::optional<Cell>& pinned = view.session.ui.pinned;
    if (hovered && ImGui::IsMouseClicked(0)) pinned = hovered;
    if (!pinned || pinned->row >= track.key_dim() || pinned->col >= track.value_dim()) return;
    const Box cell = cell_box(at, *pinned, track);
    ImGui::GetWindowDrawList()->AddRect(cell.min(),
                                        {cell.x + std::max(cell.width, 3.0f), cell.y + std::max(cell.height, 3.0f)},
                                        view.theme.accent, 0, 0, view.px(2));
}

}  // namespace gdn2::viewer
