// What the gradient is of, whether central differences agree with it at this token, and how much each token's memory
// matters for it.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/model/gradient_shown.h"
#include "visualizer/model/largest_finite.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float lane_height = 64, narrow = 380;

void quiet_text(const View& view, const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
}

void loss_part(const View& view) {
    const GradientView& gradients = view.session.gradients();
    ImGui::PushFont(view.fonts.large);
    ImGui::Text("L = %s", shown(gradients.loss_value(), 5).c_str());
    ImGui::PopFont();
    quiet_text(view, pretty(gradients.loss().says));
}

const char* mark_of(GradientVerdict verdict) {
    constexpr const char* marks[] = {"", "\u2713", "\u2717", "?"};
    return marks[static_cast<int>(verdict)];
}

Colour colour_of(const View& view, GradientVerdict verdict) {
    if (verdict == GradientVerdict::agrees) return view.theme.right;
    return verdict == GradientVerdict::differs ? view.theme.wrong : view.theme.text;
}

void coloured(const View& view, GradientVerdict verdict, const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, colour_of(view, verdict));
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopStyleColor();
}

void check_row(const View& view, const ChannelGradient& tensor, int digits) {
    const auto cell = [](const std::string& text) {
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(text.c_str());
    };
    ImGui::TableNextRow();
    cell(tensor.name);
    cell(shown(tensor.largest, digits));
    const bool known = tensor.verdict != GradientVerdict::open;
    cell(known ? shown(tensor.largest_difference, 2) : "");
    cell(known ? shown(tensor.largest_error, 2) : "");
    ImGui::TableNextColumn();
    coloured(view, tensor.verdict, mark_of(tensor.verdict));
    if (known && ImGui::IsItemHovered()) ImGui::SetTooltip("%s: %s", tensor.name, tensor.why.c_str());
}

void check_table(const View& view, const NumericGradient& numeric, bool is_narrow) {
    ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {view.px(is_narrow ? 3 : 6), view.px(2)});
    if (ImGui::BeginTable("check", 5, ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV)) {
        ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, view.px(26));
        for (const char* title : {"largest", "off by", "rounding"}) ImGui::TableSetupColumn(title);
        ImGui::TableSetupColumn("", ImGuiTableColumnFlags_WidthFixed, text_width("\u2713 "));
        ImGui::TableHeadersRow();
        for (const ChannelGradient& tensor : numeric.tensors) check_row(view, tensor, is_narrow ? 2 : 3);
        ImGui::EndTable();
    }
    ImGui::PopStyleVar();
}

void progress(const View& view, const NumericGradient& numeric) {
    const double done = numeric.flops > 0 ? 1 - numeric.flops_left / numeric.flops : 1;
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x, height = view.px(6);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(at, {at.x + width, at.y + height}, view.theme.gate_track);
    list->AddRectFilled(at, {at.x + width * static_cast<float>(done), at.y + height}, view.theme.accent);
    ImGui::Dummy({width, height});
}

/// "dq dk", those with a verdict.
std::string with(GradientVerdict verdict, const NumericGradient& numeric) {
    std::string names;
    for (const ChannelGradient& tensor : numeric.tensors)
        if (tensor.verdict == verdict) names += (names.empty() ? "" : " ") + std::string(tensor.name);
    return names;
}

/// In a sentence: agreed, not, cannot be said, or what is to be done to know.
void conclusion(const View& view, const NumericGradient& numeric) {
    if (!numeric.complete) {
        progress(view, numeric);
        quiet_text(view, numeric.cost);
        if (view.session.computes_numeric_gradient()) quiet_text(view, "computing \u2026");
        else if (ImGui::Button("F7 computes it")) view.session.ask_numeric_gradient();
        return;
    }
    const std::string wrong = with(GradientVerdict::differs, numeric);
    const std::string open = with(GradientVerdict::undecided, numeric);
    if (!wrong.empty())
        coloured(view, GradientVerdict::differs, "\u2717 The adjoint and central differences disagree here: " + wrong);
    if (!open.empty())
        coloured(view, GradientVerdict::undecided, "? Zero, or too small to tell from the rounding of central "
                                                   "differences: " + open);
    if (wrong.empty() && open.empty())
        coloured(view, GradientVerdict::agrees, "\u2713 The adjoint agrees with central differences at this token.");
}

/// Bars of a number for each token, from one baseline.
void draw_bars(const View& view, const Box& box, const std::vector<double>& per_token) {
    const Vector<double> bars = largest_by_column(per_token, static_cast<Index>(box.width));
    const double largest = largest_finite(bars);
    const float step = box.width / static_cast<float>(std::max<Index>(bars.size(), 1));
    const float gap = step >= view.px(5) ? view.px(1) : 0;
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(box.min(), box.max(), view.theme.gate_track);
    for (Index i = 0; i < bars.size(); ++i) {
        const float x = box.x + static_cast<float>(i) * step;
        const bool bad = !std::isfinite(bars[i]);
        const double share = bad ? 1 : largest > 0 ? bars[i] / largest : 0;
        list->AddRectFilled({x, box.y + box.height * static_cast<float>(1 - share)}, {x + step - gap, box.max().y},
                            bad ? view.theme.bad_number : view.theme.gate_low);
    }
}

/// |dS| of every token; a click goes there.
void lane(const View& view) {
    Session& session = view.session;
    const std::vector<double>& norms = session.gradients().norm_dS();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const Box box{at.x, at.y, ImGui::GetContentRegionAvail().x, view.px(lane_height)};
    draw_bars(view, box, norms);
    const float token = box.width / static_cast<float>(session.length());
    const float x = box.x + static_cast<float>(session.ui.cursor.token) * token;
    ImGui::GetWindowDrawList()->AddRect({x, box.y - 1}, {x + std::max(token, 2.0f), box.max().y + 1},
                                        view.theme.accent, 0, 0, view.px(1.5f));
    ImGui::InvisibleButton("lane", {box.width, box.height});
    const auto under = static_cast<Index>((ImGui::GetIO().MousePos.x - box.x) / token);
    const Index hovered = std::clamp<Index>(under, 0, session.length() - 1);
    if (ImGui::IsItemActive()) session.stand(at_token(hovered, session.length()));
    if (ImGui::IsItemHovered())
        ImGui::SetTooltip("token %s: |dS| %s", session.name(hovered).c_str(),
                          shown(norms[static_cast<std::size_t>(hovered)]).c_str());
}

void words(const View& view, bool is_narrow) {
    quiet_text(view, "Thin strips: numeric \u2212 analytic, in full colour where it is more than rounding.");
    if (is_narrow) return;
    ImGui::Dummy({0, view.px(6)});
    quiet_text(view,
               "Every vector of the State tab has its gradient in its place here, each on its own scale. Gradients run "
               "backwards: dS holds what reading at this token sends back, and what every later token sends. Where dS "
               "is quiet, nothing that is read later depends on the memory.");
}

}  // namespace

void gradient_check_panel(const View& view, const Box& box) {
    begin_panel(view, "Gradient check at this token", box);
    const Session& session = view.session;
    if (session.length() == 0) return end_panel();
    const bool is_narrow = box.width < view.px(narrow);
    loss_part(view);
    ImGui::Dummy({0, view.px(4)});
    const NumericGradient& numeric = session.numeric_gradient();
    check_table(view, numeric, is_narrow);
    conclusion(view, numeric);
    ImGui::Dummy({0, view.px(4)});
    quiet_text(view, "|dS| of every token: how much the loss depends on the memory there");
    lane(view);
    words(view, is_narrow);
    end_panel();
}

}  // namespace gdn2::viewer
