// See chunk_maps.h.
#include "visualizer/panels/chunk_maps.h"

#include <algorithm>
#include <cmath>

#include "visualizer/draw/matrix.h"

namespace gdn2::viewer {
namespace {

using trace::Field;

constexpr float line = 17, padding = 7, between_maps = 18, between_steps = 8, smallest_slot = 108;
constexpr float widest_short_map = 104, smallest_state = 84, largest_row = 36, widest_channel = 36;
constexpr float tall_enough = 260, smallest_clear = 80;

/// The order of computation; ranks say in which order they go.
std::vector<ChunkMap> all_maps(const ChunkView& chunk) {
    const char *A = "A = (I + T)\u207b\u00b9", *R = "R = U \u2212 Y S_0", *O = "O = scale (Qg S_0 + A_qk R)",
               *S_end = "S_end = Diag(\u03b3_C) S_0 + K_tail\u1d40 R";
    std::vector<ChunkMap> maps{
        {"T", "direct reads", "", "Eq. 21", "how much token r reads of what token s before it writes", 0, 0},
        {"A", "all paths", A, "Eq. 21", "the same by way of all tokens between them", 0, 1, true},
        {"E", "erase keys", "", "Eq. 20", "b and k of token r, decayed from the chunk's start", 1, 9},
        {"Y", "read of S_0", "Y = A E", "Eq. 22", "how token r reads the state before the chunk", 1, 5, true},
        {"Z", "gated values", "", "Eq. 20", "w and v of token r", 1, 10},
        {"U", "without S_0", "U = A Z", "Eq. 22", "what token r would write if S_0 were 0", 1, 4, true},
        {"S_0", "before", "", "Eq. 23", "the state before the chunk", 2, 8},
        {"R", "written", R, "Eq. 35", "what token r writes: u of the recurrent form", 2, 2, true},
        {"Qg", "queries", "", "Eq. 24", "q of token r, decayed from the chunk's start", 3, 12},
        {"A_qk", "q sees", "", "Eq. 25", "how much the query of token r sees of what token s writes", 3, 7},
        {"O", "read-out", O, "Eq. 25", "what token r reads: o of the recurrent form", 3, 3, true},
        {"K_tail", "keys", "", "Eq. 23", "k of token r, decayed to the chunk's end", 4, 11},
        {"S_end", "after", S_end, "Eq. 23", "the state after the chunk", 4, 6, true}};
    for (ChunkMap& map : maps) {
        const std::optional<Field> field = trace::field_named(map.symbol);
        if (!field) continue;
        map.axes = info(*field).axes;
        map.values = &chunk.field(*field);
        map.top = chunk.top(*field);
        map.tensor = map.symbol;
        map.before = {chunk.chunk};
    }
    return maps;
}

/// The last two results are no fields: rows of O are the recurrent o, S_end is the state before the next chunk.
void add_results(const ChunkView& chunk, Index chunks, std::vector<ChunkMap>& maps) {
    for (ChunkMap& map : maps) {
        if (map.values) continue;
        const bool is_state = map.step == 4, last = chunk.chunk + 1 == chunks;
        const BothForms& forms = is_state ? chunk.S_end : chunk.O;
        map.axes = is_state ? trace::Axes::key_value : trace::Axes::row_value;
        map.values = &forms.chunkwise;
        map.top = forms.top;
        if (!is_state) continue;
        map.tensor = last ? "S" : "S_0";
        map.before = {last ? chunk.first + chunk.rows - 1 : chunk.chunk + 1};
    }
}

/// Whole pixels, halves where cells are small, whatever fits where they have no pixel.
float whole(float pixels) {
    if (pixels >= 4) return std::floor(pixels);
    return pixels >= 1 ? std::floor(2 * pixels) / 2 : pixels;
}

/// Width and height of its cells, for rows of this height.
ImVec2 size_of(const View& view, const ChunkMap& map, float row, Index chunk_rows) {
    const auto rows = static_cast<float>(map.values->rows()), cols = static_cast<float>(map.values->cols());
    if (!map.by_rows()) {
        const float side = std::max(row * static_cast<float>(chunk_rows), view.px(smallest_state));
        const float cell = cell_size(map.values->rows(), map.values->cols(), side, side, view.px(widest_channel));
        return {cell * cols, cell * rows};
    }
    if (map.axes == trace::Axes::row_row) return {row * cols, row * rows};
    const float wished = std::min(row * cols, std::max(view.px(widest_short_map), 0.6f * row * rows));
    const float least = std::min(view.px(widest_short_map), view.px(widest_channel) * cols);
    return {whole(std::max(wished, least) / cols) * cols, row * rows};
}

class Arrangement {
public:
    Arrangement(const View& view, std::vector<ChunkMap> maps, const Box& box, float row, Index chunk_rows)
        : view_(view), box_(box), x_(box.x), y_(box.y) {
        picture_.maps = std::move(maps);
        picture_.row = row;
        for (ChunkMap& map : picture_.maps) {
            const ImVec2 cells = size_of(view, map, row, chunk_rows);
            map.cells = {0, 0, cells.x, cells.y};
            map.slot.width = std::max(cells.x, view.px(smallest_slot));
            tallest_ = std::max(tallest_, cells.y);
        }
        step_height_ = view.px(2 * padding + line) + chunk_map_head(view) + tallest_ + chunk_map_foot(view);
    }

    /// Puts step after step, in lanes. Returns whether there was room.
    bool place() {
        for (std::size_t first = 0; first < picture_.maps.size();) {
            std::size_t end = first;
            while (end < picture_.maps.size() && picture_.maps[end].step == picture_.maps[first].step) ++end;
            if (!place_step(first, end)) return false;
            first = end;
        }
        justify();
        picture_.bottom = y_ + step_height_;
        return picture_.bottom <= box_.y + box_.height;
    }

