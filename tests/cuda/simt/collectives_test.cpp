// Shuffles, votes and indices against their definitions.
#include <doctest/doctest.h>

#include <cstddef>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {

TEST_CASE("shuffles read the lane that CUDA says for every argument and width") {
    for (const int width : {32, 16, 8, 4, 2, 1})
        for (int b = 0; b < 32; ++b) {
            DeviceArray<int> out(128, "out");
            simt::run({"all_shuffles", {1}, {32}}, {}, [&] { all_shuffles(out.data(), b, width); });
            const auto values = out.values();
            for (int lane = 0; lane < 32; ++lane) {
                // In the words of the programming guide: segments of `width` lanes; a lane outside gives one's own.
                const int segment = lane / width, first = segment * width;
                const int indexed = first + b % width;
                const int exchanged = (lane ^ b) / width > segment ? lane : lane ^ b;
                const int above = lane - b < first ? lane : lane - b;
                const int below = lane + b >= first + width ? lane : lane + b;
                const auto l = static_cast<std::size_t>(lane);
                CHECK(values[l] == 100 + indexed);
                CHECK(values[32 + l] == 100 + exchanged);
                CHECK(values[64 + l] == 100 + above);
                CHECK(values[96 + l] == 100 + below);
            }
        }
}

TEST_CASE("votes count the lanes of one warp and shuffles keep the bits of every type") {
    for (const int limit : {0, 1, 17, 31, 32}) {
        DeviceArray<unsigned> out(384, "out");
        simt::run({"all_votes", {1}, {64}}, {}, [&] { all_votes(out.data(), limit); });
        const auto values = out.values();
        const unsigned lanes = limit == 32 ? ~0u : (1u << limit) - 1;
        for (unsigned t = 0; t < 64; ++t) {
            CHECK(values[t] == lanes);
            CHECK((values[64 + t] != 0) == (limit > 0));
            CHECK((values[128 + t] != 0) == (limit == 32));
            CHECK(static_cast<int>(values[192 + t]) == -static_cast<int>(t ^ 1));
            CHECK(values[256 + t] == 0x80000000u + (t ^ 1));
            CHECK(__builtin_bit_cast(float, values[320 + t]) == 0.5f + static_cast<float>(t ^ 1));
        }
    }
}

TEST_CASE("every thread of every block knows its three-dimensional place") {
    const simt::Dim3 grid{3, 2, 2}, block{5, 3, 4};
    const auto count = static_cast<std::size_t>(grid.count() * block.count());
    DeviceArray<unsigned> out(6 * count, "out");
    simt::run({"write_indices", grid, block}, {}, [&] { write_indices(out.data()); });
    const auto values = out.values();
    std::size_t i = 0;
    bool good = true;
    for (unsigned bz = 0; bz < 2; ++bz)
        for (unsigned by = 0; by < 2; ++by)
            for (unsigned bx = 0; bx < 3; ++bx)
                for (unsigned tz = 0; tz < 4; ++tz)
                    for (unsigned ty = 0; ty < 3; ++ty)
                        for (unsigned tx = 0; tx < 5; ++tx, i += 6)
                            good = good && std::vector(&values[i], &values[i] + 6) ==
                                               std::vector<unsigned>{tx, ty, tz, bx, by, bz};
    CHECK(good);
    CHECK(i == values.size());
}

}  // namespace gdn2::test
