// The left half of the Spectrum tab: curves over all tokens.
//   tests  tests/visualizer/ui/panels_test.cpp, tests/visualizer/ui/golden_test.cpp
#include <algorithm>
#include <cmath>

#include "visualizer/model/expansion.h"
#include "visualizer/panels/memory.h"
#include "visualizer/panels/spectrum_parts.h"

namespace gdn2::viewer {
namespace {

constexpr float names_room = 34, room_between = 8, all_plots = 300, two_plots = 160, widest_marks = 5;
constexpr int most_decades = 8;
constexpr Index all_singular_values = 6;

/// Which singular values are drawn, from 0: all of a few, else the 1st, 2nd, 4th, 8th, ... and the last.
std::vector<Index> drawn_values(Index count) {
    std::vector<Index> drawn;
    for (Index i = 1; i <= count; i = count <= all_singular_values ? i + 1 : 2 * i) drawn.push_back(i - 1);
    if (!drawn.empty() && drawn.back() != count - 1) drawn.push_back(count - 1);
    return drawn;
}

/// Sigma with 12 below the line, for 11.
std::string sigma(Index i) {
    std::string text = "\u03c3";
    for (const char digit : std::to_string(i + 1)) {
        text += "\xe2\x82";  // the digits below the line are U+2080 and on
        text += static_cast<char>(0x80 + digit - '0');
    }
    return text;
}

struct Samples {
    std::vector<Index> tokens;
    std::vector<std::vector<double>> values;  ///< one curve each
};

template <class NumbersOf>
Samples curves_of(const Spectrum& spectrum, std::size_t count, NumbersOf numbers_of) {
    Samples result;
    result.values.resize(count);
    for (const SpectrumSample& sample : spectrum.samples()) {
        result.tokens.push_back(sample.token);
        for (std::size_t i = 0; i < count; ++i) result.values[i].push_back(numbers_of(sample, i));
    }
    return result;
}

/// The names of curves at their right ends, as far as they do not cover each other.
class EndNames {
public:
    EndNames(const View& view, const TimePlot& plot) : view_(view), plot_(plot) {}

