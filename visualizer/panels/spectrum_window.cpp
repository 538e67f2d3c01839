// The right half of the Spectrum tab: the tokens around the cursor as matrices, token by token.
//   maths  reference/delta_rule/ledger.h
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/draw/matrix.h"
#include "visualizer/model/largest_finite.h"
#include "visualizer/model/owners.h"
#include "visualizer/panels/spectrum_parts.h"

namespace gdn2::viewer {
namespace {

constexpr float room_between = 12, with_overlaps = 330, older_width = 18, bars_height = 64, largest_cell = 30;
constexpr float narrowest_label = 24, overlaps_share = 0.45f;
constexpr int sentence_lines = 2;

Scale scale_to(double top) { return {top > 0 && std::isfinite(top) ? top : 1, false}; }

std::string range_of(double top) { return top > 0 ? "\u00b1" + shown(top, 2) : "all 0"; }

/// Whole pixels; halves where cells are small.
float whole_cell(float pixels) { return pixels >= 4 ? std::floor(pixels) : std::max(std::floor(2 * pixels) / 2, 0.5f); }

std::string named(const View& view, Index token) { return view.session.label(token); }

/// The cursor's row and column of a map of tokens by tokens.
void mark_token(const View& view, const Box& box, Index place, Index count, bool column) {
    const float cell_x = box.width / static_cast<float>(count), cell_y = box.height / static_cast<float>(count);
    const float x = box.x + static_cast<float>(place) * cell_x, y = box.y + static_cast<float>(place) * cell_y;
    ImDrawList* list = ImGui::GetWindowDrawList();
    const float out = view.px(1.5f);
    list->AddRect({box.x - out, y - out}, {box.max().x + out, y + cell_y + out}, view.theme.accent, 0, 0,
                  view.px(1.25f));
    if (column)
        list->AddRect({x - out, box.y - out}, {x + cell_x + out, box.max().y + out}, faded(view.theme.accent, 0.6), 0,
                      0, view.px(1));
}

/// A map of tokens by tokens; a click goes to the row's token. The cell under the mouse.
std::optional<Cell> token_map(const View& view, const char* slot, const Box& box, const Matrix<double>& values,
                              double top, Index first, bool column) {
    MatrixLook look;
    look.slot = slot;
    look.box = box;
    look.scale = scale_to(top);
    const std::optional<Cell> cell = draw_matrix(view, values, look);
    mark_token(view, box, view.session.ui.cursor.token - first, values.rows(), column);
    if (cell && ImGui::IsMouseClicked(0))
        view.session.stand(at_token(first + cell->row, view.session.length()));
    return cell;
}

/// Side of a square map of `count` tokens.
float overlap_side(const View& view, float room, Index count) {
    const auto cells = static_cast<float>(count);
    return cells * whole_cell(std::min(room / cells, view.px(largest_cell)));
}

/// The box is as high as a caption, the map and a line for its range.
void draw_overlap(const View& view, const Box& box, const char* slot, const std::string& caption,
                  const Matrix<double>& values, Index first, bool erase) {
    const double top = largest_finite(values);
    const float line = caption_height(view), size = box.height - 2 * line;
    draw_text(view, box.x, box.y, view.theme.text, caption, box.width);
    draw_text(view, box.x, box.y + line + size + view.px(2), view.theme.quiet, range_of(top), box.width);
    const std::optional<Cell> at =
        token_map(view, slot, {box.x, box.y + line, size, size}, values, top, first, true);
    if (!at) return;
    const std::string row = named(view, first + at->row), column = named(view, first + at->col);
    const std::string number = shown(values(at->row, at->col));
    if (erase)
        ImGui::SetTooltip("e of %s \u00b7 k of %s = %s:\nso much of what lies along k of %s is read, and taken away "
                          "along k of %s", row.c_str(), column.c_str(), number.c_str(), column.c_str(), row.c_str());
    else
        ImGui::SetTooltip("k of %s \u00b7 k of %s = %s", row.c_str(), column.c_str(), number.c_str());
}

/// No higher than the box. Returns their height.
float draw_overlaps(const View& view, const Box& box) {
    const Overlaps& overlaps = view.session.spectrum().overlaps_around(view.session.ui.cursor.token);
    const float width = (box.width - view.px(room_between)) / 2, lines = 2 * caption_height(view);
    const float height = lines + overlap_side(view, std::min(width, box.height - lines), overlaps.keys.rows());
    draw_overlap(view, {box.x, box.y, width, height}, "overlap of keys",
                 fitting("k \u00b7 k: overlap of keys", "k \u00b7 k: overlap", width), overlaps.keys, overlaps.first,
                 false);
    draw_overlap(view, {box.x + width + view.px(room_between), box.y, width, height}, "overlap of erasing",
                 fitting("e \u00b7 k: row erases column", "e \u00b7 k: erasing", width), overlaps.erase,
                 overlaps.first, true);
    return height;
}

/// Where the ledger's parts are: a column for all that is older, then one for each token.
struct LedgerPlaces {
    Box older, map, older_bar, bars;
    float column = 0;
};

LedgerPlaces ledger_places(const View& view, const Box& box, Index count) {
    LedgerPlaces at;
    const float line = caption_height(view), older = view.px(older_width), gap = view.px(5);
    const float bars = std::min(view.px(bars_height), 0.3f * box.height);
    at.column = whole_cell(std::min((box.width - older - gap) / static_cast<float>(count), view.px(2 * largest_cell)));
    const float height = box.height - bars - (2 + sentence_lines) * line - view.px(8);
    at.older = {box.x, box.y + line, older, std::max(height, view.px(10))};
    at.map = {box.x + older + gap, at.older.y, at.column * static_cast<float>(count), at.older.height};
    at.older_bar = {box.x, at.map.max().y + view.px(8), older, bars};
    at.bars = {at.map.x, at.older_bar.y, at.map.width, bars};
    return at;
}

void share_tooltip(const View& view, Index after, const std::string& owner, double share) {
    ImGui::SetTooltip("after %s, %s owns %s of S\n(its part along S; all parts of a row add up to 1)",
                      named(view, after).c_str(), owner.c_str(), shown(share).c_str());
}

void draw_ledger_map(const View& view, const LedgerPlaces& at, const LedgerWindow& ledger, double top) {
    const std::optional<Cell> cell = token_map(view, "ledger", at.map, ledger.share, top, ledger.first, false);
    if (cell && cell->col <= cell->row)
        share_tooltip(view, ledger.first + cell->row, named(view, ledger.first + cell->col),
                      ledger.share(cell->row, cell->col));
    const std::optional<Cell> older = token_map(view, "older", at.older, ledger.older, top, ledger.first, false);
    if (older)
        share_tooltip(view, ledger.first + older->row, "what was there before", ledger.older[older->row]);
}

void draw_bar(const View& view, const Box& place, double share, const Axis& axis, double top) {
    if (!std::isfinite(share)) return;
    const auto y_of = [&](double x) { return place.y + place.height * static_cast<float>(1 - axis.place(x)); };
    const float gap = place.width >= view.px(6) ? 1.0f : 0.0f, zero = y_of(0), end = y_of(share);
    const ImVec2 from{place.x + gap, std::min(zero, end)}, to{place.x + place.width - gap, std::max(zero, end)};
    ImGui::GetWindowDrawList()->AddRectFilled(from, to, signed_colour(view.theme, share, scale_to(top)));
    ImGui::GetWindowDrawList()->AddRect(from, to, faded(view.theme.text, place.width >= view.px(4) ? 0.35 : 0));
}

/// The cursor's row of the ledger as bars, under its columns.
void draw_bars(const View& view, const LedgerPlaces& at, const LedgerWindow& ledger, double top) {
    const Index row = view.session.ui.cursor.token - ledger.first;
    const Vector<double> shares = ledger.share.row(row).head(row + 1);
    const double older = ledger.older[row];
    const Axis axis = linear_axis(std::min({0.0, shares.minCoeff(), older}), std::max(shares.maxCoeff(), older));
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (const Box& box : {at.older_bar, at.bars}) {
        list->AddRectFilled(box.min(), box.max(), faded(view.theme.raised, 0.35));
        const float zero = box.y + box.height * static_cast<float>(1 - axis.place(0));
        list->AddLine({box.x, zero}, {box.max().x, zero}, view.theme.quiet);
    }
    draw_bar(view, at.older_bar, older, axis, top);
    for (Index i = 0; i <= row; ++i)
        draw_bar(view, {at.bars.x + static_cast<float>(i) * at.column, at.bars.y, at.column, at.bars.height}, shares[i],
                 axis, top);
    const std::string high = shown(axis.high, 2);
    draw_text(view, at.bars.max().x - text_width(high) - view.px(3), at.bars.y, view.theme.quiet, high);
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    if (!at.bars.contains(mouse) || !ImGui::IsWindowHovered()) return;
    const auto place = static_cast<Index>((mouse.x - at.bars.x) / at.column);
    if (place <= row) share_tooltip(view, ledger.first + row, named(view, ledger.first + place), shares[place]);
    if (ImGui::IsMouseClicked(0)) view.session.stand(at_token(ledger.first + place, view.session.length()));
}

/// Under the bars: every token's label where columns are wide enough, or its number; else the first and the last.
void draw_labels(const View& view, const LedgerPlaces& at, Index first, Index count) {
    const float y = at.bars.max().y + view.px(2);
    draw_text(view, at.older.x, y, view.theme.quiet, "old", at.older.width + view.px(8));
    if (at.column < view.px(narrowest_label)) {
        const std::string last = named(view, first + count - 1);
        draw_text(view, at.bars.x + view.px(14), y, view.theme.quiet, named(view, first), at.bars.width / 2);
        const float width = std::min(text_width(last), at.bars.width / 3);
        draw_text(view, at.bars.max().x - width, y, view.theme.quiet, last, width);
        return;
    }
    bool all_fit = true;
    for (Index i = 0; i < count; ++i) all_fit = all_fit && text_width(named(view, first + i)) <= at.column - view.px(3);
    for (Index i = 0; i < count; ++i) {
        const std::string label = all_fit ? named(view, first + i) : std::to_string(first + i);
        const bool here = first + i == view.session.ui.cursor.token;
        const float room = at.column - view.px(3), width = std::min(text_width(label), room);
        draw_text(view, at.bars.x + static_cast<float>(i) * at.column + (at.column - width) / 2, y,
                  here ? view.theme.accent : view.theme.quiet, label, room);
    }
}

void draw_ledger(const View& view, const Box& box) {
    const Index token = view.session.ui.cursor.token;
    const LedgerWindow& ledger = view.session.spectrum().ledger_around(token);
    const Index count = ledger.share.rows();
    const double top = std::max(largest_finite(ledger.share), largest_finite(ledger.older));
    const LedgerPlaces at = ledger_places(view, box, count);
    draw_text(view, box.x, box.y, view.theme.text,
              fitting("Who owns S: after the row's token, the column's share (" + range_of(top) + ")",
                      "Who owns S: column, after row (" + range_of(top) + ")", box.width), box.width);
    draw_ledger_map(view, at, ledger, top);
    draw_bars(view, at, ledger, top);
    draw_labels(view, at, ledger.first, count);
    ImGui::SetCursorScreenPos({box.x, at.bars.max().y + caption_height(view) + view.px(3)});
    const float room = box.y + box.height - ImGui::GetCursorScreenPos().y;
    std::string owners;
    for (std::size_t most = 3; most > 0; --most) {  // long names leave room for fewer
        owners = wrapped(pretty(owners_in_words(view.session, ledger, token, most)), box.width);
        if (ImGui::CalcTextSize(owners.c_str()).y <= room) break;
    }
    ImGui::TextUnformatted(owners.c_str());
}

}  // namespace

void draw_spectrum_window(const View& view, const Box& box) {
    const bool overlaps = box.height >= view.px(with_overlaps);
    const float gap = view.px(room_between);
    const float most = overlaps_share * box.height;
    const float top = box.y + (overlaps ? draw_overlaps(view, {box.x, box.y, box.width, most}) + gap : 0);
    draw_ledger(view, {box.x, top, box.width, box.y + box.height - top});
}

}  // namespace gdn2::viewer
