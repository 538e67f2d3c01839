// The left column: what is open and what to notice about it, the gates of this token, what is shown.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <sstream>

#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/left_column.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float line_gap = 3;

/// One of several, chosen by a list.
void choice(const View& view, const char* label, Index& chosen, Index count, const std::string& name_of_chosen,
            const auto& name_of) {
    if (count < 2) return;
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(label);
    ImGui::SameLine(view.px(90));
    ImGui::SetNextItemWidth(-1);
    const std::string id = std::string("##") + label;
    if (!ImGui::BeginCombo(id.c_str(), name_of_chosen.c_str())) return;
    for (Index i = 0; i < count; ++i)
        if (ImGui::Selectable(name_of(i).c_str(), i == chosen)) chosen = i;
    ImGui::EndCombo();
}

std::string of(Index i, Index count) { return std::to_string(i) + "  (" + std::to_string(count) + " in all)"; }

/// Which head of which sequence of which layer, where there are several.
void selectors(const View& view) {
    Session& session = view.session;
    UiState& ui = session.ui;
    const std::vector<Layer>& layers = session.document().layers;
    const auto layer_name = [&](Index i) {
        const std::string& name = layers[static_cast<std::size_t>(i)].name;
        return name.empty() ? std::string("(no name)") : name;
    };
    choice(view, "layer", ui.layer, static_cast<Index>(layers.size()), layer_name(ui.layer), layer_name);
    session.clamp();
    const Sizes& sizes = session.layer().sizes;
    const auto number = [](Index i) { return std::to_string(i); };
    choice(view, "sequence", ui.sequence, sizes.sequences, of(ui.sequence, sizes.sequences), number);
    choice(view, "head", ui.head, sizes.value_heads, of(ui.head, sizes.value_heads), number);
    session.clamp();
}

/// The lower parts stand at the bottom while there is room, so that they do not move when the text above changes.
void push_down(const View& view, float height_below) {
    const float room = ImGui::GetContentRegionAvail().y - height_below;
    if (room > 0) ImGui::Dummy({0, room - ImGui::GetStyle().ItemSpacing.y});
    else ImGui::Dummy({0, view.px(2)});
}

constexpr float fading = 18;
constexpr int frames_until_laid_out = 2;

/// What of a column that does not fit is out of sight.
const char* out_of_sight(const LeftColumn& column) {
    if (column.scroll <= 0) return "\u25be more below";
    return column.scroll < column.last_scroll ? "\u25b4 more above and below \u25be" : "\u25b4 more above";
}

/// Lines that an edge cuts fade there.
void fade_edges(const View& view, const LeftColumn& column) {
    const ImVec2 at = ImGui::GetWindowPos(), size = ImGui::GetWindowSize();
    const float right = at.x + ImGui::GetContentRegionMax().x, bottom = at.y + size.y, deep = view.px(fading);
    const Colour panel = view.theme.panel, clear = faded(panel, 0);
    ImDrawList* list = ImGui::GetWindowDrawList();
    if (column.scroll > 0)
        list->AddRectFilledMultiColor(at, {right, at.y + deep}, panel, panel, clear, clear);
    if (column.scroll < column.last_scroll)
        list->AddRectFilledMultiColor({at.x, bottom - deep}, {right, bottom}, clear, clear, panel, panel);
}

/// The column's height in the panel: all of it, or a line less, which says that there is more.
float height_of_column(const View& view) {
    const LeftColumn& column = view.memory.left_column;
    const float room = ImGui::GetContentRegionAvail().y;
    return column.height <= room ? room : room - ImGui::GetTextLineHeightWithSpacing();
}

