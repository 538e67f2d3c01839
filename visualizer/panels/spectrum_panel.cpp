// The states of a run as matrices: singular values, what can make them grow, who owns the state, how keys overlap.
//   maths  reference/delta_rule/ledger.h
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>
#include <numeric>

#include "visualizer/draw/matrix.h"
#include "visualizer/draw/plot.h"
#include "visualizer/panels/panels.h"

namespace gdn2::viewer {
namespace {

constexpr Index most_curves = 12;
constexpr double deepest = 1e-6;  ///< singular values below this share of the largest are on the floor
constexpr Index window = 64;      ///< tokens of the overlaps

/// The quarter of a box.
Box quarter(const View& view, const Box& box, int column, int row) {
    const float top = view.px(34), gap = view.px(18), margin = view.px(12);
    const float width = (box.width - 2 * margin - gap) / 2, height = (box.height - top - gap - view.px(8)) / 2;
    return {box.x + margin + static_cast<float>(column) * (width + gap),
            box.y + top + static_cast<float>(row) * (height + gap), width, height};
}

void singular_values(const View& view, const Box& box) {
    const Spectrum& spectrum = view.session.spectrum();
    std::vector<Curve> curves;
    double largest = 0;
    for (const SpectrumSample& sample : spectrum.samples()) {
        const Index count = std::min<Index>(sample.singular_values.size(), most_curves);
        for (Index i = 0; i < count; ++i) {
            if (static_cast<Index>(curves.size()) <= i) curves.push_back({});
            Curve& curve = curves[static_cast<std::size_t>(i)];
            curve.tokens.push_back(sample.token);
            curve.values.push_back(sample.singular_values(i));
            largest = std::max(largest, sample.singular_values(i));
        }
    }
    const auto steps = static_cast<double>(std::max<std::size_t>(curves.size(), 2) - 1);
    for (std::size_t i = 0; i < curves.size(); ++i)
        curves[i].colour = mixed(view.theme.accent, view.theme.right, static_cast<double>(i) / steps);
    if (!curves.empty()) curves.front().name = "largest singular value";
    if (curves.size() > 1) curves.back().name = "number " + std::to_string(curves.size());
    const SpectrumSample& here = spectrum.at(view.session.ui.cursor.token);
    PlotLook look{box, "Singular values of S: how many directions it holds, and how strongly. Here effective rank " +
                           shown(here.effective_rank) + ", stable rank " + shown(here.stable_rank) + " (" +
                           spectrum.coverage() + ").",
                  largest > 0 ? largest * deepest : deepest, largest > 0 ? largest : 1, true, {}};
    for (double mark = look.high; mark > look.low * 1.5; mark /= 100) look.marks.push_back(mark);
    draw_plot(view, look, curves);
}

std::vector<Index> all_tokens(Index length) {
    std::vector<Index> tokens(static_cast<std::size_t>(length));
    std::iota(tokens.begin(), tokens.end(), 0);
    return tokens;
}

double largest_finite(const std::vector<double>& values, double at_least) {
    for (const double value : values)
        if (std::isfinite(value)) at_least = std::max(at_least, value);
    return at_least;
}

void growth(const View& view, const Box& box) {
    const Spectrum& spectrum = view.session.spectrum();
    const std::vector<Index> tokens = all_tokens(view.session.length());
    const std::vector<Curve> curves{
        {tokens, spectrum.growth(), view.theme.text, "growth"},
        {tokens, spectrum.erase_norm(), view.theme.wrong, "|I \u2212 k e\u1d40|"},
        {tokens, spectrum.kept(), view.theme.right, "1 \u2212 e\u1d40k"}};
    double high = 1.2;
    for (const Curve& curve : curves) high = std::min(largest_finite(curve.values, high), 3.0);
    double low = 0;
    for (const double kept : spectrum.kept()) low = std::min(low, std::isfinite(kept) ? kept : 0.0);
    PlotLook look{box,
                  "What erasing does to the rest: where the norm |I \u2212 k e\u1d40| is above 1 a token can make the "
                  "memory grow, although every gate is within its range; e not parallel to k does that.",
                  low, high * 1.05, false, {0, 1}};
    draw_plot(view, look, curves);
}

/// One token's share as a bar from the middle: right owns, left counts against.
void share_bar(const View& view, const Box& row, const std::string& name, double share) {
    const float name_width = view.px(92), number_width = view.px(66);
    const float middle = row.x + name_width + (row.width - name_width - number_width) * 0.25f;
    const auto shown_share = static_cast<float>(std::min(std::abs(share), 1.0));
    const float reach = (row.width - name_width - number_width) * 0.75f * shown_share;
    const float end = share >= 0 ? middle + reach : middle - std::min(reach, middle - row.x - name_width);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled({std::min(middle, end), row.y + 2}, {std::max(middle, end), row.y + row.height - 2},
                        share >= 0 ? view.theme.right : view.theme.wrong);
    list->AddLine({middle, row.y}, {middle, row.y + row.height}, view.theme.border);
    draw_text(view, row.x, row.y, view.theme.text, name, name_width - view.px(6));
    draw_text(view, row.x + row.width - number_width + view.px(6), row.y, view.theme.quiet, shown(share, 3, 1));
}

void owners(const View& view, const Box& box) {
    const Session& session = view.session;
    const Ledger& ledger = session.spectrum().ledger(session.ui.cursor.token);
    const std::string caption = wrapped("Who owns S after token " + session.label(session.ui.cursor.token) +
                                            ": each token's share of what is stored, all together 1.",
                                        box.width);
    draw_text(view, box.x, box.y, view.theme.text, caption);
    std::vector<Index> order = all_tokens(ledger.share.size());
    std::stable_sort(order.begin(), order.end(),
                     [&](Index a, Index b) { return std::abs(ledger.share(a)) > std::abs(ledger.share(b)); });
    const float line = ImGui::GetFontSize() + view.px(3);
    float y = box.y + ImGui::CalcTextSize(caption.c_str()).y + view.px(8);
    const auto bar = [&](const std::string& name, double share) {
        if (y + line > box.max().y) return;
        share_bar(view, {box.x, y, box.width, line}, name, share);
        y += line;
    };
    if (ledger.initial_size > 0) bar("initial state", ledger.initial_share);
    for (const Index token : order) bar(session.label(token), ledger.share(token));
}

void overlaps(const View& view, const Box& box) {
    const Index token = view.session.ui.cursor.token, first = std::max<Index>(0, token - window + 1);
    const Index count = std::min(window, view.session.length() - first);
    const Overlaps found = view.session.spectrum().overlaps(first, count);
    const std::string caption = wrapped("How keys overlap, k\u1d62\u1d40k of tokens " + std::to_string(first) + " to " +
                                            std::to_string(first + count - 1) +
                                            ": off the diagonal, writing one key touches what another reads.",
                                        box.width);
    draw_text(view, box.x, box.y, view.theme.text, caption);
    const float top = ImGui::CalcTextSize(caption.c_str()).y + view.px(8);
    const float cell = cell_size(count, count, box.width - view.px(80), box.height - top, view.px(40));
    MatrixLook look;
    look.slot = "overlaps";
    look.box = {box.x, box.y + top, cell * static_cast<float>(count), cell * static_cast<float>(count)};
    look.scale = {1, view.session.ui.symlog};
    const std::optional<Cell> cell_at = draw_matrix(view, found.keys, look);
    if (cell_at)
        ImGui::SetTooltip("keys of %s and %s: %s", view.session.label(first + cell_at->row).c_str(),
                          view.session.label(first + cell_at->col).c_str(),
                          shown(found.keys(cell_at->row, cell_at->col)).c_str());
    const float height = std::min(look.box.height, view.px(150));
    draw_legend(view, {look.box.max().x + view.px(14), look.box.y, view.px(10), height}, look.scale);
}

}  // namespace

void spectrum_panel(const View& view, const Box& box) {
    begin_panel(view, "S as a matrix  (click a curve to go there)", box);
    if (view.session.length() == 0) {
        ImGui::TextUnformatted("This sequence has no tokens.");
        return end_panel();
    }
    singular_values(view, quarter(view, box, 0, 0));
    growth(view, quarter(view, box, 1, 0));
    owners(view, quarter(view, box, 0, 1));
    overlaps(view, quarter(view, box, 1, 1));
    end_panel();
}

}  // namespace gdn2::viewer
