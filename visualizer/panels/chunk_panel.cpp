// One chunk by both forms: the chunkwise path's matrices as they follow from each other, the cursor's row marked in all
// of them, and below it the same token by the recurrent rule.
//   paper  Eqs. 18-25, 35
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/actions.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/panels/chunk_maps.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr float line = 17, margin = 10, least_below = 74;
constexpr float largest_pitch = 42, strip_name_width = 96, strip_scale_width = 72;
constexpr float state_name_width = 48;
constexpr float wide_enough_for_states = 800, wide_enough_for_tokens = 660, longest_tokens = 220;

/// A scale whose ends are said: never 0.
Scale scale_to(const View& view, double top) {
    return {top > 0 && std::isfinite(top) ? top : 1, view.session.ui.symlog};
}

std::string range_of(double top) {
    const int digits = top >= 100 && top < 1000 ? 3 : 2;
    return top > 0 ? "\u00b1" + shown(top, digits) : "all 0";
}

std::string size_of(const Matrix<double>& values) {
    return std::to_string(values.rows()) + "\u00d7" + std::to_string(values.cols());
}

void step_button(const View& view, const char* label, const char* what, Action action, bool possible) {
    ImGui::SameLine();
    ImGui::BeginDisabled(!possible);
    if (ImGui::SmallButton(label)) apply(action, view.session);
    ImGui::EndDisabled();
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("%s", what);
}

/// Leads to the matrices that this page has no room for, where there are any.
void more_button(const View& view, const std::vector<ChunkPicture>& pages, std::size_t page) {
    if (pages.size() < 2) return;
    std::string others;
    Index count = 0;
    for (std::size_t i = 1; i < pages.size(); ++i)
        for (const ChunkMap& map : pages[(page + i) % pages.size()].maps) {
            others += (count == 0 ? "" : ", ") + std::string(map.symbol);
            ++count;
        }
    ImGui::SameLine();
    const std::string label = std::to_string(count) + " more (C)";
    ImGui::PushStyleColor(ImGuiCol_Text, view.theme.accent);
    if (ImGui::SmallButton(label.c_str())) apply(Action::more_matrices, view.session);
    ImGui::PopStyleColor();
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("there is no room for %s here: C shows them", others.c_str());
}

/// Which chunk this is, buttons to its neighbours and to other matrices, and whether both forms agree.
void headline(const View& view, const Box& box, const ChunkView& chunk, const std::vector<ChunkPicture>& pages,
              std::size_t page) {
    const Index chunks = view.session.chunk_count(), last = chunk.first + chunk.rows - 1;
    ImGui::SameLine();
    ImGui::Text("%td of %td", chunk.chunk + 1, chunks);
    step_button(view, "\u25c0", "previous chunk (Page Up)", Action::previous_chunk, chunk.chunk > 0);
    step_button(view, "\u25b6", "next chunk (Page Down)", Action::next_chunk, chunk.chunk + 1 < chunks);
    more_button(view, pages, page);
    ImGui::SameLine();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    float x = at.x + view.px(2);
    if (box.width >= view.px(wide_enough_for_tokens)) {
        const std::string first = view.session.label(chunk.first);
        const std::string tokens = chunk.rows == 1 ? "token " + first
                                                   : "tokens " + first + " to " + view.session.label(last);
        draw_text(view, x, at.y, view.theme.quiet, tokens, view.px(longest_tokens));
        x += std::min(text_width(tokens), view.px(longest_tokens)) + view.px(14);
    }
    const char* both = box.width >= view.px(wide_enough_for_tokens) ? " chunkwise and token by token " : " both forms ";
    const std::string verdict = (chunk.agree() ? "\u2713" : "\u2717") + std::string(both) + pretty(agreement(chunk));
    draw_text(view, x, at.y, chunk.agree() ? view.theme.right : view.theme.wrong, verdict,
              box.x + box.width - view.px(margin) - x);
    ImGui::NewLine();
}

/// The scale's colours, lying, with its range.
void legend(const View& view, const ChunkMap& map) {
    const std::string range = range_of(map.top);
    const float y = map.cells.y + map.cells.height + view.px(3);
    draw_text(view, map.cells.x, y, view.theme.quiet, range);
    if (!(map.top > 0)) return;
    constexpr int steps = 64;
    std::vector<Colour> pixels;
    for (int i = 0; i < steps; ++i)
        pixels.push_back(signed_colour(view.theme, 2.0 * i / (steps - 1) - 1, {1, view.session.ui.symlog}));
    const float left = map.cells.x + text_width(range) + view.px(6), height = view.px(6);
    const float right = map.slot.x + std::min(map.slot.width, view.px(150));
    ImGui::GetWindowDrawList()->AddImage(view.textures.put("lying legend", steps, 1, pixels),
                                         {left, y + view.px(5)}, {right, y + view.px(5) + height});
}

