// The gradient of the loss by the state and by every vector, where the State tab has the vector itself. Beside those
// that are checked stands a thin strip: the gradient by central differences minus this one.
//   maths  section 1 of docs/equations.md
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <cmath>
#include <string_view>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/gradient_shown.h"
#include "visualizer/panels/panels.h"
#include "visualizer/panels/state_places.h"

namespace gdn2::viewer {
namespace {

constexpr float check_share = 0.3f;  ///< of a strip's thickness

/// A strip's room, shared with its check.
struct Halves {
    Box gradient, check;
};

Halves halves_of(const View& view, const Box& strip, bool upright) {
    const float thickness = upright ? strip.width : strip.height, gap = std::round(view.px(2));
    const float thin = std::round(thickness * check_share), thick = thickness - thin;
    if (upright)
        return {{strip.x, strip.y, thick, strip.height}, {strip.x + thick + gap, strip.y, thin, strip.height}};
    return {{strip.x, strip.y, strip.width, thick}, {strip.x, strip.y + thick + gap, strip.width, thin}};
}

bool is(GradientVerdict verdict, const GradientStrip& strip) { return strip.check && strip.check->verdict == verdict; }
bool fails(const GradientStrip& strip) { return is(GradientVerdict::differs, strip); }

/// Numeric minus analytic: quiet where they agree, in full colour from what means something on. What is not known yet
/// stays empty.
void draw_check(const View& view, const GradientStrip& strip, StripLook look, const Box& box) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(box.min(), box.max(), view.theme.gate_track);
    look.scale = {strip.check->allowed > 0 ? strip.check->allowed : 1, false};
    look.box = box;
    if (strip.check->verdict != GradientVerdict::open) draw_strip(view, strip.check->difference, look);
    list->AddRect({box.x - 1, box.y - 1}, {box.max().x + 1, box.max().y + 1},
                  fails(strip) ? view.theme.wrong : view.theme.border);
}

void draw_gradient(const View& view, const GradientStrip& strip, const Halves& at, bool upright) {
    StripLook look;
    look.tensor = strip.symbol;
    look.before = {view.session.ui.cursor.token};
    look.scale = {strip.half, view.session.ui.symlog};
    look.upright = upright;
    look.box = at.gradient;
    draw_strip(view, strip.values, look);
    if (strip.check) draw_check(view, strip, look, at.check);
}

/// How the adjoint makes it.
std::string value_label(std::string_view symbol) {
    if (symbol == "dv") return "dv = w \u2299 dz";
    if (symbol == "dw") return "dw = v \u2299 dz";
    if (symbol == "dz") return "dz = du";
    if (symbol == "dr") return "dr = \u2212du";
    return symbol == "du" ? "du = dS\u1d40 k" : "do, given";
}

std::string marked(const GradientStrip& strip, const std::string& name) {
    if (is(GradientVerdict::undecided, strip)) return name + "?";
    return fails(strip) ? "\u2717 " + name : name;
}

void strips(const View& view, const GradientPicture& picture, const StatePlaces& at) {
    for (std::size_t i = 0; i < picture.key_side.size(); ++i) {
        const GradientStrip& strip = picture.key_side[i];
        draw_key_name(view, at, i, fails(strip) ? view.theme.wrong : view.theme.quiet,
                      marked(strip, strip.symbol));
        draw_gradient(view, strip, halves_of(view, at.key_strip(i), true), true);
    }
    for (std::size_t i = 0; i < picture.value_side.size(); ++i) {
        const GradientStrip& strip = picture.value_side[i];
        draw_value_name(view, at.value_strip(i), fails(strip) ? view.theme.wrong : view.theme.quiet,
                        marked(strip, value_label(strip.symbol)));
        draw_gradient(view, strip, halves_of(view, at.value_strip(i), false), false);
    }
}

}  // namespace

void gradient_panel(const View& view, const Box& box) {
    begin_panel(view, "##gradient", box);
    const Session& session = view.session;
    const StatePlaces at = state_places(view, box, session.track().key_dim(), session.track().value_dim());
    panel_headline(view, view.theme.quiet, "Gradient of the loss by the state, dL/dS  (key rows \u00d7 value columns)",
                   remark_on_numbers(view, at));
    if (session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens: there is nothing to differentiate.");
        return end_panel();
    }
    const GradientPicture picture = gradient_picture(session);
    MatrixLook look;
    look.slot = "dS";
    look.box = at.state;
    look.scale = {picture.half, session.ui.symlog};
    look.numbers = session.ui.show_numbers;
    look.tensor = "dS";
    look.before = {picture.token};
    const std::optional<Cell> hovered = draw_matrix(view, picture.dS, look);
    strips(view, picture, at);
    draw_axis_names(view, at);
    mark_cells(view, at, hovered);
    draw_state_legend(view, at, look.scale);
    end_panel();
}

}  // namespace gdn2::viewer
