// Asynchronous copies: what arrives, when, and the zeros of a copy that has no source.
#include <doctest/doctest.h>

#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {

TEST_CASE("groups of copies arrive in order and copies without a source bring zeros") {
    std::vector<float> numbers(512);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 1.0f + static_cast<float>(i);
    for (const int lane_order : {0, 1, 2}) {
        simt::Options options;
        options.lane_order = lane_order;
        DeviceArray<float> in(numbers, "in"), out(512, "out");
        const auto counters =
            simt::run({"copies", {1}, {32}, 2048}, options, [&] { copies(in.data(), out.data()); });
        const auto values = out.values();
        for (std::size_t i = 0; i < 512; ++i) {
            const bool zero = i / 128 == 2 && i % 128 / 4 % 2 == 1;
            CHECK(values[i] == (zero ? 0.0f : numbers[i]));
        }
        CHECK(counters.async_copies == 4 * 32);
        CHECK(counters.global.loads == 4 * 32 - 16);
        CHECK(counters.shared.bytes_stored == 4 * 32 * 16);
    }
}

}  // namespace gdn2::test
