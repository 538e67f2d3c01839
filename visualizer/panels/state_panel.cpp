// The state once, large, with what erases along its rows and what is written along its columns.
//   paper  Eqs. 8-10
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <string_view>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/shown.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float strip_width = 22, strip_gap = 8, label_room = 20, name_room = 92, legend_room = 84;
constexpr float largest_cell = 64;
constexpr float tallest_dense = 560;  ///< in lower panels strips are thinner
constexpr std::size_t strips_above = 5;  ///< v w z r u; o is below

/// Where the state and its strips are.
struct Places {
    Box state;
    float strip, pitch;  ///< thickness, and from one to the next

    Box key_strip(std::size_t i) const {
        const float from_right = static_cast<float>(5 - i) * pitch;
        return {state.x - from_right, state.y, strip, state.height};
    }
    Box value_strip(std::size_t i) const {
        const float y = i < strips_above ? state.y - static_cast<float>(strips_above - i) * pitch
                                         : state.y + state.height + (pitch - strip);
        return {state.x, y, state.width, strip};
    }
};

Places places_in(const View& view, const Box& box, const Track& track) {
    Places at;
    const float dense = std::clamp(box.height / view.px(tallest_dense), 0.5f, 1.0f);
    at.strip = std::round(view.px(strip_width) * dense);
    at.pitch = std::round(view.px(strip_width + strip_gap) * dense);
    const float left = 5 * at.pitch + view.px(16), right = view.px(name_room + legend_room);
    const float top = view.px(label_room) * (1 + dense) + view.px(14) + 5 * at.pitch, bottom = at.pitch + view.px(26);
    const Index rows = track.key_dim(), cols = track.value_dim();
    const float cell = cell_size(rows, cols, box.width - left - right, box.height - top - bottom,
                                 view.px(largest_cell));
    const float width = cell * static_cast<float>(cols), height = cell * static_cast<float>(rows);
    const float spare_x = box.width - left - right - width, spare_y = box.height - top - bottom - height;
    at.state = {std::floor(box.x + left + std::max(spare_x, 0.0f) / 2),
                std::floor(box.y + top + std::max(spare_y, 0.0f) * 0.4f), width, height};
    return at;
}

/// What a strip's numbers are called, by the symbol the picture gives it.
StripKind kind_of(std::string_view symbol) {
    if (symbol == "alpha") return StripKind::half_life;
    return symbol == "b" || symbol == "w" ? StripKind::gate : StripKind::signed_cells;
}

bool is_input(std::string_view symbol) {
    return symbol == "alpha" || symbol == "b" || symbol == "k" || symbol == "q" || symbol == "v" || symbol == "w";
}

std::optional<Gate> gate_of(std::string_view symbol) {
    if (symbol == "alpha") return Gate::g;
    if (symbol == "b") return Gate::b;
    return symbol == "w" ? std::optional(Gate::w) : std::nullopt;
}

/// Vectors that are added or compared share a scale.
double largest_of(const Track& track, std::string_view symbol) {
    if (symbol == "q") return track.largest_query();
    if (symbol == "o") return track.largest_output();
    return symbol == "k" || symbol == "e" ? track.largest_key() : track.largest_value();
}

StripLook look_of(const View& view, const Strip& strip, const Box& box, bool upright) {
    const Track& track = view.session.track();
    StripLook look;
    look.tensor = strip.symbol;
    look.before = {view.session.ui.cursor.token};
    look.kind = kind_of(strip.symbol);
    look.scale = {largest_of(track, strip.symbol), view.session.ui.symlog};
    look.top = strip.symbol == std::string_view("b") ? largest_b(view.session) : 1;
    look.upright = upright;
    look.box = box;
    // What a token brings is there from the start; what it computes appears with its phase.
    look.opacity = is_input(strip.symbol) ? 0.45 + 0.55 * strip.shown : strip.shown;
    look.active = strip.active;
    if (const Track* ghost = view.session.ghost()) {
        look.ghost = strip.symbol == std::string_view("alpha") ? &ghost->alpha()
                     : strip.symbol == std::string_view("b")   ? &ghost->head().b
                     : strip.symbol == std::string_view("w")   ? &ghost->head().w
                                                               : nullptr;
        look.ghost_row = view.session.ui.cursor.token;
    }
    return look;
}

/// Drags on a gate's strip change it: one channel, with Shift all, with Alt fully closed or open.
void edit(const View& view, const StripLook& look, std::optional<Index> channel) {
    const std::optional<Gate> gate = gate_of(look.tensor);
    if (!gate) return;
    std::optional<GateDrag>& drag = view.memory.drag;
    const Index token = view.session.ui.cursor.token;
    if (channel && ImGui::IsMouseClicked(0)) drag = GateDrag{*gate, token, false};
    if (!drag || drag->gate != *gate || drag->token != token || !channel) return;
    if (!ImGui::IsMouseDown(0)) return;
    double place = place_across(look);
    if (ImGui::GetIO().KeyAlt) place = place < 0.5 ? 0 : 1;
    const double value = *gate == Gate::g ? g_at_place(place) : place * look.top;
    view.session.edits().make({*gate, token, ImGui::GetIO().KeyShift ? Edit::all_channels : *channel, value},
                              drag->moved);
    drag->moved = true;
}

void key_side(const View& view, const Picture& picture, const Places& at) {
    for (std::size_t i = 0; i < picture.key_side.size(); ++i) {
        const Strip& strip = picture.key_side[i];
        const StripLook look = look_of(view, strip, at.key_strip(i), true);
        const std::string name = pretty(strip.symbol);
        draw_text(view, look.box.x + (look.box.width - text_width(name)) / 2, look.box.y - view.px(label_room),
                  strip.active ? view.theme.accent : view.theme.quiet, name);
        edit(view, look, draw_strip(view, strip.values, look));
    }
}

