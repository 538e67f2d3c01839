// What every key answers under the rules that tie GDN-2's gates, or of a file what its outputs look like; the rules'
// states, small; some numbers of this step.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "visualizer/draw/matrix.h"
#include "visualizer/model/largest_finite.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/shown.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"
#include "visualizer/panels/right_column.h"

namespace gdn2::viewer {
namespace {

constexpr float room_for_numbers = 78, room_for_states = 170;

/// Those whose columns fit; the rule in view is one of them.
std::vector<Rule> columns_of(const Session& session) {
    std::vector<Rule> columns{Mixer::gdn2, Mixer::kda, Mixer::gated_deltanet, Mixer::linear_attention};
    if (std::find(columns.begin(), columns.end(), Rule(session.ui.mixer)) == columns.end())
        columns[2] = session.ui.mixer;
    return columns;
}

void cell_tooltip(const View& view, const RecallRow& row, const RecallCell& cell, const Rule& rule) {
    ImGui::BeginTooltip();
    ImGui::Text("%s asked for %s: %s", name_of(rule).c_str(), row.key.c_str(), cell.answer.c_str());
    ImGui::Text("expected %s, so this is %s", row.expected.c_str(), cell.right ? "right" : "wrong");
    if (const std::string tie = tie_in_words(cell); !tie.empty()) ImGui::TextUnformatted(tie.c_str());
    ImGui::Text("cosine to it %s, norm %s (below 0.3 counts as none)", shown(cell.content.cosine, 3, 1).c_str(),
                shown(cell.content.norm, 3, 1).c_str());
    ImGui::TextUnformatted(choices_of(view.session, rule).c_str());
    ImGui::EndTooltip();
}

/// "0.76 \u00b7 1.32": how like the value, and how strong. Nothing is like none.
std::string measures_of(const RecallCell& cell, bool narrow) {
    char text[40];
    const bool none = cell.content.nearest.empty();
    std::snprintf(text, sizeof text, none ? "%.2f" : narrow ? "%.2f\n%.2f" : "%.2f \u00b7 %.2f",
                  none ? cell.content.norm : cell.content.cosine, cell.content.norm);
    return text;
}

void recall_cell(const View& view, const RecallRow& row, const RecallCell& cell, const Rule& rule, bool narrow) {
    ImGui::TableNextColumn();
    ImGui::BeginGroup();
    ImGui::PushStyleColor(ImGuiCol_Text, cell.right ? view.theme.right : view.theme.wrong);
    ImGui::Text("%s %s", cell.right ? "\u2713" : "\u2717", cell.answer.c_str());
    ImGui::PopStyleColor();
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(measures_of(cell, narrow).c_str());
    ImGui::PopStyleColor();
    ImGui::EndGroup();
    if (ImGui::IsItemHovered()) cell_tooltip(view, row, cell, rule);
}

void recall_row(const View& view, const RecallTable& table, const RecallRow& row, bool narrow) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(row.key.c_str());
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(row.expected.c_str());
    for (std::size_t i = 0; i < row.cells.size(); ++i) recall_cell(view, row, row.cells[i], table.rules[i], narrow);
}

/// The rules by their short names, and in full under the mouse.
void header_row(const RecallTable& table) {
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    ImGui::TableNextColumn();
    ImGui::TableHeader("key");
    ImGui::TableNextColumn();
    ImGui::TableHeader("want");
    for (const Rule& rule : table.rules) {
        ImGui::TableNextColumn();
        ImGui::TableHeader(short_name_of(rule).c_str());
        if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", name_of(rule).c_str());
    }
}

/// Of the whole run: how often each rule was right.
void score_row(const View& view, const RecallTable& table) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TableNextColumn();
    ImGui::TextUnformatted("run");
    for (const Rule& rule : table.rules) {
        const RecallAlong& along = view.session.recall(rule);
        ImGui::TableNextColumn();
        ImGui::Text("%td/%td", along.all_right, along.all_asked);
        if (ImGui::IsItemHovered())
            ImGui::SetTooltip("right answers over the whole run, every key asked after every token;\n"
                              "mean squared error %.3f. %s",
                              along.error, choices_of(view.session, rule).c_str());
    }
}

void recall_part(const View& view, bool narrow) {
    const Session& session = view.session;
    const auto quiet = [&view](const std::string& text) { paragraph(view, text, view.theme.quiet); };
    if (answers_wait(session)) return quiet("The answers wait for your guess.");
    const RecallTable table = recall_table(session, columns_of(session));
    const int count = static_cast<int>(table.rules.size()) + 2;
    ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {view.px(narrow ? 3 : 5), view.px(2)});
    if (ImGui::BeginTable("recall", count, ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV)) {
        ImGui::TableSetupColumn("key", ImGuiTableColumnFlags_WidthFixed);
        ImGui::TableSetupColumn("want", ImGuiTableColumnFlags_WidthFixed);
        for (const Rule& rule : table.rules) ImGui::TableSetupColumn(short_name_of(rule).c_str());
        header_row(table);
        for (const RecallRow& row : table.rows) recall_row(view, table, row, narrow);
        score_row(view, table);
        ImGui::EndTable();
    }
    ImGui::PopStyleVar();
    quiet(table.rows.empty() ? "Nothing is stored yet: every key is asked after every token."
                             : "nearest value, its cosine and strength: under 0.3 is none");
    if (!session.edits().edits().empty()) quiet("Every column has the edits; tied gates are their mean.");
    if (const std::string tie = tie_in_words(table); !tie.empty()) quiet(tie);
}

