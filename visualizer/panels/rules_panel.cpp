// All rules side by side: what each keeps, large; beside that what every key answers under each of them, and how what
// GDN-2 has not was chosen.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "visualizer/draw/matrix.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/shown.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float gap = 14, narrow_panel = 380, largest_cell = 64;

/// A grid of the rules' pictures, and the room of one.
struct Grid {
    Index per_row = 3;
    float width = 0, height = 0;  ///< of a picture
    float line = 0;               ///< two of them stand over it
    Box tile(const View& view, const Box& box, Index i) const {
        const float x = static_cast<float>(i % per_row) * (width + view.px(gap));
        const float y = static_cast<float>(i / per_row) * (height + 2 * line + view.px(gap));
        return {box.x + x, box.y + y, width, height + 2 * line};
    }
};

/// As many to a row as makes states largest.
Grid grid_for(const View& view, const Box& box) {
    const Track& track = view.session.track();
    const Index count = std::ssize(all_rules());
    Grid best;
    float largest = 0;
    for (Index per_row = 3; per_row <= 5; ++per_row) {
        const Index rows = (count + per_row - 1) / per_row;
        Grid grid{per_row, 0, 0, ImGui::GetFontSize() + view.px(3)};
        grid.width = box.width / static_cast<float>(per_row) - view.px(gap);
        grid.height = box.height / static_cast<float>(rows) - view.px(gap) - 2 * grid.line;
        const float cell = cell_size(track.key_dim(), track.value_dim(), grid.width, std::max(grid.height, 1.0f),
                                     view.px(largest_cell));
        if (cell <= largest) continue;
        largest = cell;
        best = grid;
    }
    return best;
}

bool is_shown_alone(const View& view, const Rule& rule) { return rule == Rule(view.session.ui.mixer); }

/// "22 of 22 right"
std::string score_of(const View& view, const Rule& rule) {
    if (!view.session.document().recall) return "";
    const RecallAlong& along = view.session.recall(rule);
    return std::to_string(along.all_right) + " of " + std::to_string(along.all_asked) + " right";
}

/// What the picture of softmax attention is of: a line where keys end, and how many there are.
void mark_cache(const View& view, const Box& cells, float cell) {
    const OtherRun& run = view.session.other(OtherRule::softmax_attention);
    const Index kept = run.cached(written_until(view.session.ui.cursor));
    const float x = cells.x + cell * static_cast<float>(view.session.track().key_dim());
    if (cells.height > 0)
        ImGui::GetWindowDrawList()->AddLine({x, cells.y}, {x, cells.max().y}, view.theme.text, view.px(1.5f));
    const std::string all = std::to_string(kept) + (kept == 1 ? " key | value" : " keys | values");
    const std::string text = kept > run.rows_shown ? "last " + std::to_string(run.rows_shown) + " of " + all : all;
    draw_text(view, cells.x, cells.max().y + view.px(2), view.theme.quiet, text);
}

void rule_tooltip(const View& view, const Rule& rule) {
    const bool steps = std::holds_alternative<Mixer>(rule);
    ImGui::SetTooltip("%s: %s%s", name_of(rule).c_str(), pretty(choices_of(view.session, rule)).c_str(),
                      steps ? "\nclick: this rule in all tabs" : "\nto be compared with only: it has no five phases");
}

/// One rule: name, score and what it keeps.
void draw_rule(const View& view, const Rule& rule, const Box& tile, float line, double half) {
    const Session& session = view.session;
    const Matrix<double> memory = memory_at(session, rule, session.ui.cursor);
    const bool alone = is_shown_alone(view, rule);
    draw_text(view, tile.x, tile.y, alone ? view.theme.accent : view.theme.text,
              fitting(name_of(rule), short_name_of(rule), tile.width), tile.width);
    draw_text(view, tile.x, tile.y + line, view.theme.quiet, score_of(view, rule), tile.width);
    const float below = rule == Rule(OtherRule::softmax_attention) ? line : 0;
    const float cell = cell_size(memory.rows(), memory.cols(), tile.width, tile.height - 2 * line - below,
                                 view.px(largest_cell));
    MatrixLook look;
    look.slot = "large " + name_of(rule);
    look.scale = {half, session.ui.symlog};
    look.numbers = session.ui.show_numbers;
    look.box = {tile.x, tile.y + 2 * line, cell * static_cast<float>(memory.cols()),
                cell * static_cast<float>(memory.rows())};
    if (alone) {
        const Number name = name_of_state(session.ui.cursor);
        look.tensor = name.tensor;
        look.before = name.index;
    }
    const bool hovered = draw_matrix(view, memory, look).has_value();
    if (rule == Rule(OtherRule::softmax_attention)) mark_cache(view, look.box, cell);
    if (hovered && !alone) rule_tooltip(view, rule);
    if (hovered && std::holds_alternative<Mixer>(rule) && ImGui::IsMouseClicked(0))
        view.session.ui.mixer = std::get<Mixer>(rule);
}