    void add(double value, Colour colour, const std::string& name) {
        if (!plot_.axis.has_place(value)) return;
        const float line = ImGui::GetFontSize();
        const float y = std::clamp(plot_.y_of(value) - line / 2, plot_.box.y - line / 3, plot_.box.max().y - line);
        for (const float other : taken_)
            if (std::abs(y - other) < 0.8f * line) return;
        draw_text(view_, plot_.box.max().x + view_.px(4), y, colour, name);
        taken_.push_back(y);
    }

private:
    const View& view_;
    const TimePlot& plot_;
    std::vector<float> taken_;
};

double last_shown(const TimePlot& plot, const std::vector<Index>& tokens, const std::vector<double>& values) {
    double last = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i)
        if (plot.shows(tokens[i])) last = values[i];
    return last;
}

Axis axis_of_sizes(const Track& track, const Samples& samples) {
    double least = track.largest_S(), most = 0;
    for (const double norm : track.norm_S())
        if (std::isfinite(norm)) most = std::max(most, norm);
    for (const std::vector<double>& values : samples.values)
        for (const double value : values)
            if (value > 0) least = std::min(least, value);
    return logarithmic_axis(least, most, most_decades);
}

/// How many states were decomposed, on a button that asks for more. Returns its width; 0 where all were.
float refine_button(const View& view, float right, float y) {
    const Spectrum& spectrum = view.session.spectrum();
    if (static_cast<Index>(spectrum.samples().size()) >= view.session.length()) return 0;
    const std::string label = spectrum.coverage() + " \u25b6##refine";
    const float width = text_width(spectrum.coverage() + " \u25b6") + 2 * ImGui::GetStyle().FramePadding.x;
    ImGui::SetCursorScreenPos({right - width, y});
    if (ImGui::SmallButton(label.c_str())) view.session.refine_spectrum();
    if (ImGui::IsItemHovered()) ImGui::SetTooltip("singular values of twice as many tokens (F9)");
    return width + view.px(8);
}

void sizes_tooltip(const View& view, Index token) {
    const Spectrum& spectrum = view.session.spectrum();
    const auto at = static_cast<std::size_t>(token);
    std::string text = view.session.in_words(token) + ": |S| " + shown(view.session.track().norm_S()[at]) + ", " +
                       shown(spectrum.growth()[at]) + " times what it was before";
    for (const SpectrumSample& sample : spectrum.samples()) {
        if (sample.token != token) continue;
        for (const Index i : drawn_values(sample.singular_values.size()))
            text += (i == 0 ? "\n" : ", ") + sigma(i) + " " + shown(sample.singular_values[i]);
        text += "\neffective rank " + shown(sample.effective_rank) + ", stable rank " + shown(sample.stable_rank);
    }
    ImGui::SetTooltip("%s", text.c_str());
}

void plot_sizes(const View& view, TimePlot plot, float caption_y) {
    const Track& track = view.session.track();
    const Spectrum& spectrum = view.session.spectrum();
    const std::vector<Index> drawn = drawn_values(std::min(track.key_dim(), track.value_dim()));
    const Samples samples = curves_of(spectrum, drawn.size(), [&](const SpectrumSample& sample, std::size_t i) {
        return sample.singular_values.size() > drawn[i] ? sample.singular_values[drawn[i]] : std::nan("");
    });
    plot.axis = axis_of_sizes(track, samples);
    const float left = plot.box.x - axis_width(view);
    const float right = plot.box.max().x + view.px(names_room), button = refine_button(view, right, caption_y);
    draw_text(view, left, caption_y, view.theme.text, "|S| and singular values \u03c3, log axis",
              right - button - left);
    draw_axes(view, plot);
    EndNames names(view, plot);
    const auto end = static_cast<std::size_t>(plot.range.first + plot.range.count);
    names.add(track.norm_S()[end - 1], view.theme.text, "|S|");
    for (std::size_t i = 0; i < drawn.size(); ++i) {
        const double share = drawn.size() > 1 ? static_cast<double>(i) / static_cast<double>(drawn.size() - 1) : 0;
        const Colour colour = mixed(view.theme.accent, view.theme.quiet, share);
        draw_curve(view, plot, {samples.tokens, samples.values[i], colour});
        names.add(last_shown(plot, samples.tokens, samples.values[i]), colour, sigma(drawn[i]));
    }
    draw_curve(view, plot, {{}, track.norm_S(), view.theme.text, 2});
    if (const std::optional<Index> token = follow_tokens(view, plot)) sizes_tooltip(view, *token);
}

void plot_ranks(const View& view, TimePlot plot, float caption_y) {
    const Track& track = view.session.track();
    const Samples samples = curves_of(view.session.spectrum(), 2, [](const SpectrumSample& sample, std::size_t i) {
        if (sample.singular_values.size() == 0) return std::nan("");
        return i == 0 ? sample.effective_rank : sample.stable_rank;
    });
    double most = 1;
    for (const std::vector<double>& values : samples.values)
        for (const double value : values)
            if (value > most) most = value;
    plot.axis = linear_axis(0, most);
    float x = plot.box.x - axis_width(view);
    const float right = plot.box.max().x + view.px(names_room);
    const std::string caption = "Rank of S, of " + std::to_string(std::min(track.key_dim(), track.value_dim())) + ":";
    draw_text(view, x, caption_y, view.theme.text, caption, right - x);
    x += text_width(caption) + view.px(8);
    x = draw_key(view, x, caption_y, right, Mark::line, view.theme.accent, "effective");
    const std::string stable = fitting("stable, |S|\u00b2 / \u03c3\u2081\u00b2", "stable", key_room(view, right - x));
    draw_key(view, x, caption_y, right, Mark::dashed, view.theme.right, stable);
    draw_axes(view, plot);
    draw_curve(view, plot, {samples.tokens, samples.values[0], view.theme.accent, 2});
    draw_curve(view, plot, {samples.tokens, samples.values[1], view.theme.right, 2, true});
    if (const std::optional<Index> token = follow_tokens(view, plot)) sizes_tooltip(view, *token);
}

/// Room for a line of text above all points.
Axis axis_of_tokens(const TimePlot& plot, double least, double most) {
    const double line = ImGui::GetFontSize() / std::max(plot.box.height, 1.0f);
    const double low = std::min(0.0, least), above = std::max(1.1, most) - low;
    return linear_axis(low, low + above / std::max(0.5, 1 - 1.3 * line));
}

/// A triangle for each token that stretches, a circle for what each keeps.
void draw_token_marks(const View& view, const TimePlot& plot, const Spectrum& spectrum) {
    for (Index t = plot.range.first; t < plot.range.first + plot.range.count; ++t) {
        const auto at = static_cast<std::size_t>(t);
        const double kept = spectrum.kept()[at], norm = spectrum.erase_norm()[at];
        if (plot.axis.has_place(kept))
            draw_mark(view, {plot.x_of(t), plot.y_of(kept)}, Mark::circle, view.theme.right);
        if (stretches(norm)) draw_mark(view, {plot.x_of(t), plot.y_of(norm)}, Mark::triangle, view.theme.wrong);
    }
}

void tokens_caption(const View& view, const TimePlot& plot, float y) {
    const float left = plot.box.x - axis_width(view), right = plot.box.max().x + view.px(names_room);
    const std::string norm = "norm of I \u2212 k e\u1d40", kept = "1 \u2212 e\u1d40k";
    const float keys = text_width(norm + kept) + 2 * view.px(key_sample + 2 * key_gap + 6);
    const std::string caption = fitting("Each token:", "", right - left - keys);
    draw_text(view, left, y, view.theme.text, caption);
    float x = left + text_width(caption) + (caption.empty() ? 0 : view.px(8));
    x = draw_key(view, x, y, right, Mark::triangle, view.theme.wrong, norm);
    draw_key(view, x, y, right, Mark::circle, view.theme.right,
             fitting(kept + ", kept along k", kept, key_room(view, right - x)));
    const std::string above = fitting("above 1 a token can stretch S", "above 1: can stretch", plot.box.width);
    draw_text(view, plot.box.max().x - text_width(above) - view.px(4), plot.box.y, view.theme.quiet, above);
}

void tokens_tooltip(const View& view, Index token) {
    const auto at = static_cast<std::size_t>(token);
    const double norm = view.session.spectrum().erase_norm()[at];
    ImGui::SetTooltip("%s: norm of I \u2212 k e\u1d40 %s%s\n1 \u2212 e\u1d40k = %s: of what lies along k this stays",
                      view.session.in_words(token).c_str(), shown(norm, 4).c_str(),
                      stretches(norm) ? ", so it can stretch S" : "",
                      shown(view.session.spectrum().kept()[at]).c_str());
}

/// Where tokens are narrow, curves without marks.
void plot_tokens(const View& view, TimePlot plot, float caption_y) {
    const Spectrum& spectrum = view.session.spectrum();
    const std::vector<double>&norm = spectrum.erase_norm(), &kept = spectrum.kept();
    const auto first = plot.range.first, end = first + plot.range.count;
    plot.axis = axis_of_tokens(plot, *std::min_element(kept.begin() + first, kept.begin() + end),
                               *std::max_element(norm.begin() + first, norm.begin() + end));
    const bool marks = plot.column() >= view.px(widest_marks);
    draw_axes(view, plot);
    tokens_caption(view, plot, caption_y);
    draw_level(view, plot, 1);
    draw_curve(view, plot, {{}, norm, faded(view.theme.wrong, marks ? 0.45 : 1), 1});
    draw_curve(view, plot, {{}, kept, faded(view.theme.right, marks ? 0.45 : 1), 1});
    if (marks) draw_token_marks(view, plot, spectrum);
    if (const std::optional<Index> token = follow_tokens(view, plot)) tokens_tooltip(view, *token);
}

}  // namespace

void draw_spectrum_curves(const View& view, const Box& box) {
    const float caption = caption_height(view), gap = view.px(room_between);
    const bool ranks = box.height >= view.px(all_plots), tokens = box.height >= view.px(two_plots);
    const float weights = 1.5f + (ranks ? 0.8f : 0) + (tokens ? 1.1f : 0);
    const float plots = 1 + (ranks ? 1.0f : 0) + (tokens ? 1.0f : 0);
    const float unit = (box.height - plots * caption - (plots - 1) * gap) / weights;
    TimePlot plot;
    plot.range = resolved(view.memory.timeline.range, view.session.length());
    float y = box.y;
    const auto next = [&](float weight, auto draw) {
        plot.box = {box.x + axis_width(view), y + caption, box.width - axis_width(view) - view.px(names_room),
                    std::floor(weight * unit)};
        draw(view, plot, y);
        y += caption + weight * unit + gap;
    };
    next(1.5f, plot_sizes);
    if (ranks) next(0.8f, plot_ranks);
    if (tokens) next(1.1f, plot_tokens);
}

}  // namespace gdn2::viewer
