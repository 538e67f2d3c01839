// The gates of a whole run at the width of a screen. Where several numbers meet in a pixel it shows the one that is
// farthest from what its channels usually are, so that one odd token among thousands stays visible. For that the
// smallest and the largest are kept of 1, 2, 4, ... tokens.
//   tests  tests/visualizer/model/timeline_lanes_test.cpp
#pragma once

#include <optional>
#include <vector>

#include "visualizer/model/timeline_range.h"
#include "visualizer/model/track.h"

namespace gdn2::viewer {

struct RecallAlong;  // recall_table.h

/// The smallest and the largest of some numbers; both NaN where one of them is not finite.
struct Extent {
    double low = 0, high = 0;

    bool operator==(const Extent&) const = default;
};

/// Numbers [length, channels] over time.
class Lane {
public:
    /// Channels beyond `most_rows` are put together in groups of the same size, the last one perhaps smaller.
    explicit Lane(Matrix<double> values, Index most_rows = 24);

    Index length() const { return values_.rows(); }
    Index channels() const { return values_.cols(); }
    Index rows() const { return rows_; }  ///< groups of channels
    double at(Index token, Index channel) const { return values_(token, channel); }

    /// Of the tokens [first, end) in a row; there must be one.
    Extent extent(Index row, Index first, Index end) const;

    /// [rows, columns]: what each pixel shows when `columns` of them share the range; no more columns than tokens. Kept
    /// until another range or width is asked for.
    const Matrix<double>& picture(const TimelineRange& range, Index columns) const;

    /// The number that such a pixel shows.
    struct Place {
        Index token = 0, channel = 0;

        bool operator==(const Place&) const = default;
    };
    Place shown_at(const TimelineRange& range, Index columns, Index row, Index column) const;

private:
    using Level = std::vector<Extent>;  ///< of 2^i tokens each, rows side by side
    Extent group_extent(Index token, Index row) const;
    void add_level();
    double farthest(Index row, const Extent& extent) const;

    Matrix<double> values_;
    Index rows_ = 0, group_ = 1;  ///< channels of a group
    std::vector<Level> levels_;
    std::vector<double> usual_;  ///< of each row: the mean of its finite numbers
    mutable Matrix<double> picture_;
    mutable std::optional<std::pair<TimelineRange, Index>> picture_of_;
};

/// Tokens [first, end) that column `column` of `columns` shows of a resolved range: at least one.
struct Span {
    Index first = 0, end = 0;
};
Span tokens_of_column(const TimelineRange& range, Index columns, Index column);

/// The token of a span whose answers were right least often, in numbers; asked 0: nothing was asked.
struct RecallShare {
    Index right = 0, asked = 0;
};
RecallShare worst_recall(const RecallAlong& along, const Span& span);

/// What the timeline shows of a run.
struct TimelineLanes {
    explicit TimelineLanes(const Track& track);

    Lane half_life;  ///< places on the half-life axis, half_life.h
    Lane b, w;
    Lane change;     ///< |S_t - S_{t-1}|, one channel
    double largest_change = 0;  ///< of the finite ones
    std::vector<bool> only_reads;  ///< tokens that neither erase nor write
};

}  // namespace gdn2::viewer