void answer_tooltip(const RecallCell& cell, const Rule& rule, const RecallRow& row) {
    const std::string tie = tie_in_words(cell);
    ImGui::SetTooltip("%s asked for %s: %s, should be %s\n%s%scosine %s, strength %s", name_of(rule).c_str(),
                      row.key.c_str(), cell.answer.c_str(), row.expected.c_str(), tie.c_str(), tie.empty() ? "" : "\n",
                      shown(cell.content.cosine, 3, 1).c_str(), shown(cell.content.norm, 3, 1).c_str());
}

/// "\u2713 4 1.00", as much as fits.
void answer_cell(const View& view, const RecallCell& cell, const Rule& rule, const RecallRow& row) {
    ImGui::TableNextColumn();
    const std::string text = std::string(cell.right ? "\u2713 " : "\u2717 ") + cell.answer;
    char strength[16];
    std::snprintf(strength, sizeof strength, " %.2f", cell.content.norm);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float room = ImGui::GetContentRegionAvail().x;
    draw_text(view, at.x, at.y, cell.right ? view.theme.right : view.theme.wrong,
              fitting(text + strength, text, room), room);
    ImGui::Dummy({room, ImGui::GetFontSize()});
    if (ImGui::IsItemHovered())
        answer_tooltip(cell, rule, row);
}

void answers_of(const View& view, const RecallTable& table, std::size_t i) {
    const Rule& rule = table.rules[i];
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::PushStyleColor(ImGuiCol_Text, is_shown_alone(view, rule) ? view.theme.accent : view.theme.text);
    ImGui::TextUnformatted(short_name_of(rule).c_str());
    ImGui::PopStyleColor();
    for (const RecallRow& row : table.rows) answer_cell(view, row.cells[i], rule, row);
    const RecallAlong& along = view.session.recall(rule);
    ImGui::TableNextColumn();
    ImGui::Text("%td/%td", along.all_right, along.all_asked);
}

/// A row for each rule, a column for each key.
void answers_table(const View& view, bool narrow) {
    const RecallTable table = recall_table(view.session, all_rules());
    ImGui::PushStyleVar(ImGuiStyleVar_CellPadding, {view.px(narrow ? 3 : 5), view.px(2)});
    if (ImGui::BeginTable("rules", static_cast<int>(table.rows.size()) + 2,
                          ImGuiTableFlags_RowBg | ImGuiTableFlags_BordersInnerV)) {
        ImGui::TableSetupColumn("rule", ImGuiTableColumnFlags_WidthFixed);
        for (const RecallRow& row : table.rows)
            ImGui::TableSetupColumn((narrow ? row.key : row.key + " = " + row.expected).c_str());
        ImGui::TableSetupColumn("run", ImGuiTableColumnFlags_WidthFixed);
        ImGui::TableHeadersRow();
        for (std::size_t i = 0; i < table.rules.size() && !table.rows.empty(); ++i) answers_of(view, table, i);
        ImGui::EndTable();
    }
    ImGui::PopStyleVar();
    if (table.rows.empty()) paragraph(view, "Nothing is stored yet.", view.theme.quiet);
}

}  // namespace

void compare_panel(const View& view, const Box& box) {
    begin_panel(view, "##compare", box);
    const Session& session = view.session;
    const float margin = view.px(10), top = view.px(30);
    const Box area{box.x + margin, box.y + top, box.width - margin, box.height - top};
    const Grid grid = grid_for(view, area);
    const std::string remark = remark_on_numbers(view, {0, 0, grid.width, grid.height}, session.track().key_dim(),
                                                 session.track().value_dim());
    const char* how = view.memory.recall_beside ? "" : "; point at one for how its gates were chosen";
    panel_headline(view, view.theme.quiet, "The same tokens under every rule, \u00b1" + shown(session.scale()) + how,
                   remark);
    if (session.length() == 0) return end_panel();
    for (Index i = 0; i < std::ssize(all_rules()); ++i)
        draw_rule(view, all_rules()[static_cast<std::size_t>(i)], grid.tile(view, area, i), grid.line,
                  session.scale());
    end_panel();
}

void rules_panel(const View& view, const Box& box) {
    begin_panel(view, "##rules", box);
    ImGui::BeginChild("rules", {0, 0}, false, ImGuiWindowFlags_NoSavedSettings);
    const bool narrow = box.width < view.px(narrow_panel);
    if (narrow && ImGui::Button("Lesson and gates", {-1, 0})) view.memory.recall_in_front = false;
    const bool waits = answers_wait(view.session);
    if (waits) paragraph(view, "The answers wait for your guess.", view.theme.text);
    if (view.session.document().recall && view.session.length() > 0 && !waits) {
        paragraph(view, recall_heading(view.session), view.theme.quiet);
        answers_table(view, narrow);
    }
    paragraph(view, "How what GDN-2 does not have was chosen", view.theme.quiet);
    for (const Rule& rule : all_rules())
        paragraph(view, name_of(rule) + ": " + choices_of(view.session, rule) + ".", view.theme.text);
    ImGui::EndChild();
    end_panel();
}

}  // namespace gdn2::viewer
