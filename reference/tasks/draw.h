// What the tasks draw by lot, in whole numbers only: rounding could differ between machines, integers cannot.
//   tests  tests/reference/tasks/draw_test.cpp
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "reference/core/random.h"

namespace gdn2 {

/// True `percent` times in a hundred.
bool chance(Index percent, Random& random);

/// Every order equally likely (Fisher and Yates).
template <class Element>
void shuffle(std::vector<Element>& list, Random& random) {
    for (Index i = static_cast<Index>(list.size()) - 1; i > 0; --i)
        std::swap(list[static_cast<std::size_t>(i)], list[static_cast<std::size_t>(random.integer(0, i))]);
}

/// `count` different numbers of 0 .. from-1, in random order; needs count <= from.
std::vector<Index> distinct(Index count, Index from, Random& random);

/// `draws` numbers of 0 .. kinds-1 in random order: each at least once, the others uniform; needs kinds <= draws.
std::vector<Index> each_at_least_once(Index kinds, Index draws, Random& random);

/// `count` different positions of `weights`, in the order drawn: each draw takes a position with a probability
/// proportional to its weight among those left. Needs count <= the number of weights, which are positive and sum
/// to less than 2^53.
std::vector<Index> weighted_distinct(Index count, std::vector<std::int64_t> weights, Random& random);

/// A mixture of sizes: `percent` times in a hundred uniform in [low, high], else high.
Index mixed_size(Index percent, Index low, Index high, Random& random);

}  // namespace gdn2
