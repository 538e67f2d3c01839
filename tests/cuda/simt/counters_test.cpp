// Counts of known kernels, and shared memory passes of known patterns.
#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/sanitized.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {

TEST_CASE("accesses and operations of a known kernel are counted" * skip_there) {
    DeviceArray<float> in(std::vector<float>(256, 1.0f), "in"), out(256, "out");
    for (const int lane_order : {0, 1, 2}) {
        simt::Options options;
        options.lane_order = lane_order;
        const simt::Counters c =
            simt::run({"counted", {1}, {64}, 1024}, options, [&] { counted(in.data(), out.data()); });
        CHECK(c.global.loads == 64 * 4);
        CHECK(c.global.bytes_loaded == 64 * (3 * 4 + 16));
        CHECK(c.global.stores == 64 * 3);
        CHECK(c.global.bytes_stored == 64 * 3 * 4);
        CHECK(c.shared == simt::Traffic{64, 64, 64 * 4, 64 * 16});
        CHECK(c.barriers == 2);
        CHECK(c.warp_syncs == 1);
        CHECK(c.shuffles == 2);
        CHECK(c.mma_bf16_k8 == 2);
        CHECK(c.mma() == 2);
        CHECK(c.blocks == 1);
        CHECK(c.shared_wavefronts == 2 * 4 + 2 * 1);
        CHECK(c.shared_wavefronts == c.shared_wavefronts_ideal);
    }
}

TEST_CASE("shared memory passes follow the banks" * skip_there) {
    using Passes = std::pair<std::int64_t, std::int64_t>;  // taken and ideal
    const auto passes = [](unsigned shared_bytes, auto&& kernel) {
        simt::Options unchecked;
        unchecked.check = false;  // lanes may write the same place here
        const simt::Counters c = simt::run({"passes", {1}, {32}, shared_bytes}, unchecked, kernel);
        return Passes{c.shared_wavefronts, c.shared_wavefronts_ideal};
    };
    for (const auto& [stride, expected] : {std::pair{0, 1}, {1, 1}, {2, 2}, {3, 1}, {4, 4}, {8, 8}, {32, 32}, {33, 1}})
        CHECK(passes(33 * 32 * 4, [s = stride] { strided_stores(s); }) == Passes{expected, 1});
    // 16 bytes a lane: four quarter-warps of 128 bytes each. A stride of 2 puts 8 lanes on 16 banks.
    for (const auto& [stride, expected] : {std::pair{0, 4}, {1, 4}, {2, 8}, {8, 32}, {9, 4}})
        CHECK(passes(9 * 32 * 16, [s = stride] { strided_vectors(s); }) == Passes{expected, 4});
    // Lanes 0-15 take one pass; 16-31 meet in one bank and take sixteen.
    CHECK(passes(32 * 32 * 4, [] { split_lanes(); }) == Passes{17, 2});

    DeviceArray<float> out(32, "out");
    const auto matrices = [&](int pitch) {
        const simt::Counters c =
            simt::run({"pitched_ldmatrix", {1}, {32}, 32u * 144}, {}, [&] { pitched_ldmatrix(pitch, out.data()); });
        CHECK(c.ldmatrix == 1);
        CHECK(c.shared.loads == 32);
        CHECK(c.shared.bytes_loaded == 32 * 16);
        return c.shared_wavefronts;
    };
    // Four stores, then four matrices: rows 128 bytes apart meet in the same banks, 16 bytes more keep them apart.
    const auto store_passes = [&](int pitch) {
        return passes(33 * 144, [pitch] { strided_stores(pitch / 4); }).first;
    };
    CHECK(matrices(128) == 4 * store_passes(128) + 4 * 8);
    CHECK(matrices(144) == 4 * store_passes(144) + 4 * 1);
}

TEST_CASE("a launch that is not counted gives zeros and counters add up" * skip_there) {
    DeviceArray<float> in(std::vector<float>(256, 1.0f), "in"), out(256, "out");
    const auto body = [&] { counted(in.data(), out.data()); };
    const simt::Launch launch{"counted", {1}, {64}, 1024};
    simt::Options uncounted;
    uncounted.count = false;
    CHECK(simt::run(launch, uncounted, body) == simt::Counters{});

    simt::Counters one = simt::run(launch, {}, body), two = one;
    two += one;
    CHECK(two.global.loads == 2 * one.global.loads);
    CHECK(two.shared_wavefronts == 2 * one.shared_wavefronts);
    CHECK(two.mma() == 2 * one.mma());
    CHECK(two.blocks == 2);
}

}  // namespace gdn2::test
