// Reference, candidate and difference of one tensor, in one head. Where its rows are tokens they run to the right, one
// below the other, under a lane that has all tokens at once; states and chunks' matrices stand side by side.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "visualizer/draw/matrix.h"
#include "visualizer/model/gradient_shown.h"
#include "visualizer/model/largest_finite.h"
#include "visualizer/panels/difference_parts.h"

namespace gdn2::viewer {
namespace {

constexpr float lane_height = 34, title_height = 20, narrowest_token = 4, widest_token = 28, largest_cell = 40;
constexpr int powers = 3;  ///< of ten, that the lane reaches above and below what is allowed

/// What is drawn, and where the cursor may be sent.
struct Maps {
    const View& view;
    const Difference& difference;
    const ComparedTensor& tensor;
    const DifferenceMap& map;
    bool tokens;                     ///< rows are tokens
    TokenWindow window{};            ///< of those
    std::optional<Cell> hovered{};   ///< row and column of the tensor's matrix
    std::array<Box, 3> boxes{};
};

/// Where a relative difference stands in the lane, 0 ... 1; what is allowed in the middle.
double place_of(double relative, double allowed) {
    if (!std::isfinite(relative)) return 1;
    if (!(relative > 0)) return 0;
    return std::clamp(0.5 + std::log10(relative / allowed) / (2 * powers), 0.0, 1.0);
}

/// The worst of every token.
void draw_lane(const Maps& maps, const Box& box) {
    const Vector<double>& worst = maps.map.worst_by_row;
    const Vector<double> bars = largest_by_column({worst.data(), worst.data() + worst.size()},
                                                  static_cast<Index>(box.width));
    const Theme& theme = maps.view.theme;
    const float step = box.width / static_cast<float>(std::max<Index>(bars.size(), 1));
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(box.min(), box.max(), theme.gate_track);
    for (Index i = 0; i < bars.size(); ++i) {
        const auto share = static_cast<float>(place_of(bars[i], maps.map.tolerance));
        const float x = box.x + static_cast<float>(i) * step, gap = step >= maps.view.px(5) ? 1.0f : 0.0f;
        list->AddRectFilled({x, box.y + box.height * (1 - share)}, {x + step - gap, box.max().y},
                            error_colour(theme, bars[i], maps.map.tolerance));
    }
    const float middle = box.y + box.height / 2;
    list->AddLine({box.x, middle}, {box.max().x, middle}, faded(theme.text, 0.5));
    const float token = box.width / static_cast<float>(worst.size());
    const float x = box.x + static_cast<float>(maps.view.session.ui.cursor.token) * token;
    list->AddRect({x, box.y - 1}, {x + std::max(token, 2.0f), box.max().y + 1}, theme.accent, 0, 0,
                  maps.view.px(1.5f));
}

void use_lane(const Maps& maps, const Box& box) {
    ImGui::SetCursorScreenPos(box.min());
    ImGui::InvisibleButton("lane", {box.width, box.height});
    const Vector<double>& worst = maps.map.worst_by_row;
    const float along = (ImGui::GetIO().MousePos.x - box.x) / box.width;
    const Index token = std::clamp<Index>(static_cast<Index>(along * static_cast<float>(worst.size())), 0,
                                          worst.size() - 1);
    Session& session = maps.view.session;
    if (ImGui::IsItemActive()) session.stand(at_token(token, session.length()));
    if (ImGui::IsItemHovered())
        ImGui::SetTooltip("token %td: off by %s at most, relative; allowed %s", token, shown(worst[token], 2).c_str(),
                          shown(maps.map.tolerance, 2).c_str());
}

/// A matrix as it lies on the screen: of tokens those in the window, to the right.
Matrix<double> laid(const Maps& maps, const Matrix<double>& values) {
    if (!maps.tokens) return values;
    return values.middleRows(maps.window.first, maps.window.count).transpose();
}

/// Where a cell of the tensor's matrix is; empty outside the window.
std::optional<Box> box_of(const Maps& maps, const Box& box, Cell cell) {
    const Index rows = maps.tokens ? maps.map.reference.cols() : maps.map.reference.rows();
    const Index cols = maps.tokens ? maps.window.count : maps.map.reference.cols();
    if (maps.tokens) cell = {cell.col, cell.row - maps.window.first};
    if (cell.col < 0 || cell.col >= cols) return std::nullopt;
    const float width = box.width / static_cast<float>(cols), height = box.height / static_cast<float>(rows);
    return Box{box.x + static_cast<float>(cell.col) * width, box.y + static_cast<float>(cell.row) * height, width,
               height};
}

void outline(const Box& box, Colour colour, float thickness) {
    ImGui::GetWindowDrawList()->AddRect({box.x - 1, box.y - 1},
                                        {box.x + std::max(box.width, 3.0f) + 1, box.y + std::max(box.height, 3.0f) + 1},
                                        colour, 0, 0, thickness);
}

void vertical(const Maps& maps, const Box& box, Index token, Colour colour, float thickness) {
    const std::optional<Box> cell = box_of(maps, box, {token, 0});
    if (cell)
        ImGui::GetWindowDrawList()->AddLine({cell->x, box.y - maps.view.px(3)}, {cell->x, box.max().y}, colour,
                                            thickness);
}

/// Chunks, the cursor, the first wrong token, the worst cell, the one under the mouse.
void draw_marks(const Maps& maps, const Box& box) {
    const View& view = maps.view;
    for (Index t = maps.difference.chunk(); maps.tokens && t < maps.map.reference.rows(); t += maps.difference.chunk())
        vertical(maps, box, t, faded(view.theme.text, 0.35), 1);
    const std::optional<Index> wrong = maps.map.first_wrong_row();
    if (maps.tokens && wrong) vertical(maps, box, *wrong, view.theme.wrong, view.px(2));
    const Index cursor = view.session.ui.cursor.token;
    if (const auto cell = maps.tokens ? box_of(maps, box, {cursor, 0}) : std::nullopt)
        outline({cell->x, box.y, cell->width, box.height}, view.theme.accent, view.px(1.5f));
    if (const auto cell = wrong ? box_of(maps, box, {maps.map.row, maps.map.col}) : std::nullopt) {
        outline(*cell, view.theme.dark ? 0xff000000u : 0xffffffffu, view.px(4));
        outline(*cell, view.theme.lit, view.px(2));
    }
    if (const auto cell = maps.hovered ? box_of(maps, box, *maps.hovered) : std::nullopt)
        outline(*cell, view.theme.accent, view.px(2));
}

/// The three pictures, once their boxes are known.
void draw_maps(Maps& maps) {
    const View& view = maps.view;
    const double half = largest_finite(maps.map.reference);
    const DifferenceUnit unit = view.session.ui.difference_unit;
    const Matrix<double>* values[] = {&maps.map.reference, &maps.map.candidate, &maps.map.cells(unit)};
    const std::string colours = "full orange from 1000 times what is allowed, " + shown(maps.map.allowed(unit), 2);
    const std::string difference = std::string("difference, ") + name_of(unit);
    const std::string names[] = {maps.difference.reference_name(), maps.difference.candidate_name(),
                                 maps.tokens ? difference + ": " + colours : difference};
    if (!maps.tokens)  // there is no room for it above
        draw_text(view, maps.boxes[0].x, maps.boxes[0].max().y + view.px(8), view.theme.quiet,
                  difference + ": " + colours, maps.boxes[2].max().x - maps.boxes[0].x);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::string range = i < 2 ? "  \u00b1" + shown(half, 2) : "";
        MatrixLook look;
        look.slot = "difference " + std::to_string(i);
        look.box = maps.boxes[i];
        look.scale = {half > 0 ? half : 1, view.session.ui.symlog};
        look.errors = i == 2;
        look.allowed = maps.map.allowed(unit);
        look.numbers = view.session.ui.show_numbers;
        look.grid = !maps.tokens;
        const float room = maps.tokens ? 0 : maps.boxes[1].x - maps.boxes[0].x - view.px(8);
        draw_text(view, look.box.x, look.box.y - view.px(title_height), view.theme.quiet, names[i] + range, room);
        const std::optional<Cell> cell = draw_matrix(view, laid(maps, *values[i]), look);
        if (cell) maps.hovered = maps.tokens ? Cell{cell->col + maps.window.first, cell->row} : *cell;
    }
    for (const Box& box : maps.boxes) draw_marks(maps, box);
}

void tooltip(const Maps& maps) {
    if (!maps.hovered) return;
    const auto [row, col] = *maps.hovered;
    const DifferenceMap& map = maps.map;
    ImGui::BeginTooltip();
    ImGui::Text("%s, %s %td, %s %td", maps.tensor.name.c_str(), map.row_axis, row, map.col_axis, col);
    ImGui::Text("reference %s", shown(map.reference(row, col), 9).c_str());
    ImGui::Text("candidate %s", shown(map.candidate(row, col), 9).c_str());
    if (std::isfinite(map.absolute(row, col)))
        ImGui::Text("off by %s, relative %s (allowed %s), %s ulp of %s", shown(map.absolute(row, col)).c_str(),
                    shown(map.relative(row, col)).c_str(), shown(map.tolerance).c_str(),
                    shown(map.ulp(row, col)).c_str(), check::name_of(map.precision));
    ImGui::EndTooltip();
    maps.view.hover.number = number_at(maps.view.session, maps.tensor, row, col);
}

/// A click stands at the token.
void click(const Maps& maps) {
    if (!maps.hovered || !ImGui::IsMouseClicked(0)) return;
    Session& session = maps.view.session;
    const std::string_view axis = maps.map.row_axis;
    const Index chunk = maps.difference.chunk(), row = maps.hovered->row;
    Index token = session.ui.cursor.token;
    if (axis == "token") token = row;
    if (axis == "chunk") token = row * chunk;
    if (axis == "row of chunk") token = token / chunk * chunk + row;
    session.stand(at_token(token, session.length()));
}

/// Which tokens, and how wide they are together.
void place_tokens(Maps& maps, float room) {
    const View& view = maps.view;
    const auto fits = static_cast<Index>(room / view.px(narrowest_token));
    maps.window = token_window(maps.map.reference.rows(), view.session.ui.cursor.token, fits);
    const auto count = static_cast<float>(std::max<Index>(maps.window.count, 1));
    for (Box& box : maps.boxes) box.width = std::min(std::floor(room / count), view.px(widest_token)) * count;
}

void place_stacked(Maps& maps, const Box& box) {
    const View& view = maps.view;
    const auto channels = static_cast<float>(maps.map.reference.cols());
    const float third = box.height / 3, title = view.px(title_height);
    const float room = third - title - view.px(6), cell = std::min(room / channels, view.px(widest_token));
    const float height = (cell >= 1 ? std::floor(cell) : cell) * channels;
    for (std::size_t i = 0; i < 3; ++i)
        maps.boxes[i] = {box.x, box.y + static_cast<float>(i) * (height + title + view.px(6)) + title,
                         maps.boxes[i].width, height};
}

void place_side_by_side(Maps& maps, const Box& box) {
    const View& view = maps.view;
    const float third = box.width / 3, title = view.px(title_height);
    const Index rows = maps.map.reference.rows(), cols = maps.map.reference.cols();
    const float cell = cell_size(rows, cols, third - view.px(12), box.height - 2 * title - view.px(8),
                                 view.px(largest_cell));
    for (std::size_t i = 0; i < 3; ++i)
        maps.boxes[i] = {std::floor(box.x + static_cast<float>(i) * third), box.y + title,
                         cell * static_cast<float>(cols), cell * static_cast<float>(rows)};
}

std::string plural(std::string_view axis) {
    return axis == "row of chunk" ? "rows of the chunk" : std::string(axis) + "s";
}

std::string subject(const Maps& maps) {
    const Session& session = maps.view.session;
    const Sizes& sizes = session.layer().sizes;
    const Index token = session.ui.cursor.token, chunk = maps.difference.chunk();
    const std::string_view axis = maps.map.row_axis;
    std::string text = maps.tensor.name;
    if (sizes.sequences > 1) text += ", sequence " + std::to_string(session.ui.sequence);
    if (sizes.value_heads > 1) text += ", head " + std::to_string(session.ui.head);
    if (maps.difference.place_of(maps.tensor).by_token()) {
        const bool state = maps.tensor.name == "S" || maps.tensor.name == "S_decayed" || maps.tensor.name == "dS";
        text += state ? ", token " + std::to_string(token) : ", chunk " + std::to_string(token / chunk);
    }
    if (axis == "token") text += ": tokens to the right, channels down";
    else if (axis == maps.map.col_axis) text += ": " + plural(axis) + " down and to the right";
    else text += ": " + plural(axis) + " down, " + plural(maps.map.col_axis) + " to the right";
    const std::optional<Index> wrong = maps.map.first_wrong_row();
    if (!wrong && maps.tensor.first_bad)
        return text + ". Nothing wrong here; first wrong is token " + text_of(*maps.tensor.first_bad, sizes);
    if (!wrong) return text + ". Nothing wrong here.";
    const std::string number = std::to_string(*wrong), row = maps.map.row_axis;
    if (maps.tensor.verdict != Verdict::pass) return text + ". First wrong " + row + ": " + number;
    return text + ". As a whole it passes; single numbers are past their limit from " + row + " " + number + " on";
}

}  // namespace

