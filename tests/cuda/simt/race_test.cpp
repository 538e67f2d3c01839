// What orders accesses and what does not, beyond the planted mistakes: no false alarms, and the same report always.
#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "cuda/simt/emulator.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"
#include "tests/cuda/simt/sanitized.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {
namespace {

simt::Options order(int lane_order) {
    simt::Options options;
    options.lane_order = lane_order;
    return options;
}

}  // namespace

TEST_CASE("named barriers order a producer and its consumers" * skip_there) {
    constexpr int rounds = 5;
    std::vector<float> numbers(32 * rounds);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
    for (const int lane_order : {0, 1, 2, 3}) {
        DeviceArray<float> in(numbers, "in"), out(96 * rounds, "out");
        const auto go = [&](bool good) {
            simt::run({"producer_consumers", {1}, {128}, 128}, order(lane_order),
                      [&] { producer_consumers(in.data(), out.data(), rounds, good); });
        };
        CHECK_NOTHROW(go(true));
        for (std::size_t i = 0; i < 96 * rounds; ++i) CHECK(out.values()[i] == numbers[i / 96 * 32 + i % 32]);
        try {
            go(false);
            FAIL_CHECK("a consumer that reads after it has given the slot back was not caught");
        } catch (const simt::Fault& fault) {
            CHECK(fault.kind() == simt::FaultKind::race);
        }
    }
}

TEST_CASE("accesses that barriers order are no races") {
    for (const int lane_order : {0, 1, 2, 3, 4, 5}) {
        DeviceArray<float> in(std::vector<float>(128, 1.0f), "in"), out(128, "out");
        CHECK_NOTHROW(simt::run({"ordered_accesses", {1}, {128}, 4096}, order(lane_order),
                                [&] { ordered_accesses(in.data(), out.data()); }));
    }
}

TEST_CASE("a write after several warps have read is a race without a barrier" * skip_there) {
    for (const int lane_order : {0, 1, 2, 3}) {
        DeviceArray<float> data(std::vector<float>(1, 0.0f), "data"), out(128, "out");
        const auto go = [&](bool good) {
            simt::run({"several_readers", {1}, {128}}, order(lane_order),
                      [&] { several_readers(data.data(), out.data(), good); });
        };
        CHECK_NOTHROW(go(true));
        CHECK_THROWS_AS(go(false), simt::Fault);
    }
}

TEST_CASE("blocks may read the same and launches are ordered") {
    DeviceArray<float> in(std::vector<float>(64, 1.0f), "in"), out(8 * 32, "out"), again(8 * 32, "again");
    for (const int threads : {1, 2, 4}) {
        simt::Options options;
        options.threads = threads;
        const simt::Launch launch{"shared_input", {8}, {32}};
        CHECK_NOTHROW(simt::run(launch, options, [&] { shared_input(in.data(), out.data(), 64); }));
        CHECK_NOTHROW(simt::run(launch, options, [&] { shared_input(out.data(), again.data(), 256); }));
        CHECK(again.values()[0] == 256 * 64.0f);
    }
}

TEST_CASE("of the races between blocks the one at the lowest address and of the lowest blocks is told" * skip_there) {
    for (int trial = 0; trial < 20; ++trial) {
        simt::Options options;
        options.threads = 1 + trial % 4;
        DeviceArray<float> data(std::vector<float>(1 + 4 * 32, 0.0f), "data"), out(10, "out");
        const auto fault_of = [&](const char* kernel, const std::function<void()>& body) -> simt::FaultReport {
            try {
                simt::run({kernel, {4}, {32}}, options, body);
            } catch (const simt::Fault& fault) {
                return fault.report();
            }
            return {};
        };
        const auto reads = fault_of("overwrites_input", [&] { overwrites_input(data.data()); });
        CHECK(reads.what == "race: reads `data` at byte 0, which another block writes in the same launch");
        CHECK(reads.other_block == simt::BlockIndex{0, 0, 0});
        CHECK(reads.block == simt::BlockIndex{1, 0, 0});
        const auto writes = fault_of("blocks_meet_twice", [&] { blocks_meet_twice(out.data()); });
        CHECK(writes.what == "race: writes `out` at byte 16, which another block writes in the same launch");
        CHECK(writes.block == simt::BlockIndex{1, 0, 0});
    }
}

TEST_CASE("a race between blocks is told the same way however many host threads there are" * skip_there) {
    const std::vector<float> numbers(256, 1.0f);
    std::string first;
    for (int trial = 0; trial < 40; ++trial) {
        DeviceArray<float> in(numbers, "in"), out(256, "out");
        simt::Options options;
        options.threads = 1 + trial % 4;
        options.lane_order = trial % 5;
        const PlantedArguments arguments{in.data(), out.data(), false};
        try {
            simt::run({"two_blocks_write", {16}, {32}}, options, [&] { two_blocks_write(arguments); });
            FAIL_CHECK("nothing was caught");
        } catch (const simt::Fault& fault) {
            if (first.empty()) first = fault.what();
            CHECK(fault.what() == first);
        }
    }
}

}  // namespace gdn2::test
