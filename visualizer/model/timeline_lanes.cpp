// See timeline_lanes.h.
#include "visualizer/model/timeline_lanes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "visualizer/model/half_life.h"
#include "visualizer/model/largest_finite.h"
#include "visualizer/model/recall_table.h"

namespace gdn2::viewer {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Extent extent_of(double x) { return std::isfinite(x) ? Extent{x, x} : Extent{nan, nan}; }

Extent merged(const Extent& a, const Extent& b) {
    if (std::isnan(a.low) || std::isnan(b.low)) return {nan, nan};
    return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

std::size_t place_of(Index token, Index rows, Index row) { return static_cast<std::size_t>(token * rows + row); }

Matrix<double> places_of(const Matrix<double>& alpha) {
    return alpha.unaryExpr([](double x) { return std::isfinite(x) ? half_life_place(x) : nan; });
}

Matrix<double> column_of(const std::vector<double>& values) {
    return Eigen::Map<const Matrix<double>>(values.data(), static_cast<Index>(values.size()), 1);
}

double mean_of_finite(const Matrix<double>& values) {
    double sum = 0, count = 0;
    for (Index i = 0; i < values.size(); ++i)
        if (std::isfinite(values.data()[i])) {
            sum += values.data()[i];
            ++count;
        }
    return count > 0 ? sum / count : 0;
}

/// Without a key, or with both gates shut on what there is, a token can only be an answer.
std::vector<bool> reading_tokens(const Track& track) {
    std::vector<bool> reading;
    for (Index t = 0; t < track.length(); ++t) {
        const bool no_key = (track.head().k.row(t).array() == 0).all();
        const bool shut = (track.e().row(t).array() == 0).all() && (track.z().row(t).array() == 0).all();
        reading.push_back(no_key || shut);
    }
    return reading;
}

}  // namespace

Lane::Lane(Matrix<double> values, Index most_rows) : values_(std::move(values)) {
    group_ = std::max<Index>((channels() + most_rows - 1) / most_rows, 1);
    rows_ = (channels() + group_ - 1) / group_;
    Level finest;
    finest.reserve(static_cast<std::size_t>(length() * rows_));
    for (Index t = 0; t < length(); ++t)
        for (Index row = 0; row < rows_; ++row) finest.push_back(group_extent(t, row));
    levels_.push_back(std::move(finest));
    while (std::ssize(levels_.back()) > rows_) add_level();
    for (Index row = 0; row < rows_; ++row) {
        const Index first = row * group_;
        usual_.push_back(mean_of_finite(values_.middleCols(first, std::min(group_, channels() - first))));
    }
}

Extent Lane::group_extent(Index token, Index row) const {
    Extent all = extent_of(values_(token, row * group_));
    for (Index i = row * group_ + 1; i < std::min((row + 1) * group_, channels()); ++i)
        all = merged(all, extent_of(values_(token, i)));
    return all;
}

void Lane::add_level() {
    const Level& finer = levels_.back();
    const Index count = std::ssize(finer) / rows_;
    Level level;
    for (Index i = 0; i < count; i += 2)
        for (Index row = 0; row < rows_; ++row) {
            const Extent& left = finer[place_of(i, rows_, row)];
            level.push_back(i + 1 < count ? merged(left, finer[place_of(i + 1, rows_, row)]) : left);
        }
    levels_.push_back(std::move(level));
}

/// Whole pieces, as large as fit between `first` and `end`.
Extent Lane::extent(Index row, Index first, Index end) const {
    std::optional<Extent> all;
    const auto add = [&](std::size_t level, Index piece) {
        const Extent& found = levels_[level][place_of(piece, rows_, row)];
        all = all ? merged(*all, found) : found;
    };
    for (std::size_t level = 0; first < end; ++level, first /= 2, end /= 2) {
        if (first % 2 == 1) add(level, first++);
        if (end % 2 == 1) add(level, --end);
    }
    return all.value_or(Extent{nan, nan});
}

double Lane::farthest(Index row, const Extent& extent) const {
    if (std::isnan(extent.low)) return nan;
    const double usual = usual_[static_cast<std::size_t>(row)];
    return std::abs(extent.low - usual) > std::abs(extent.high - usual) ? extent.low : extent.high;
}

const Matrix<double>& Lane::picture(const TimelineRange& range, Index columns) const {
    const TimelineRange tokens = resolved(range, length());
    const Index width = std::min(columns, tokens.count);
    const auto asked = std::make_pair(tokens, width);
    if (picture_of_ == asked) return picture_;
    picture_of_ = asked;
    picture_.resize(rows_, width);
    for (Index column = 0; column < width; ++column) {
        const Span span = tokens_of_column(tokens, width, column);
        for (Index row = 0; row < rows_; ++row)
            picture_(row, column) = farthest(row, extent(row, span.first, span.end));
    }
    return picture_;
}

Lane::Place Lane::shown_at(const TimelineRange& range, Index columns, Index row, Index column) const {
    const TimelineRange tokens = resolved(range, length());
    const Span span = tokens_of_column(tokens, std::min(columns, tokens.count), column);
    const double shown = farthest(row, extent(row, span.first, span.end));
    for (Index t = span.first; t < span.end; ++t)
        for (Index i = row * group_; i < std::min((row + 1) * group_, channels()); ++i)
            if (values_(t, i) == shown || (std::isnan(shown) && !std::isfinite(values_(t, i)))) return {t, i};
    return {span.first, row * group_};
}

Span tokens_of_column(const TimelineRange& range, Index columns, Index column) {
    const Index first = range.count * column / columns, end = range.count * (column + 1) / columns;
    return {range.first + first, range.first + std::max(end, first + 1)};
}

RecallShare worst_recall(const RecallAlong& along, const Span& span) {
    RecallShare worst;
    for (Index t = span.first; t < span.end; ++t) {
        const auto at = static_cast<std::size_t>(t);
        const RecallShare here{along.right.at(at), along.asked.at(at)};
        if (worst.asked == 0 || here.right * worst.asked < worst.right * here.asked) worst = here;
    }
    return worst;
}

TimelineLanes::TimelineLanes(const Track& track)
    : half_life(places_of(track.alpha())),
      b(track.head().b),
      w(track.head().w),
      change(column_of(track.norm_dS())),
      largest_change(largest_finite(track.norm_dS())),
      only_reads(reading_tokens(track)) {}

}  // namespace gdn2::viewer
