// The timeline's lanes. Where columns are wide each token has its own bars; else a lane is one picture, a pixel column
// for each token or several.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/strip.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/shown.h"
#include "visualizer/model/token_gates.h"
#include "visualizer/panels/timeline_places.h"

namespace gdn2::viewer {
namespace {

constexpr float narrowest_column = 18, narrowest_bar = 2.5f, narrowest_separated = 7;
constexpr float narrowest_mark = 16, narrowest_score = 52;  ///< of columns that say right or wrong

/// One gate over time.
struct GateLane {
    const char* tensor;
    const Lane& numbers;
    const Matrix<double>& values;  ///< what bars show
    Box box;
    StripKind kind;
    double top = 1;
    const Matrix<double>* ghost = nullptr;  ///< before the edits
};

bool as_bars(const View& view, const TimelinePlaces& at, const GateLane& lane) {
    const auto channels = static_cast<float>(std::max<Index>(lane.values.cols(), 1));
    return at.column >= view.px(narrowest_column) && at.column / channels >= view.px(narrowest_bar);
}

void bars(const View& view, const TimelinePlaces& at, const GateLane& lane) {
    for (Index t = at.range.first; t < at.end(); ++t) {
        const Box column = at.column_of(t, lane.box);
        const float gap = std::floor(std::clamp(column.width * 0.06f, 1.0f, view.px(4)));
        StripLook look;
        look.tensor = lane.tensor;
        look.before = {t};
        look.kind = lane.kind;
        look.top = lane.top;
        look.box = {column.x + gap, column.y, column.width - 2 * gap, column.height};
        look.ghost = is_edited(view.session, t) ? lane.ghost : nullptr;
        look.ghost_row = t;
        draw_strip(view, lane.values.row(t).transpose(), look);
    }
}

void picture(const View& view, const TimelinePlaces& at, const GateLane& lane) {
    const auto columns = static_cast<Index>(std::max(lane.box.width, 1.0f));
    const Matrix<double>& pixels = lane.numbers.picture(at.range, columns);
    MatrixLook look;
    look.slot = std::string("lane ") + lane.tensor;
    look.box = lane.box;
    look.gates = true;
    look.gates_top = lane.top;
    look.grid = false;
    const std::optional<Cell> cell = draw_matrix(view, pixels, look);
    for (Index t = at.range.first + 1; at.column >= view.px(narrowest_separated) && t < at.end(); ++t)
        ImGui::GetWindowDrawList()->AddLine({at.x_of(t), lane.box.y}, {at.x_of(t), lane.box.max().y}, view.theme.panel,
                                            view.px(1));
    if (!cell) return;
    const Lane::Place place = lane.numbers.shown_at(at.range, columns, cell->row, cell->col);
    view.hover.number = Number{lane.tensor, {place.token, place.channel}};
}

/// A lane's piece of time: one token, or those that share a pixel.
struct Piece {
    float x, width;
    Span tokens;
};
Piece piece_of(const TimelinePlaces& at, Index columns, Index i) {
    const float width = at.area.width / static_cast<float>(columns);
    return {at.area.x + static_cast<float>(i) * width, width, tokens_of_column(at.range, columns, i)};
}
Index pieces_of(const TimelinePlaces& at) {
    return std::min(at.range.count, static_cast<Index>(std::max(at.area.width, 1.0f)));
}

/// A bar on the lane's floor.
void column_bar(const Box& lane, const Piece& piece, double share, Colour colour) {
    const float gap = piece.width >= 8 ? std::floor(std::min(piece.width * 0.06f, 4.0f)) : 0;
    const float height = lane.height * static_cast<float>(std::clamp(share, 0.0, 1.0));
    ImGui::GetWindowDrawList()->AddRectFilled({piece.x + gap, lane.y + lane.height - height},
                                              {piece.x + piece.width - gap, lane.y + lane.height}, colour);
}

/// "4 of 5" in words that fit.
void score(const View& view, const Box& lane, const Piece& piece, const RecallShare& share) {
    const bool right = share.right == share.asked;
    const Colour colour = right ? view.theme.right : view.theme.wrong;
    std::string text = right ? "\u2713" : "\u2717";
    if (piece.width >= view.px(narrowest_score))
        text += " " + std::to_string(share.right) + "/" + std::to_string(share.asked);
    draw_text(view, piece.x + (piece.width - text_width(text)) / 2, lane.y + (lane.height - ImGui::GetFontSize()) / 2,
              colour, text);
}

}  // namespace

void draw_gate_lanes(const View& view, const TimelinePlaces& at) {
    const Session& session = view.session;
    const TimelineLanes& lanes = session.lanes();
    const Track& track = session.track();
    const Track* ghost = session.ghost();
    const GateLane all[] = {
        {"alpha", lanes.half_life, track.alpha(), at.half_life, StripKind::half_life, 1,
         ghost ? &ghost->alpha() : nullptr},
        {"b", lanes.b, track.head().b, at.b, StripKind::gate, largest_b(session), ghost ? &ghost->head().b : nullptr},
        {"w", lanes.w, track.head().w, at.w, StripKind::gate, 1, ghost ? &ghost->head().w : nullptr}};
    for (const GateLane& lane : all) as_bars(view, at, lane) ? bars(view, at, lane) : picture(view, at, lane);
}

void draw_change_lane(const View& view, const TimelinePlaces& at) {
    if (at.change.height <= 0) return;
    const TimelineLanes& lanes = view.session.lanes();
    const double largest = lanes.largest_change > 0 ? lanes.largest_change : 1;
    const Track* ghost = view.session.ghost();
    const Index columns = pieces_of(at);
    for (Index i = 0; i < columns; ++i) {
        const Piece piece = piece_of(at, columns, i);
        const Extent change = lanes.change.extent(0, piece.tokens.first, piece.tokens.end);
        if (std::isnan(change.low)) {
            column_bar(at.change, piece, 1, faded(view.theme.bad_number, 0.6));
            continue;
        }
        column_bar(at.change, piece, change.high / largest, faded(view.theme.quiet, 0.55));
        if (change.low < change.high) column_bar(at.change, piece, change.low / largest, view.theme.quiet);
        if (!ghost || piece.width < 2) continue;
        const double before = ghost->norm_dS()[static_cast<std::size_t>(piece.tokens.first)];
        if (!std::isfinite(before) || before == change.high) continue;
        const float y = at.change.y + at.change.height * static_cast<float>(1 - std::min(before / largest, 1.0));
        ImGui::GetWindowDrawList()->AddLine({piece.x, y}, {piece.x + piece.width, y}, view.theme.text, view.px(1.5f));
    }
}

void draw_recall_lane(const View& view, const TimelinePlaces& at) {
    if (at.recall.height <= 0) return;
    const RecallAlong& along = view.session.recall(view.session.ui.mixer);
    const bool asks = at_question(view.session);  // what comes would give the answer away
    const Index columns = pieces_of(at), now = view.session.ui.cursor.token;
    for (Index i = 0; i < columns; ++i) {
        const Piece piece = piece_of(at, columns, i);
        const RecallShare share = worst_recall(along, piece.tokens);
        if (share.asked == 0 || (asks && piece.tokens.end > now + 1)) continue;
        if (piece.width >= view.px(narrowest_mark)) {
            score(view, at.recall, piece, share);
            continue;
        }
        column_bar(at.recall, piece, 1, view.theme.wrong);
        column_bar(at.recall, piece, static_cast<double>(share.right) / static_cast<double>(share.asked),
                   view.theme.right);
    }
}

}  // namespace gdn2::viewer
