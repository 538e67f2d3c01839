// The state once, large, with what erases along its rows and what is written along its columns.
//   paper  Eqs. 8-10
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <string_view>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/shown.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"
#include "visualizer/panels/state_places.h"

namespace gdn2::viewer {
namespace {

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

void key_side(const View& view, const Picture& picture, const StatePlaces& at) {
    for (std::size_t i = 0; i < picture.key_side.size(); ++i) {
        const Strip& strip = picture.key_side[i];
        const StripLook look = look_of(view, strip, at.key_strip(i), true);
        draw_key_name(view, at, i, strip.active ? view.theme.accent : view.theme.quiet, pretty(strip.symbol));
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

void value_side(const View& view, const Picture& picture, const StatePlaces& at) {
    for (std::size_t i = 0; i < picture.value_side.size(); ++i) {
        const Strip& strip = picture.value_side[i];
        const StripLook look = look_of(view, strip, at.value_strip(i), false);
        draw_value_name(view, look.box, strip.active ? view.theme.accent : view.theme.quiet,
                        value_label(strip.symbol));
        edit(view, look, draw_strip(view, strip.values, look));
    }
}

/// Rows that this phase does not consult stay in the dark; while it moves, a line sweeps over those it does.
void light_rows(const View& view, const Picture& picture, const StatePlaces& at, const Cursor& cursor) {
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

const char* headline(const View& view) {
    const UiState& ui = view.session.ui;
    if (ui.show_change) return "What this token changed  (key rows \u00d7 value columns)";
    if (ui.show_ghost && view.session.ghost()) return "Difference from the run without edits";
    return "State S  (key rows \u00d7 value columns)";
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
    const StatePlaces at = state_places(view, box, session.track().key_dim(), session.track().value_dim());
    MatrixLook look;
    look.slot = "S";
    look.box = at.state;
    const Matrix<double> values = shown_state(session, picture);
    look.scale = {shown_scale(session, values), session.ui.symlog};
    look.numbers = session.ui.show_numbers;
    look.tensor = "S";
    look.before = {session.ui.cursor.token};
    const std::optional<Cell> hovered = draw_matrix(view, values, look);
    light_rows(view, picture, at, session.ui.cursor);
    key_side(view, picture, at);
    value_side(view, picture, at);
    draw_axis_names(view, at);
    mark_cells(view, at, hovered);
    draw_state_legend(view, at, look.scale);
    end_panel();
}

}  // namespace gdn2::viewer
