// The cases that kernels are run on: shapes, lengths, packings, decays and gates, each from its number alone.
#pragma once

#include <algorithm>

#include "tests/support/device.h"

namespace gdn2::test {

inline constexpr Index small_dims[][2] = {{1, 1},   {13, 29}, {16, 16}, {17, 65}, {29, 13}, {32, 60},
                                   {60, 32}, {64, 64}, {65, 17}, {16, 1},  {2, 128}, {100, 16}};
inline constexpr Index large_dims[][2] = {{128, 128}, {192, 64}, {200, 100}, {256, 16}, {16, 256},
                                   {100, 200}, {129, 65}, {64, 192},  {256, 128}};
inline constexpr Index lengths[] = {1, 2, 15, 16, 17, 63, 64, 65, 100, 127, 128, 129, 150, 200};
inline constexpr Index short_lengths[] = {1, 17, 64, 65, 100};
inline constexpr Index heads[][2] = {{1, 1}, {2, 2}, {1, 2}, {1, 3}, {2, 4}, {1, 4}};

template <class T, std::size_t n>
const T& pick_one(const T (&choices)[n], Random& random) {
    return choices[random.integer(0, Index(n) - 1)];
}

/// 1 to 5 sequences in `length` tokens, empty ones likely.
inline std::vector<Index> draw_offsets(Index length, Random& random) {
    std::vector<Index> offsets{0};
    for (Index n = random.integer(0, 4); n > 0; --n)
        offsets.push_back(random.uniform() < 0.4 ? offsets.back() : random.integer(offsets.back(), length));
    offsets.push_back(length);
    return offsets;
}

/// Case i; every dim comes up once before any comes up again.
inline Draw draw_case(Index i, bool large) {
    Random random(31, static_cast<std::uint64_t>(2 * i + large));
    Draw draw;
    const auto& dims =
        large ? large_dims[i % Index(std::size(large_dims))] : small_dims[i % Index(std::size(small_dims))];
    const Index length = large ? pick_one(short_lengths, random) : pick_one(lengths, random);
    const auto& [key_heads, value_heads] = large ? heads[2 * random.integer(0, 1)] : pick_one(heads, random);
    draw.sizes = {1, length, key_heads, value_heads, dims[0], dims[1], 1};
    draw.decay = all_decays[(i + i / 8) % 8];
    draw.b_high = random.uniform() < 0.3 ? 2 : 1;
    draw.tied = random.uniform() < 0.1;
    draw.initial_state = random.uniform() < 0.7;
    draw.seed = random.bits();
    if (random.uniform() < 0.4)
        draw.offsets = draw_offsets(length, random);
    else if (length * value_heads <= 200)
        draw.sizes.batch = random.integer(1, 3);
    return draw;
}

/// The golden problems in tests/golden.
inline constexpr const char* golden_names[] = {"g01_tiny",   "g02_killer", "g03_two_chunks",   "g04_grouped",
                                               "g05_packed", "g06_strong", "g07_double_erase", "g08_kda"};

}  // namespace gdn2::test
