// Of a file, which names no keys: whose writes an output looks like.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/right_column.h"

namespace gdn2::viewer {
namespace {

void retrieved_tooltip(const View& view, const Retrieved& each) {
    ImGui::BeginTooltip();
    ImGui::Text("token %s: cosine between o and what it wrote, w \u2299 v, %s",
                view.session.name(each.token).c_str(), shown(each.cosine, 3, 1).c_str());
    ImGui::Text("share %s: so much of it is in S\u1d40q; 1 is all of it, once. A click goes to that token.",
                shown(each.share, 3, 1).c_str());
    ImGui::EndTooltip();
}

/// A row of the table. True when it was clicked.
bool row(const View& view, const Retrieved& each) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushID(static_cast<int>(each.token));
    const bool clicked = ImGui::Selectable("##row", false, ImGuiSelectableFlags_SpanAllColumns);
    ImGui::PopID();
    if (ImGui::IsItemHovered()) retrieved_tooltip(view, each);
    ImGui::SameLine(0, 0);
    ImGui::TextUnformatted(view.session.name(each.token).c_str());
    for (const double number : {each.cosine, each.share}) {
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(shown(number, 3, 1).c_str());
    }
    return clicked;
}

/// What the table is of, or why there is none.
std::string heading(const Session& session) {
    const Index asker = written_until(session.ui.cursor);
    if (asker < 0) return "Nothing is written yet: after every token, its o is held against all writes so far.";
    const std::string output = "o of token " + session.name(asker);
    if (session.retrieved().empty())
        return output + " looks like no write: there was none so far, or o is 0 or no finite number.";
    return output + ": the writes w * v, or their opposites, that it looks like most";
}

}  // namespace

void retrieved_part(const View& view) {
    paragraph(view, heading(view.session), view.theme.text);
    const std::vector<Retrieved>& tokens = view.session.retrieved();
    if (tokens.empty() || !ImGui::BeginTable("retrieved", 3, ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV))
        return;
    ImGui::TableSetupColumn("of token");
    ImGui::TableSetupColumn("cosine", ImGuiTableColumnFlags_WidthFixed);
    ImGui::TableSetupColumn("share", ImGuiTableColumnFlags_WidthFixed);
    ImGui::TableHeadersRow();
    std::optional<Index> chosen;
    for (const Retrieved& each : tokens)
        if (row(view, each)) chosen = each.token;
    ImGui::EndTable();
    if (chosen) view.session.stand(at_token(*chosen, view.session.length()));
}

}  // namespace gdn2::viewer
