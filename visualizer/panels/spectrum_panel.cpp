// The states as matrices: their singular values, how the tokens meet each other, who owns what is there, and what can
// make it grow.
//   maths  reference/delta_rule/ledger.h
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <cmath>

#include "visualizer/model/expansion.h"
#include "visualizer/panels/panels.h"
#include "visualizer/panels/spectrum_parts.h"

namespace gdn2::viewer {
namespace {

constexpr float margin = 10, gap = 16, left_share = 0.53f;

/// What can grow, before all plots. Returns its height.
float story(const View& view, float x, float y, float width) {
    const Session& session = view.session;
    const Expansion& expansion = session.expansion();
    const bool stretched = expansion.stretching > 0;
    float text_x = x;
    if (stretched) {
        draw_mark(view, {x + view.px(6), y + ImGui::GetFontSize() * 0.55f}, Mark::triangle, view.theme.wrong);
        text_x += view.px(18);
    }
    const std::string label = session.in_words(expansion.strongest);
    const std::string text = wrapped(pretty(in_words(expansion, label)), width - (text_x - x));
    ImGui::SetCursorScreenPos({text_x, y});
    ImGui::PushStyleColor(ImGuiCol_Text, stretched ? view.theme.wrong : view.theme.text);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopStyleColor();
    return ImGui::GetItemRectSize().y;
}

}  // namespace

float caption_height(const View& view) { return view.px(18); }

void draw_mark(const View& view, ImVec2 at, Mark mark, Colour colour) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float size = view.px(4);
    if (mark == Mark::triangle)
        list->AddTriangleFilled({at.x - size, at.y + size * 0.8f}, {at.x + size, at.y + size * 0.8f},
                                {at.x, at.y - size}, colour);
    else list->AddCircleFilled(at, view.px(2.5f), colour, 12);
}

float key_room(const View& view, float width) { return width - view.px(key_sample + key_gap); }

float draw_key(const View& view, float x, float y, float right, Mark mark, Colour colour, const std::string& name) {
    const float sample = view.px(key_sample), middle = y + ImGui::GetFontSize() * 0.55f;
    if (text_width(name) > key_room(view, right - x)) return x;
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (mark == Mark::line) list->AddLine({x, middle}, {x + sample, middle}, colour, view.px(2));
    if (mark == Mark::dashed)
        for (float part = 0; part < sample; part += sample / 2)
            list->AddLine({x + part, middle}, {x + part + sample * 0.3f, middle}, colour, view.px(2));
    if (mark == Mark::triangle || mark == Mark::circle) draw_mark(view, {x + sample / 2, middle}, mark, colour);
    draw_text(view, x + sample + view.px(key_gap), y, view.theme.quiet, name);
    return x + sample + view.px(key_gap + 10) + text_width(name);
}

void spectrum_panel(const View& view, const Box& box) {
    begin_panel(view, "Spectrum", box);
    if (view.session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens: nothing happens to its state.");
        return end_panel();
    }
    const float x = box.x + view.px(margin), width = box.width - view.px(2 * margin);
    const float top = ImGui::GetCursorScreenPos().y - view.px(2);
    const float y = top + story(view, x, top, width) + view.px(6);
    const float height = box.y + box.height - view.px(8) - y, left = std::floor(left_share * (width - view.px(gap)));
    draw_spectrum_curves(view, {x, y, left, height});
    draw_spectrum_window(view, {x + left + view.px(gap), y, width - left - view.px(gap), height});
    end_panel();
}

}  // namespace gdn2::viewer