void captions(const View& view, const ChunkMap& map) {
    const float words = map.slot.x + text_width(map.symbol) + view.px(7);
    draw_text(view, map.slot.x, map.slot.y, view.theme.text, map.symbol);
    draw_text(view, words, map.slot.y, view.theme.quiet, map.words, map.slot.x + map.slot.width - words);
    draw_text(view, map.slot.x, map.slot.y + view.px(line), view.theme.quiet,
              size_of(*map.values) + "  " + map.equation, map.slot.width);
    legend(view, map);
    const Box head{map.slot.x, map.slot.y, map.slot.width, map.cells.y - map.slot.y};
    if (head.contains(ImGui::GetIO().MousePos) && ImGui::IsWindowHovered())
        ImGui::SetTooltip("%s, %s: %s", map.symbol, map.equation, map.sentence);
}

/// The cursor's row, framed outside its cells, with a triangle that points at it.
void mark_row(const View& view, const ChunkMap& map, float height, Index row) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float y = map.cells.y + static_cast<float>(row) * height, out = view.px(1.5f), side = view.px(5);
    const float middle = y + height / 2, left = map.cells.x - view.px(3);
    list->AddRect({map.cells.x - out, y - out}, {map.cells.x + map.cells.width + out, y + height + out},
                  view.theme.accent, 0, 0, view.px(1.25f));
    list->AddTriangleFilled({left - side, middle - side * 0.8f}, {left - side, middle + side * 0.8f}, {left, middle},
                            view.theme.accent);
}

/// What the lesson is about just now.
bool is_named(const Session& session, const ChunkMap& map) {
    const LessonStep* step = step_of(session);
    return step && std::find(step->names.begin(), step->names.end(), map.symbol) != step->names.end();
}

/// A frame around it, with its captions.
void mark_named(const View& view, const ChunkMap& map) {
    const float out = view.px(4), bottom = map.cells.max().y + chunk_map_foot(view) + view.px(4);
    ImGui::GetWindowDrawList()->AddRect({map.slot.x - out, map.slot.y - view.px(1)},
                                        {std::max(map.slot.max().x, map.cells.max().x) + out, bottom},
                                        view.theme.accent, view.px(3), 0, view.px(1.5f));
}

/// One matrix; a click on a row goes to its token.
void draw_map(const View& view, const ChunkPicture& picture, const ChunkView& chunk, const ChunkMap& map) {
    captions(view, map);
    if (is_named(view.session, map)) mark_named(view, map);
    MatrixLook look;
    look.slot = std::string("chunk ") + map.symbol;
    look.box = map.cells;
    look.scale = scale_to(view, map.top);
    look.numbers = view.session.ui.show_numbers;
    look.tensor = map.tensor;
    look.before = map.before;
    const std::optional<Cell> cell = draw_matrix(view, *map.values, look);
    if (map.follows) draw_text(view, map.slot.x - view.px(17), map.slot.y, view.theme.quiet, "\u2192");
    if (!map.by_rows()) return;
    mark_row(view, map, picture.row, view.session.ui.cursor.token - chunk.first);
    if (cell && map.tensor.empty()) view.hover.number = Number{"o", {chunk.first + cell->row, cell->col}};
    if (cell && ImGui::IsMouseClicked(0))
        view.session.stand(at_token(chunk.first + cell->row, view.session.length()));
}

/// The page that has what the lesson names first; else the first page.
std::size_t page_of_lesson(const Session& session, const std::vector<ChunkPicture>& pages) {
    const LessonStep* step = step_of(session);
    if (!step || step->names.empty()) return 0;
    const auto found = std::find_if(pages.begin(), pages.end(), [step](const ChunkPicture& page) {
        return std::any_of(page.maps.begin(), page.maps.end(), [step](const ChunkMap& map) {
            return map.symbol == step->names.front();
        });
    });
    return found == pages.end() ? 0 : static_cast<std::size_t>(found - pages.begin());
}

void draw_picture(const View& view, const ChunkPicture& picture, const ChunkView& chunk) {
    for (const ChunkStep& step : picture.steps) {
        ImGui::GetWindowDrawList()->AddRectFilled(step.box.min(), step.box.max(), faded(view.theme.raised, 0.4),
                                                  view.px(4));
        const bool given = step.formulas.empty();
        draw_text(view, step.box.x + view.px(7), step.box.y + view.px(5),
                  given ? view.theme.quiet : view.theme.accent, given ? step.source : step.formulas);
    }
    for (const ChunkMap& map : picture.maps) draw_map(view, picture, chunk, map);
}

/// A vector with its name in front and its scale behind.
void named_strip(const View& view, const Box& row, const char* name, const Vector<double>& values, double top,
                 const Number& number) {
    const float name_width = view.px(strip_name_width), scale_width = view.px(strip_scale_width);
    const float text_y = row.y + (row.height - ImGui::GetFontSize()) / 2 - view.px(1);
    draw_text(view, row.x, text_y, view.theme.quiet, name, name_width);
    StripLook look;
    look.tensor = number.tensor;
    look.before = number.index;
    look.scale = scale_to(view, top);
    look.box = {row.x + name_width, row.y, row.width - name_width - scale_width, row.height};
    draw_strip(view, values, look);
    draw_text(view, row.x + row.width - scale_width + view.px(6), text_y, view.theme.quiet, range_of(top));
}

