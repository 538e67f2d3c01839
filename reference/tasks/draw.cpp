// See draw.h.
#include "reference/tasks/draw.h"

#include <numeric>

namespace gdn2 {

bool chance(Index percent, Random& random) { return random.integer(0, 99) < percent; }

std::vector<Index> distinct(Index count, Index from, Random& random) {
    require(0 <= count && count <= from,
            "cannot draw " + std::to_string(count) + " different numbers of " + std::to_string(from));
    std::vector<Index> all(static_cast<std::size_t>(from));
    std::iota(all.begin(), all.end(), Index{0});
    for (Index i = 0; i < count; ++i)
        std::swap(all[static_cast<std::size_t>(i)],
                  all[static_cast<std::size_t>(random.integer(i, from - 1))]);
    all.resize(static_cast<std::size_t>(count));
    return all;
}

std::vector<Index> each_at_least_once(Index kinds, Index draws, Random& random) {
    require(kinds <= draws, "cannot draw each of " + std::to_string(kinds) + " in " + std::to_string(draws));
    std::vector<Index> list;
    for (Index i = 0; i < draws; ++i) list.push_back(i < kinds ? i : random.integer(0, kinds - 1));
    shuffle(list, random);
    return list;
}

std::vector<Index> weighted_distinct(Index count, std::vector<std::int64_t> weights, Random& random) {
    require(
        count <= static_cast<Index>(weights.size()),
        "cannot draw " + std::to_string(count) + " different places of " + std::to_string(weights.size()));
    std::int64_t left = std::accumulate(weights.begin(), weights.end(), std::int64_t{0});
    std::vector<Index> drawn;
    for (Index i = 0; i < count; ++i) {
        std::int64_t ticket = random.integer(0, left - 1);
        std::size_t at = 0;
        while (ticket >= weights[at]) ticket -= weights[at++];
        left -= weights[at];
        weights[at] = 0;
        drawn.push_back(static_cast<Index>(at));
    }
    return drawn;
}

Index mixed_size(Index percent, Index low, Index high, Random& random) {
    return chance(percent, random) ? random.integer(low, high) : high;
}

}  // namespace gdn2
