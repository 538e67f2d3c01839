// The state once, large, with what erases along its rows and what is written along its columns.
//   paper  Eqs. 8-10
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <string_view>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/error_shown.h"
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

std::string tied_gates_say(const Session& session) {
    return std::string(name_of(session.ui.mixer)) + " has " + session.gates_of(session.ui.mixer) +
           ": gates are changed under GDN-2 (M)";
}

/// A drag on a gate's strip changes it, also where the mouse has left the strip: one channel, with Shift all, with Alt
/// fully closed or open.
void edit(const View& view, const StripLook& look, Index channels, std::optional<Index> hovered) {
    const std::optional<Gate> gate = gate_of(look.tensor);
    if (!gate) return;
    if (view.session.ui.mixer != Mixer::gdn2) {
        if (hovered && ImGui::IsMouseClicked(0)) view.say(tied_gates_say(view.session));
        return;
    }
    std::optional<GateDrag>& drag = view.memory.drag;
    const Index token = view.session.ui.cursor.token;
    if (hovered && ImGui::IsMouseClicked(0)) drag = GateDrag{*gate, token, false};
    if (!drag || drag->gate != *gate || drag->token != token || !ImGui::IsMouseDown(0)) return;
    const double across = place_across(look);
    double place = std::clamp(across, 0.0, 1.0);
    if (ImGui::GetIO().KeyAlt) place = place < 0.5 ? 0 : 1;
    const double value = *gate == Gate::g ? g_at_place(place) : place * look.top;
    const Index channel = ImGui::GetIO().KeyShift ? Edit::all_channels : channel_along(look, channels);
    view.session.edits().make({*gate, token, channel, value}, drag->moved);
    drag->moved = true;
    if (*gate == Gate::b && look.top == 1 && across > 1)
        ImGui::SetTooltip("b stops at 1, the full erase.\nWith b \u2208 [0, 2] (Shift+B) it goes on.");
}

bool is_error(const View& view, const Strip& strip) { return strip_error(view.session, strip.symbol) != nullptr; }

/// A strip, or how far the file's numbers are from it.
std::optional<Index> draw_numbers(const View& view, const Strip& strip, StripLook look) {
    const DifferenceMap* errors = strip_error(view.session, strip.symbol);
    if (!errors) return draw_strip(view, strip.values, look);
    const DifferenceUnit unit = view.session.ui.difference_unit;
    look.kind = StripKind::errors;
    look.allowed = errors->allowed(unit);
    look.opacity = 1;
    return draw_strip(view, errors->cells(unit).row(view.session.ui.cursor.token), look);
}

void key_side(const View& view, const Picture& picture, const StatePlaces& at) {
    for (std::size_t i = 0; i < picture.key_side.size(); ++i) {
        const Strip& strip = picture.key_side[i];
        const StripLook look = look_of(view, strip, at.key_strip(i), true);
        draw_key_name(view, at, i, strip.active ? view.theme.accent : view.theme.quiet,
                      (is_error(view, strip) ? "\u0394" : "") + pretty(strip.symbol));
        edit(view, look, strip.values.size(), draw_numbers(view, strip, look));
    }
}

/// How a strip on the value axis is labelled.
std::string value_label(std::string_view symbol, double scale) {
    if (symbol == "o" && scale != 1) return "o \u221d S\u1d40 q";
    if (symbol == "z") return "z = w \u2299 v";
    if (symbol == "r") return "r = S'\u1d40 e";
    if (symbol == "u") return "u = z \u2212 r";
    return symbol == "o" ? "o = S\u1d40 q" : std::string(symbol);
}

void value_side(const View& view, const Picture& picture, const StatePlaces& at) {
    const double scale = view.session.track().head().scale;
    for (std::size_t i = 0; i < picture.value_side.size(); ++i) {
        const Strip& strip = picture.value_side[i];
        const StripLook look = look_of(view, strip, at.value_strip(i), false);
        draw_value_name(view, look.box, strip.active ? view.theme.accent : view.theme.quiet,
                        is_error(view, strip) ? "\u0394" + std::string(strip.symbol)
                                              : value_label(strip.symbol, scale));
        edit(view, look, strip.values.size(), draw_numbers(view, strip, look));
    }
}