/// Of all these rules at the cursor: where the run's own scale would leave them dark.
double scale_of_small_states(const Session& session) {
    constexpr double too_dark = 8;
    double largest = 0;
    for (const Mixer mixer : all_mixers)
        largest = std::max(largest, largest_finite(state_at(session.track(mixer), session.ui.cursor)));
    return largest > 0 && session.scale() > too_dark * largest ? largest : session.scale();
}

void small_states(const View& view, float width, double half) {
    const Session& session = view.session;
    constexpr int per_row = 3;
    const float gap = view.px(10), side = std::floor((width - (per_row - 1) * gap) / per_row);
    const float label = ImGui::GetFontSize() + view.px(4), numbers = view.px(room_for_numbers);
    const float room = (ImGui::GetContentRegionAvail().y - numbers) / 2 - label - gap;  // of two rows
    const float tallest = std::clamp(room, view.px(48), view.px(120));
    ImVec2 at = ImGui::GetCursorScreenPos();
    for (std::size_t i = 0; i < all_mixers.size(); ++i) {
        const Mixer mixer = all_mixers[i];
        const Track& track = session.track(mixer);
        const float cell = cell_size(track.key_dim(), track.value_dim(), side, tallest, side);
        MatrixLook look;
        look.slot = std::string("small ") + id_of(mixer);
        look.scale = {half, session.ui.symlog};
        look.grid = false;
        look.box = {at.x + static_cast<float>(i % per_row) * (side + gap), at.y + label,
                    cell * static_cast<float>(track.value_dim()), cell * static_cast<float>(track.key_dim())};
        const bool chosen = mixer == session.ui.mixer;
        draw_text(view, look.box.x, at.y, chosen ? view.theme.accent : view.theme.quiet,
                  fitting(name_of(mixer), short_name_of(mixer), side), side);
        if (draw_matrix(view, state_at(track, session.ui.cursor), look) && ImGui::IsMouseClicked(0))
            view.session.ui.mixer = mixer;
        if (i % per_row == per_row - 1) at.y = look.box.y + look.box.height + gap;
    }
    ImGui::SetCursorScreenPos(at);
    ImGui::Dummy({width, view.px(2)});
}

void numbers_part(const View& view) {
    const Session& session = view.session;
    const StepNumbers step = step_numbers(session);
    ImGui::Text("|S| %s    changed by %s", shown(step.norm_S).c_str(), shown(step.norm_dS).c_str());
    paragraph(view, "1 \u2212 e\u1d40k = " + shown(step.kept, 3, 1) + ": of what lies along k this stays",
              view.theme.text);
    if (step.ghost_distance) ImGui::Text("without the edits |S| differs by %s", shown(*step.ghost_distance).c_str());
    if (step.first_non_finite) {
        ImGui::PushStyleColor(ImGuiCol_Text, view.theme.bad_number);
        ImGui::Text("not a finite number from token %td on", *step.first_non_finite);
        ImGui::PopStyleColor();
    }
}

void heading(const View& view, const char* text) {
    ImGui::Dummy({0, view.px(3)});
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(text);
    ImGui::PopStyleColor();
}

}  // namespace

void recall_panel(const View& view, const Box& box) {
    const bool keys_are_named = view.session.document().recall.has_value();
    begin_panel(view, "##recall", box);
    panel_headline(view, view.theme.quiet,
                   keys_are_named ? recall_heading(view.session) : "What the last output reads");
    if (view.session.length() == 0) return end_panel();
    const bool narrow = box.width < view.px(380);
    if (narrow && ImGui::Button("Lesson and gates", {-1, 0})) view.memory.recall_in_front = false;
    keys_are_named ? recall_part(view, narrow) : retrieved_part(view);
    const bool room = ImGui::GetContentRegionAvail().y >= view.px(room_for_numbers + room_for_states);
    if (view.session.document().built_in && room) {  // runs of other rules are cheap to make
        const double half = scale_of_small_states(view.session);
        heading(view, ("The same with the gates tied, \u00b1" + shown(half) + " (click; Shift+M: all rules)").c_str());
        small_states(view, box.width - view.px(20), half);
    }
    if (ImGui::GetContentRegionAvail().y < view.px(room_for_numbers)) return end_panel();
    heading(view, ("Numbers after " + view.session.in_words(view.session.ui.cursor.token)).c_str());
    numbers_part(view);
    end_panel();
}

}  // namespace gdn2::viewer