/// How a strip on the value axis is labelled.
std::string value_label(std::string_view symbol) {
    if (symbol == "z") return "z = w \u2299 v";
    if (symbol == "r") return "r = S'\u1d40 e";
    if (symbol == "u") return "u = z \u2212 r";
    return symbol == "o" ? "o = S\u1d40 q" : std::string(symbol);
}

void value_side(const View& view, const Picture& picture, const Places& at) {
    for (std::size_t i = 0; i < picture.value_side.size(); ++i) {
        const Strip& strip = picture.value_side[i];
        const StripLook look = look_of(view, strip, at.value_strip(i), false);
        const float y = look.box.y + (look.box.height - ImGui::GetFontSize()) / 2;
        draw_text(view, look.box.x + look.box.width + view.px(8), y,
                  strip.active ? view.theme.accent : view.theme.quiet, value_label(strip.symbol));
        edit(view, look, draw_strip(view, strip.values, look));
    }
}

/// Rows that this phase does not consult stay in the dark; while it moves, a line sweeps over those it does.
void light_rows(const View& view, const Picture& picture, const Places& at, const Cursor& cursor) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float step = at.state.height / static_cast<float>(std::max<Index>(picture.S.rows(), 1));
    const bool reads = cursor.phase == Phase::erase_read || cursor.phase == Phase::read_out;
    for (Index i = 0; reads && i < picture.S.rows(); ++i) {
        const float y = at.state.y + static_cast<float>(i) * step;
        const double dark = 0.6 * (1 - picture.row_light(i));
        if (dark > 0.01)
            list->AddRectFilled({at.state.x, y}, {at.state.x + at.state.width, y + step},
                                faded(view.theme.panel, dark));
    }
    if (!picture.moving || !reads) return;
    const float y = at.state.y + at.state.height * static_cast<float>(cursor.fraction);
    list->AddLine({at.state.x, y}, {at.state.x + at.state.width, y}, view.theme.accent, view.px(2));
}

void outline_pinned(const View& view, const Places& at, const Track& track) {
    const std::optional<Cell>& pinned = view.session.ui.pinned;
    if (!pinned || pinned->row >= track.key_dim() || pinned->col >= track.value_dim()) return;
    const float cell = at.state.width / static_cast<float>(track.value_dim());
    const float x = at.state.x + static_cast<float>(pinned->col) * cell;
    const float y = at.state.y + static_cast<float>(pinned->row) * cell;
    ImGui::GetWindowDrawList()->AddRect({x, y}, {x + std::max(cell, 3.0f), y + std::max(cell, 3.0f)},
                                        view.theme.accent, 0, 0, view.px(2));
}

/// Bands that lead the eye from a cell to the numbers of its row and its column.
void crosshair(const View& view, const Places& at, const Cell& cell, const Track& track) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Colour colour = faded(view.theme.lit, 0.13);
    const float row = at.state.height / static_cast<float>(track.key_dim());
    const float col = at.state.width / static_cast<float>(track.value_dim());
    const float x = at.state.x + static_cast<float>(cell.col) * col;
    const float y = at.state.y + static_cast<float>(cell.row) * row;
    list->AddRectFilled({at.key_strip(0).x, y}, {at.state.x + at.state.width, y + row}, colour);
    list->AddRectFilled({x, at.value_strip(0).y}, {x + col, at.value_strip(strips_above).max().y}, colour);
}

const char* headline(const View& view) {
    const UiState& ui = view.session.ui;
    if (ui.show_change) return "What this token changed  (key rows \u00d7 value columns)";
    if (ui.show_ghost && view.session.ghost()) return "Difference from the run without edits";
    return "State S  (key rows \u00d7 value columns)";
}

void axis_names(const View& view, const Places& at) {
    const float line = ImGui::GetFontSize();
    draw_text(view, at.key_strip(0).x, at.state.y + at.state.height + view.px(8), view.theme.quiet,
              "key axis: erase");
    draw_text(view, at.state.x, at.value_strip(0).y - line - view.px(4), view.theme.quiet, "value axis: write",
              at.state.width + view.px(name_room));
}

}  // namespace

void state_panel(const View& view, const Box& box) {
    begin_panel(view, headline(view), box);
    Session& session = view.session;
    if (session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens: its final state is its initial state.");
        return end_panel();
    }
    if (!ImGui::IsMouseDown(0)) view.memory.drag.reset();
    const Picture picture = picture_of(session);
    const Places at = places_in(view, box, session.track());
    MatrixLook look;
    look.slot = "S";
    look.box = at.state;
    const Matrix<double> values = shown_state(session, picture);
    look.scale = {shown_scale(session, values), session.ui.symlog};
    look.numbers = session.ui.show_numbers;
    look.tensor = "S";
    look.before = {session.ui.cursor.token};
    view.memory.hovered_cell = draw_matrix(view, values, look);
    if (view.memory.hovered_cell && ImGui::IsMouseClicked(0)) session.ui.pinned = view.memory.hovered_cell;
    light_rows(view, picture, at, session.ui.cursor);
    key_side(view, picture, at);
    value_side(view, picture, at);
    axis_names(view, at);
    if (view.memory.hovered_cell) crosshair(view, at, *view.memory.hovered_cell, session.track());
    outline_pinned(view, at, session.track());
    const float legend_x = at.state.x + at.state.width + view.px(name_room + 14);
    draw_legend(view, {legend_x, at.state.y, view.px(12), std::min(at.state.height, view.px(220))}, look.scale);
    end_panel();
}

}  // namespace gdn2::viewer
