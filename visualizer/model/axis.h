// The axis of a plot: which numbers it spans, where a number stands, and which numbers are said along it.
//   tests  tests/visualizer/model/axis_test.cpp
#pragma once

#include <vector>

namespace gdn2::viewer {

/// From `low` to `high`, low < high; on a logarithmic axis both are above 0.
struct Axis {
    double low = 0, high = 1;
    bool logarithmic = false;

    /// 0 at low, 1 at high, clamped. Only where has_place().
    double place(double value) const;
    /// Whether a number can be shown: finite, and above 0 where logarithmic.
    bool has_place(double value) const;
    /// Low, high and round numbers between them, rising: about `count` in all, at least the two ends.
    std::vector<double> ticks(int count) const;
};

/// Whole powers of ten around [least, most], at least one decade and at most `decades` of them below the top. Where
/// nothing is above 0: from 0.1 to 1.
Axis logarithmic_axis(double least, double most, int decades);

/// Round numbers around [least, most]; what is not finite counts as 0. Equal ends get a span of 1.
Axis linear_axis(double least, double most);

}  // namespace gdn2::viewer