/// Row r of a chunkwise matrix, the recurrent vector, and their difference.
void both_rows(const View& view, const Box& box, const BothForms& forms, Index row, const char* const (&names)[3],
               const Number& chunkwise, const Number& recurrent) {
    const float pitch = box.height / 3, height = std::floor(pitch - view.px(3));
    const auto place = [&](int i) { return Box{box.x, box.y + static_cast<float>(i) * pitch, box.width, height}; };
    named_strip(view, place(0), names[0], forms.chunkwise.row(row), forms.top, chunkwise);
    named_strip(view, place(1), names[1], forms.recurrent.row(row), forms.top, recurrent);
    named_strip(view, place(2), names[2], forms.difference.row(row), forms.largest, {});
}

/// The state after the chunk: chunkwise, token by token, and their difference.
void both_states(const View& view, const Box& box, const ChunkView& chunk) {
    const BothForms& S = chunk.S_end;
    const Matrix<double>* values[] = {&S.chunkwise, &S.recurrent, &S.difference};
    constexpr const char* names[] = {"chunkwise", "by token", "difference"};
    const float name_width = view.px(state_name_width), third = (box.width - name_width) / 3;
    draw_text(view, box.x, box.y, view.theme.quiet, "S_end", name_width);
    for (int i = 0; i < 3; ++i) {
        const float x = box.x + name_width + static_cast<float>(i) * third;
        const float cell = cell_size(S.chunkwise.rows(), S.chunkwise.cols(), third - view.px(8),
                                     box.height - view.px(line), view.px(16));
        MatrixLook look;
        look.slot = "state by both " + std::to_string(i);
        look.box = {x, box.y, cell * static_cast<float>(S.chunkwise.cols()),
                    cell * static_cast<float>(S.chunkwise.rows())};
        const double top = i == 2 ? S.largest : S.top;
        look.scale = scale_to(view, top);
        look.tensor = i == 1 ? "S" : "";
        look.before = {chunk.first + chunk.rows - 1};
        draw_text(view, x, box.y - view.px(line + 2), view.theme.quiet, names[i], third);
        draw_text(view, x, look.box.max().y + view.px(1), view.theme.quiet, range_of(top), third);
        draw_matrix(view, *values[i], look);
    }
}

void draw_both_forms(const View& view, const Box& box, const ChunkView& chunk, const std::string& remark) {
    const Index token = view.session.ui.cursor.token, row = token - chunk.first;
    const bool states = box.width >= view.px(wide_enough_for_states);
    const float parts = states ? 3 : 2, gap = view.px(14), width = (box.width - (parts - 1) * gap) / parts;
    draw_text(view, box.x, box.y, view.theme.accent,
              "Row " + std::to_string(row) + " is token " + view.session.name(token) + ", by both forms" +
                  (remark.empty() ? "" : "; " + remark),
              2 * width);
    const float y = box.y + view.px(line + 5), height = std::min(box.height - view.px(line + 5),
                                                                 view.px(3 * largest_pitch));
    constexpr const char* names_u[] = {"R  chunkwise", "u  by token", "difference"};
    constexpr const char* names_o[] = {"O  chunkwise", "o  by token", "difference"};
    both_rows(view, {box.x, y, width, height}, chunk.R, row, names_u, {"R", {chunk.chunk, row}}, {"u", {token}});
    both_rows(view, {box.x + width + gap, y, width, height}, chunk.O, row, names_o, {"o", {token}}, {"o", {token}});
    if (states) both_states(view, {box.x + 2 * (width + gap), y, width, height - view.px(3)}, chunk);
}

}  // namespace

void chunk_panel(const View& view, const Box& box) {
    begin_panel(view, "Chunk", box);
    const Session& session = view.session;
    if (session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens, and so no chunk.");
        return end_panel();
    }
    const ChunkView& chunk = session.chunk_view(session.ui.cursor.token / chunk_length);
    const float left = box.x + view.px(margin), width = box.width - view.px(2 * margin);
    const float top = box.y + view.px(32), bottom = box.y + box.height - view.px(5);
    const std::vector<ChunkPicture> pages =
        chunk_pages(view, chunk, {left, top, width, bottom - top - view.px(least_below + 6)});
    const std::size_t page =
        (page_of_lesson(session, pages) + static_cast<std::size_t>(session.ui.chunk_page)) % pages.size();
    headline(view, box, chunk, pages, page);
    const ChunkPicture& picture = pages[page];
    draw_picture(view, picture, chunk);
    const float below = picture.bottom + view.px(6);
    const float row_height = picture.row * static_cast<float>(chunk.rows);
    draw_both_forms(view, {left, below, width, bottom - below}, chunk,
                    remark_on_numbers(view, {0, 0, row_height, row_height}, chunk.rows, chunk.rows));
    end_panel();
}

}  // namespace gdn2::viewer