    float tallest() const { return tallest_; }
    ChunkPicture take() { return std::move(picture_); }

private:
    bool place_step(std::size_t first, std::size_t end) {
        ChunkStep step;
        float width = view_.px(between_maps) * static_cast<float>(end - first - 1);
        for (std::size_t i = first; i < end; ++i) {
            const ChunkMap& map = picture_.maps[i];
            width += map.slot.width;
            step.formulas += (step.formulas.empty() || !*map.formula ? "" : "     ") + std::string(map.formula);
        }
        width = std::max(width, text_width(step.formulas)) + view_.px(2 * padding);
        if (width > box_.width) return false;
        if (x_ > box_.x && x_ + width > box_.x + box_.width) {
            justify();
            x_ = box_.x;
            y_ += step_height_ + view_.px(between_steps);
        }
        step.box = {x_, y_, width, step_height_};
        step.first = first;
        step.source = picture_.maps[first].by_rows() ? "from the tokens" : "carried in";
        picture_.steps.push_back(std::move(step));
        x_ += width + view_.px(between_steps);
        return true;
    }

    /// Shares the room that is left in the lane among its steps, and puts their maps in place.
    void justify() {
        const std::size_t count = picture_.steps.size() - lane_;
        const float spare = box_.x + box_.width - (x_ - view_.px(between_steps));
        const float each = std::floor(spare / static_cast<float>(std::max<std::size_t>(count, 1)));
        for (std::size_t i = 0; i < count; ++i) {
            ChunkStep& step = picture_.steps[lane_ + i];
            step.box.x += static_cast<float>(i) * each;
            step.box.width += each;
            place_maps(step);
        }
        lane_ = picture_.steps.size();
    }

    void place_maps(const ChunkStep& step) {
        float x = std::floor(step.box.x + view_.px(padding));
        const float y = std::floor(y_ + view_.px(padding + line));
        const std::vector<ChunkMap>& maps = picture_.maps;
        for (std::size_t i = step.first; i < maps.size() && maps[i].step == maps[step.first].step; ++i) {
            ChunkMap& map = picture_.maps[i];
            map.slot = {x, y, map.slot.width, step_height_ - view_.px(2 * padding + line)};
            map.cells.x = x;
            map.cells.y = std::floor(y + chunk_map_head(view_));
            map.follows = map.follows && i > step.first;
            x += map.slot.width + view_.px(between_maps);
        }
    }

    const View& view_;
    Box box_;
    ChunkPicture picture_;
    float x_, y_, tallest_ = 0, step_height_ = 0;
    std::size_t lane_ = 0;  ///< its first step
};

/// Without those of the `count` largest ranks.
std::vector<ChunkMap> without(std::vector<ChunkMap> maps, std::size_t count) {
    std::vector<int> ranks;
    for (const ChunkMap& map : maps) ranks.push_back(map.rank);
    std::sort(ranks.begin(), ranks.end());
    ranks.resize(ranks.size() - count);
    std::erase_if(maps, [&ranks](const ChunkMap& map) { return map.rank > ranks.back(); });
    return maps;
}

/// Heights of a row to try: whole pixels, and parts of them where rows are small.
float next_smaller(float row) {
    if (row > 4) return std::floor(row - 1);
    return row - (row > 2 ? 0.5f : 0.25f);
}

/// What a picture of `count` matrices of this height is worth: twice as many are worth a quarter of the height, down
/// to where cells can no longer be told apart.
float worth(const View& view, std::size_t count, float height) {
    const float seen = std::min(height / view.px(smallest_clear), 1.0f);
    return seen * static_cast<float>(count) * std::sqrt(std::min(height, view.px(tall_enough)));
}

/// As many of these matrices as the box has room for: those that are dropped are those that say least.
ChunkPicture best_page(const View& view, const std::vector<ChunkMap>& maps, Index chunk_rows, const Box& box) {
    ChunkPicture best;
    float best_score = 0;
    for (std::size_t dropped = 0; dropped < maps.size(); ++dropped)
        for (float row = std::floor(view.px(largest_row)); row >= 0.5f; row = next_smaller(row)) {
            Arrangement tried(view, without(maps, dropped), box, row, chunk_rows);
            if (!tried.place()) continue;
            const float score = worth(view, maps.size() - dropped, tried.tallest());
            if (score > best_score) best = tried.take();
            best_score = std::max(score, best_score);
            break;
        }
    return best;
}

}  // namespace

float chunk_map_head(const View& view) { return view.px(2 * line + 2); }
float chunk_map_foot(const View& view) { return view.px(line); }

std::vector<ChunkPicture> chunk_pages(const View& view, const ChunkView& chunk, const Box& box) {
    std::vector<ChunkMap> maps = all_maps(chunk);
    add_results(chunk, view.session.chunk_count(), maps);
    std::vector<ChunkPicture> pages;
    while (!maps.empty()) {
        ChunkPicture page = best_page(view, maps, chunk.rows, box);
        if (page.maps.empty() && !pages.empty()) break;
        pages.push_back(std::move(page));
        const std::vector<ChunkMap>& shown = pages.back().maps;
        if (shown.empty()) break;
        std::erase_if(maps, [&shown](const ChunkMap& map) {
            return std::any_of(shown.begin(), shown.end(), [&map](const ChunkMap& on) { return on.rank == map.rank; });
        });
    }
    return pages;
}

}  // namespace gdn2::viewer