/// Below a column that does not fit. A click goes on, from the end back to the top.
void line_of_more(const View& view, float shown) {
    LeftColumn& column = view.memory.left_column;
    if (column.last_scroll <= 0) return;
    ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {0, 0});
    ImGui::PushStyleColor(ImGuiCol_Button, view.theme.panel);
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.accent);
    if (ImGui::Button(out_of_sight(column), {-1, 0}))
        column.scroll_to = column.scroll < column.last_scroll ? column.scroll + shown / 2 : 0;
    ImGui::PopStyleColor(2);
    ImGui::PopStyleVar();
}

/// A lesson's new text is brought into view, to its last line: the key to press. Its height is known a frame later.
void follow_text(const View& view, float shown) {
    LeftColumn& column = view.memory.left_column;
    const UiState& ui = view.session.ui;
    const LessonText now{view.session.document().source, ui.lesson, ui.stop_at.has_value()};
    if (!(column.text == now)) column.frames_shown = 0;
    column.text = now;
    if (column.frames_shown == frames_until_laid_out) return;
    ++column.frames_shown;
    column.scroll_to = std::max(0.0f, column.lesson_end + view.px(fading) - shown);
}

}  // namespace

void part_heading(const View& view, const char* text, const std::string& right) {
    ImGui::Separator();
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.quiet);
    ImGui::TextUnformatted(text);
    ImGui::PopStyleColor();
    if (right.empty()) return;
    const float room = ImGui::GetContentRegionAvail().x, x = ImGui::GetItemRectMin().x, y = ImGui::GetItemRectMin().y;
    const float after = ImGui::GetItemRectMax().x + view.px(8);
    const float width = std::min(text_width(right), x + room - after);
    draw_text(view, x + room - width, y, view.theme.text, right, width);
}

void paragraph(const View& view, const std::string& text, Colour colour) {
    const float line = ImGui::GetFontSize() + view.px(line_gap);
    std::istringstream lines(wrapped(pretty(text), ImGui::GetContentRegionAvail().x));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    float y = at.y;
    for (std::string each; std::getline(lines, each); y += line) draw_text(view, at.x, y, colour, each);
    ImGui::Dummy({ImGui::GetContentRegionAvail().x, y - at.y});
}

void key_tooltip(Action action, const char* what) {
    if (!ImGui::IsItemHovered(ImGuiHoveredFlags_AllowWhenDisabled)) return;
    const Binding* binding = binding_of(action);
    if (binding) ImGui::SetTooltip("%s (%s)", what ? what : binding->what, text_of(binding->chord).c_str());
}

void lesson_panel(const View& view, const Box& box) {
    begin_panel(view, "##lesson", box);
    LeftColumn& column = view.memory.left_column;
    const float height = height_of_column(view);
    ImGui::BeginChild("column", {0, height}, false, ImGuiWindowFlags_NoSavedSettings);
    if (column.scroll_to) ImGui::SetScrollY(*column.scroll_to);
    column.scroll_to.reset();
    const bool keys_are_named = view.session.document().recall.has_value();
    const char* right = keys_are_named ? "Recall: what each key answers" : "What the last output reads";
    if (!view.memory.recall_beside && ImGui::Button(right, {-1, 0}))
        view.memory.recall_in_front = true;
    lesson_number(view.session.document()) ? lesson_part(view) : document_part(view);
    column.lesson_end = ImGui::GetCursorPosY();
    selectors(view);
    const float upper = ImGui::GetCursorPosY();
    push_down(view, column.lower);
    const float top = ImGui::GetCursorPosY();
    if (view.session.length() > 0) gates_part(view);
    show_part(view);
    column.lower = ImGui::GetCursorPosY() - top;
    column.height = upper + column.lower - ImGui::GetStyle().ItemSpacing.y;  // nothing stands below the last line
    column.scroll = ImGui::GetScrollY();
    column.last_scroll = ImGui::GetScrollMaxY();
    if (guide_of(view.session)) follow_text(view, height);
    fade_edges(view, column);
    ImGui::EndChild();
    line_of_more(view, height);
    end_panel();
}

}  // namespace gdn2::viewer