void difference_maps(const View& view, const Difference& difference, const Box& box) {
    const ComparedTensor* tensor = shown_tensor(view.session);
    const DifferenceMap* map = view.session.difference_map();
    if (!tensor || !map || map->reference.size() == 0 || !map->why.empty()) {
        const std::string why = map && !map->why.empty() ? map->why : "There is nothing here: this sequence is empty.";
        draw_text(view, box.x, box.y, view.theme.quiet, why, box.width);
        return;
    }
    Maps maps{view, difference, *tensor, *map, map->row_axis == std::string_view("token")};
    const bool bad = map->first_wrong_row().has_value() && tensor->verdict != Verdict::pass;
    draw_text(view, box.x, box.y, bad ? view.theme.wrong : view.theme.text, subject(maps), box.width);
    float y = box.y + view.px(title_height);
    if (maps.tokens) {
        place_tokens(maps, box.width);
        // Above the maps' own tokens where all of them are there.
        const float width = maps.window.count == map->reference.rows() ? maps.boxes[0].width : box.width;
        const Box lane{box.x, y + view.px(title_height), width, view.px(lane_height)};
        draw_text(view, box.x, y, view.theme.quiet,
                  "the worst of each token, logarithmic; the line is what is allowed; click to go there", box.width);
        draw_lane(maps, lane);
        use_lane(maps, lane);
        y = lane.max().y + view.px(4);
    }
    const Box room{box.x, y, box.width, box.y + box.height - y};
    maps.tokens ? place_stacked(maps, room) : place_side_by_side(maps, room);
    draw_maps(maps);
    click(maps);
    tooltip(maps);
}

}  // namespace gdn2::viewer