/// Rows that this phase does not consult stay in the dark; while it moves, a line sweeps over those it does.
void light_rows(const View& view, const Picture& picture, const StatePlaces& at, const Cursor& cursor) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float step = at.state.height / static_cast<float>(std::max<Index>(picture.S.rows(), 1));
    const bool reads = cursor.phase == Phase::erase_read || cursor.phase == Phase::read_out;
    const double darkest = view.session.ui.show_numbers ? 0.25 : 0.6;  // numbers are to be read there too
    for (Index i = 0; reads && i < picture.S.rows(); ++i) {
        const float y = at.state.y + static_cast<float>(i) * step;
        const double dark = darkest * (1 - picture.row_light(i));
        if (dark > 0.01)
            list->AddRectFilled({at.state.x, y}, {at.state.x + at.state.width, y + step},
                                faded(view.theme.panel, dark));
    }
    if (!picture.moving || !reads) return;
    const float y = at.state.y + at.state.height * static_cast<float>(cursor.fraction);
    list->AddLine({at.state.x, y}, {at.state.x + at.state.width, y}, view.theme.accent, view.px(2));
}

/// Of numbers for which there is no room, else of a state in which there is nothing to see.
std::string remark(const View& view, const Picture& picture, const StatePlaces& at, bool errors) {
    const std::string on_numbers = remark_on_numbers(view, at);
    if (errors || !on_numbers.empty()) return on_numbers;
    return pretty(dark_in_words(view.session, shown_state(view.session, picture)));
}

std::string headline(const View& view, const std::optional<ErrorShown>& error) {
    const UiState& ui = view.session.ui;
    if (error) return error->headline;
    if (ui.show_change) return "What this token changed  (key rows \u00d7 value columns)";
    if (ui.show_ghost && view.session.ghost()) return "Difference from the run without edits";
    return "State S  (key rows \u00d7 value columns)";
}

/// The cells of S, with their legend.
std::optional<Cell> draw_cells(const View& view, const Matrix<double>& values, const StatePlaces& at, MatrixLook look) {
    look.slot = "S";
    look.box = at.state;
    look.numbers = view.session.ui.show_numbers;
    // A file's numbers are of the state after the token, whatever phase shows.
    const Number name = look.errors ? Number{"S", {view.session.ui.cursor.token}} : name_of_state(view.session);
    look.tensor = name.tensor;
    look.before = name.index;
    look.errors ? draw_state_error_legend(view, at, look.allowed) : draw_state_legend(view, at, look.scale);
    return draw_matrix(view, values, look);
}

std::optional<Cell> draw_state(const View& view, const Picture& picture, const StatePlaces& at) {
    const Matrix<double> values = shown_state(view.session, picture);
    MatrixLook look;
    look.scale = {shown_scale(view.session, values), view.session.ui.symlog};
    return draw_cells(view, values, at, look);
}

std::optional<Cell> draw_errors(const View& view, const ErrorShown& error, const StatePlaces& at) {
    MatrixLook look;
    look.errors = true;
    look.allowed = error.allowed;
    return draw_cells(view, error.cells, at, look);
}

}  // namespace

void state_panel(const View& view, const Box& box) {
    Session& session = view.session;
    const std::optional<ErrorShown> error = error_shown(session);
    begin_panel(view, "##state", box);
    const StatePlaces at = state_places(view, box, session.track().key_dim(), session.track().value_dim());
    const Colour colour = error && error->wrong ? view.theme.wrong : view.theme.quiet;
    if (session.length() == 0) {
        panel_headline(view, colour, headline(view, error));
        ImGui::TextUnformatted("This sequence has no tokens: its final state is its initial state.");
        return end_panel();
    }
    if (!ImGui::IsMouseDown(0)) view.memory.drag.reset();
    const Picture picture = picture_of(session);
    const bool errors = error && error->cells.size() > 0;
    panel_headline(view, colour, headline(view, error), remark(view, picture, at, errors));
    const std::optional<Cell> hovered = errors ? draw_errors(view, *error, at) : draw_state(view, picture, at);
    if (!errors) light_rows(view, picture, at, session.ui.cursor);
    key_side(view, picture, at);
    value_side(view, picture, at);
    const std::optional<Number>& number = view.hover.number;
    // A drag that has left its strip is about none of the numbers there.
    if (view.memory.drag && number && gate_of(number->tensor) != view.memory.drag->gate) view.hover.number.reset();
    draw_axis_names(view, at);
    mark_cells(view, at, hovered);
    end_panel();
}

}  // namespace gdn2::viewer
