// The list of tensors with their verdicts, and where the chosen one is wrong: in words, and counted along its axes.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/panels/difference_parts.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"

namespace gdn2::viewer {
namespace {

constexpr float wide_enough_for_places = 430, axis_name_width = 96, axis_height = 16;

struct Mark {
    const char* sign;
    Colour colour;
};

Mark mark_of(const View& view, const ComparedTensor& tensor) {
    if (tensor.refused) return {"\u2717", view.theme.wrong};
    if (!tensor.compared) return {"\u2026", view.theme.quiet};
    if (tensor.verdict == Verdict::pass) return {"\u2713", view.theme.right};
    return tensor.verdict == Verdict::fail ? Mark{"\u2717", view.theme.wrong} : Mark{"?", view.theme.quiet};
}

/// "0.012", or what is no number.
std::string figure(const ComparedTensor& tensor, double x) {
    if (!tensor.compared) return "";
    return std::isfinite(x) ? shown(x, 2) : "NaN, Inf";
}

std::string place_text(const View& view, const std::optional<ElementPlace>& place) {
    return place ? text_of(*place, view.session.layer().sizes) : "";
}

/// The same where there is little room: "70 s1 h2".
std::string short_place(const View& view, const std::optional<ElementPlace>& place) {
    if (!place) return "";
    const Sizes& sizes = view.session.layer().sizes;
    std::string text = place->token == ElementPlace::no_token ? "end" : std::to_string(place->token);
    if (sizes.sequences > 1) text += " s" + std::to_string(place->sequence);
    if (sizes.value_heads > 1) text += " h" + std::to_string(place->head);
    return text;
}

std::string cell_text(const ComparedTensor& tensor) {
    if (!tensor.worst || tensor.verdict == Verdict::pass) return "";
    return "[" + std::to_string(tensor.worst->row) + ", " + std::to_string(tensor.worst->col) + "]";
}

void row(const View& view, const ComparedTensor& tensor, bool chosen, bool wide) {
    const Mark mark = mark_of(view, tensor);
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushStyleColor(ImGuiCol_Text, mark.colour);
    if (ImGui::Selectable((std::string(mark.sign) + " " + tensor.name).c_str(), chosen,
                          ImGuiSelectableFlags_SpanAllColumns))
        show_tensor(view.session, tensor.name);
    ImGui::PopStyleColor();
    if (chosen && view.memory.listed_tensor != tensor.name) {
        view.memory.listed_tensor = tensor.name;
        ImGui::SetScrollHereY();
    }
    if (ImGui::IsItemHovered() && !tensor.why.empty()) ImGui::SetTooltip("%s", tensor.why.c_str());
    const auto cell = [&view](const std::string& text) {
        ImGui::TableNextColumn();
        const ImVec2 at = ImGui::GetCursorScreenPos();
        draw_text(view, at.x, at.y, view.theme.text, text, ImGui::GetContentRegionAvail().x);
        ImGui::Dummy({1, ImGui::GetFontSize()});
    };
    if (wide) cell(figure(tensor, tensor.comparison.max_abs));
    cell(figure(tensor, tensor.comparison.relative));
    cell(wide ? place_text(view, tensor.first_bad) : short_place(view, tensor.first_bad));
    if (wide) cell(cell_text(tensor));
}

void table(const View& view, const Difference& difference, const ComparedTensor* chosen, bool wide, float height) {
    const ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV | ImGuiTableFlags_ScrollY;
    ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {view.px(wide ? 5 : 3), view.px(2)});
    if (ImGui::BeginTable("tensors", wide ? 5 : 3, flags, {0, height})) {
        ImGui::TableSetupScrollFreeze(0, 1);
        ImGui::TableSetupColumn("tensor", ImGuiTableColumnFlags_WidthFixed, text_width("\u2717 d_initial_state"));
        const ImGuiTableColumnFlags fixed = ImGuiTableColumnFlags_WidthFixed;
        const float figures = text_width("NaN, Inf") + view.px(6);
        if (wide) ImGui::TableSetupColumn("largest", fixed, figures);
        ImGui::TableSetupColumn("relative", fixed, figures);
        ImGui::TableSetupColumn("first wrong");
        if (wide) ImGui::TableSetupColumn("worst cell", fixed, text_width("[0000, 000]"));
        ImGui::TableHeadersRow();
        for (const ComparedTensor& tensor : difference.tensors()) row(view, tensor, &tensor == chosen, wide);
        ImGui::EndTable();
    }
    ImGui::PopStyleVar();
}

/// Heads (of the value heads, the first that reads a key head) and sequences can be chosen.
void choose(const View& view, const check::AxisProfile& axis, Index at) {
    if (axis.name == "head")
        view.session.ui.head = at * view.session.layer().sizes.value_heads / std::ssize(axis.total);
    if (axis.name == "sequence") view.session.ui.sequence = at;
}

/// Share of wrong elements at each coordinate; where cells are too thin, of the worst of those that share one.
void axis_strip(const View& view, const check::AxisProfile& axis) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x - view.px(axis_name_width), height = view.px(axis_height);
    const Index count = std::ssize(axis.total), cells = std::min<Index>(count, static_cast<Index>(width / 2));
    const float x = at.x + view.px(axis_name_width), step = width / static_cast<float>(std::max<Index>(cells, 1));
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_text(view, at.x, at.y - view.px(1), view.theme.quiet, axis.name, view.px(axis_name_width));
    for (Index i = 0; i < cells; ++i) {
        double share = 0;
        for (Index c = i * count / cells; c < (i + 1) * count / cells; ++c) share = std::max(share, axis.fraction(c));
        const float left = x + static_cast<float>(i) * step, gap = step >= view.px(4) ? 1.0f : 0.0f;
        const Colour colour = share > 0 ? mixed(view.theme.gate_low, view.theme.wrong, 0.4 + 0.6 * share)
                                        : view.theme.gate_track;
        list->AddRectFilled({left, at.y}, {left + step - gap, at.y + height}, colour);
        if (share > 0)  // not by colour alone
            list->AddRectFilled({left, at.y + height}, {left + step - gap, at.y + height + view.px(2)},
                                view.theme.wrong);
    }
    ImGui::InvisibleButton(axis.name.c_str(), {width + view.px(axis_name_width), height + view.px(3)});
    const float along = (ImGui::GetIO().MousePos.x - x) / step;
    if (!ImGui::IsItemHovered() || along < 0) return;
    const Index c = std::clamp<Index>(static_cast<Index>(along) * count / cells, 0, count - 1);
    const auto i = static_cast<std::size_t>(c);
    ImGui::SetTooltip("%s %td: %td of %td elements wrong", axis.name.c_str(), c, axis.bad[i], axis.total[i]);
    if (ImGui::IsItemClicked()) choose(view, axis, c);
}

