// Drawing by lot: what is drawn, and how often.
#include "reference/tasks/draw.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace gdn2;

namespace {

/// Whether `seen` of `tries` is within five standard deviations of what `probability` says.
bool likely(Index seen, Index tries, double probability) {
    const double n = static_cast<double>(tries);
    return std::abs(static_cast<double>(seen) - n * probability) <=
           5 * std::sqrt(n * probability * (1 - probability));
}

}  // namespace

TEST_CASE("different numbers are different and each order is as likely as another") {
    Random random(1);
    std::map<std::vector<Index>, Index> seen;
    for (int i = 0; i < 12000; ++i) ++seen[distinct(2, 4, random)];
    CHECK(seen.size() == 12);
    for (const auto& [pair, count] : seen) {
        CHECK(pair[0] != pair[1]);
        CHECK(likely(count, 12000, 1.0 / 12));
    }
    CHECK(distinct(0, 0, random).empty());
    CHECK_THROWS_WITH_AS(distinct(3, 2, random), "cannot draw 3 different numbers of 2", Error);
}

TEST_CASE("shuffling makes every order as likely as another") {
    Random random(2);
    std::map<std::vector<int>, Index> seen;
    for (int i = 0; i < 6000; ++i) {
        std::vector<int> list{1, 2, 3};
        shuffle(list, random);
        ++seen[list];
    }
    CHECK(seen.size() == 6);
    for (const auto& [order, count] : seen) CHECK(likely(count, 6000, 1.0 / 6));
}

TEST_CASE("each kind comes at least once and the others are uniform and anywhere") {
    Random random(3);
    std::vector<Index> totals(4), first(4);
    for (int i = 0; i < 3000; ++i) {
        const std::vector<Index> list = each_at_least_once(4, 10, random);
        CHECK(list.size() == 10);
        CHECK(std::set<Index>(list.begin(), list.end()) == std::set<Index>{0, 1, 2, 3});
        for (const Index kind : list) ++totals[static_cast<std::size_t>(kind)];
        ++first[static_cast<std::size_t>(list.front())];
    }
    for (int kind = 0; kind < 4; ++kind) {
        CHECK(likely(totals[static_cast<std::size_t>(kind)], 30000, 0.25));
        CHECK(likely(first[static_cast<std::size_t>(kind)], 3000, 0.25));
    }
    CHECK_THROWS_WITH_AS(each_at_least_once(3, 2, random), "cannot draw each of 3 in 2", Error);
}

TEST_CASE("weights say how likely a draw is, among what is left") {
    Random random(4);
    std::map<std::vector<Index>, Index> seen;
    for (int i = 0; i < 20000; ++i) ++seen[weighted_distinct(2, {1, 2, 5}, random)];
    const std::map<std::vector<Index>, double> expected{{{0, 1}, 1.0 / 8 * 2 / 7}, {{0, 2}, 1.0 / 8 * 5 / 7},
                                                        {{1, 0}, 2.0 / 8 * 1 / 6}, {{1, 2}, 2.0 / 8 * 5 / 6},
                                                        {{2, 0}, 5.0 / 8 * 1 / 3}, {{2, 1}, 5.0 / 8 * 2 / 3}};
    CHECK(seen.size() == expected.size());
    for (const auto& [pair, probability] : expected) CHECK(likely(seen[pair], 20000, probability));
    CHECK_THROWS_WITH_AS(weighted_distinct(3, {1, 2}, random), "cannot draw 3 different places of 2", Error);
}

TEST_CASE("a mixture takes the most, or uniformly anything up to it") {
    Random random(5);
    std::vector<Index> seen(5);
    for (int i = 0; i < 10000; ++i) ++seen[static_cast<std::size_t>(mixed_size(60, 2, 4, random))];
    CHECK(likely(seen[2], 10000, 0.2));
    CHECK(likely(seen[3], 10000, 0.2));
    CHECK(likely(seen[4], 10000, 0.6));
    for (int i = 0; i < 100; ++i) CHECK(mixed_size(0, 2, 4, random) == 4);
}

TEST_CASE("a chance of 0 never and of 100 always comes true") {
    Random random(6);
    Index seen = 0;
    for (int i = 0; i < 10000; ++i) {
        CHECK_FALSE(chance(0, random));
        CHECK(chance(100, random));
        seen += chance(30, random);
    }
    CHECK(likely(seen, 10000, 0.3));
}
