// What the benchmark says about its samples: quartiles, and ratios taken round by round. On a shared machine
// a median of ratios is steadier than a ratio of medians: both samples of a round were taken moments apart,
// in the same weather.
//   tests  tests/tools/bench/statistics_test.cpp
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "reference/core/error.h"

namespace gdn2::bench {

/// The three quartiles of a sample. `high - low` is the interquartile range.
struct Quartiles {
    double low = 0, median = 0, high = 0;
};

/// Quartiles, interpolated linearly between neighbours. Throws Error when there is no sample.
inline Quartiles quartiles(std::vector<double> samples) {
    require(!samples.empty(), "quartiles need at least one sample");
    std::sort(samples.begin(), samples.end());
    const auto at = [&](double share) {
        const double position = share * static_cast<double>(samples.size() - 1);
        const auto below = static_cast<std::size_t>(position);
        const auto above = std::min(below + 1, samples.size() - 1);
        return samples[below] + (position - static_cast<double>(below)) * (samples[above] - samples[below]);
    };
    return {at(0.25), at(0.5), at(0.75)};
}

/// Round by round, factor * a / b. Throws Error when the rounds differ in number.
inline std::vector<double> ratios(const std::vector<double>& a, const std::vector<double>& b,
                                  double factor = 1) {
    require(a.size() == b.size(), "ratios need as many samples of one as of the other");
    std::vector<double> result;
    for (std::size_t i = 0; i < a.size(); ++i) result.push_back(factor * a[i] / b[i]);
    return result;
}

}  // namespace gdn2::bench