void jump(const View& view, const char* what, const std::optional<ElementPlace>& place, Action action) {
    if (!place) return;
    if (ImGui::Button((what + place_text(view, place)).c_str())) go_to(view.session, *place);
    key_tooltip(action);
}

/// Where the chosen tensor is wrong.
void where(const View& view, const ComparedTensor& tensor) {
    ImGui::Dummy({0, view.px(2)});
    const Mark mark = mark_of(view, tensor);
    ImGui::PushTextWrapPos(0);
    ImGui::PushStyleColor(ImGuiCol_Text, mark.colour);
    ImGui::TextUnformatted((std::string(mark.sign) + " " + tensor.name + (tensor.why.empty() ? "" : ": ") + tensor.why)
                               .c_str());
    ImGui::PopStyleColor();
    for (const std::string& line : tensor.comparison.where.lines) ImGui::TextUnformatted(("wrong: " + line).c_str());
    ImGui::PopTextWrapPos();
    if (tensor.verdict != Verdict::pass) {
        jump(view, "first: token ", tensor.first_bad, Action::first_wrong);
        jump(view, "worst: token ", tensor.worst, Action::worst);
        ImGui::Dummy({0, view.px(4)});
    }
    for (const check::AxisProfile& axis : tensor.comparison.where.axes)
        if (axis.total.size() > 1 && axis.name != "partial chunk") axis_strip(view, axis);
}

}  // namespace

void difference_list(const View& view, const Difference& difference, float width, float height) {
    const ComparedTensor* chosen = shown_tensor(view.session);
    ImGui::BeginChild("list", {width, height});
    const float line = ImGui::GetTextLineHeight() + view.px(4);
    const float all = line * static_cast<float>(difference.tensors().size() + 1) + view.px(4);
    table(view, difference, chosen, width >= view.px(wide_enough_for_places), std::min(all, height * 0.55f));
    if (chosen) where(view, *chosen);
    for (const std::string& note : difference.notes()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextDisabled("%s", note.c_str());
        ImGui::PopTextWrapPos();
    }
    ImGui::EndChild();
}

}  // namespace gdn2::viewer
