// Where the wrong elements lie: counted per sequence, chunk, row in chunk, head and channel, and said in a
// line when they share something: "all bad rows are t % 64 == 63", "only heads >= 2", "only chunks >= 1".
//   tests  tests/reference/check/localise_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/core/tensor.h"

namespace gdn2::check {

/// What the axes of a tensor mean.
enum class Axes {
    tokens,  ///< [batch, length, heads, channels]
    states,  ///< [sequences, heads, key channels, value channels]
    plain,   ///< anything else: elements are named by their index only
};

/// The layout of a tensor. Chunks are counted from the start of each sequence.
struct Layout {
    Axes axes = Axes::plain;
    Index chunk = 64;
    std::vector<Index> cu_seqlens =
        {};  ///< packed batch: [0, ..., length]; empty: each batch row is a sequence
};

/// How much is wrong at each position along one axis.
struct AxisProfile {
    std::string name;          ///< "chunk"
    std::vector<Index> bad;    ///< bad elements per coordinate
    std::vector<Index> total;  ///< all elements per coordinate

    double fraction(Index at) const {
        const auto i = static_cast<std::size_t>(at);
        return total[i] == 0 ? 0.0 : static_cast<double>(bad[i]) / static_cast<double>(total[i]);
    }
};

/// Where the bad elements are.
struct Localisation {
    Index bad = 0;                                ///< how many
    std::optional<std::vector<Index>> first_bad;  ///< earliest in time (then batch, head, channel)
    std::optional<std::vector<Index>>
        last_bad;                    ///< latest in time; gradients flow backwards, so look here first
    std::vector<AxisProfile> axes;   ///< empty when nothing is bad, or for Axes::plain
    std::vector<std::string> lines;  ///< what all bad elements share; empty when nothing is bad
};

/// Finds where `bad(offset)` holds. `bad` has one entry per element of `shape`. Throws Error when the layout
/// does not fit the shape.
Localisation localise(const std::vector<bool>& bad, const Shape& shape, const Layout& layout);

}  // namespace gdn2::check
