// The machine as a whole: the same results and counts in every order and on any number of host threads, no leaks, and
// errors that come out whole.
#include <doctest/doctest.h>

#include <cfenv>
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "cuda/simt/emulator.h"
#include "reference/core/parallel.h"
#include "tests/cuda/simt/device_array.h"
#include "tests/cuda/simt/planted_kernels.h"
#include "tests/cuda/simt/sanitized.h"
#include "tests/cuda/simt/unit_kernels.h"

namespace gdn2::test {
namespace {

long resident_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmRSS:") {
            long kilobytes = 0;
            status >> kilobytes;
            return kilobytes;
        }
    return 0;
}

std::string fault_of(const simt::Launch& launch, const simt::Options& options, const std::function<void()>& body) {
    try {
        simt::run(launch, options, body);
    } catch (const simt::Fault& fault) {
        return fault.what();
    }
    return "";
}

void throw_on_purpose() { throw Error("thrown on purpose"); }

}  // namespace

TEST_CASE("results and counts are the same in every lane order and on one to four host threads") {
    constexpr int blocks = 6, threads = 96, n = 1000;
    std::vector<float> numbers(blocks * n);
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = std::sin(static_cast<float>(i));
    DeviceArray<float> in(numbers, "in");
    std::vector<float> first_sums, first_all;
    simt::Counters first_counts;
    for (const int host_threads : {1, 2, 3, 4})
        for (const int lane_order : {0, 1, 2, 3, 99}) {
            DeviceArray<float> out(blocks, "out"), out_all(blocks * threads, "out_all");
            simt::Options options;
            options.threads = host_threads;
            options.lane_order = lane_order;
            const auto counts = simt::run({"block_sum", {blocks}, {threads}, threads * 4}, options,
                                          [&] { block_sum(in.data(), out.data(), out_all.data(), n); });
            if (first_sums.empty()) {
                first_sums = out.values();
                first_all = out_all.values();
                first_counts = counts;
            }
            CHECK(out.values() == first_sums);
            CHECK(out_all.values() == first_all);
            CHECK(counts == first_counts);
        }
    CHECK(first_counts.barriers == blocks * 3 * 2);
    CHECK(first_counts.shuffles == blocks * 3 * 5);
}

TEST_CASE("the fault of the lowest block is told however many host threads there are" * skip_there) {
    DeviceArray<float> in(std::vector<float>(256, 0.0f), "in"), out(256, "out");
    const PlantedArguments arguments{in.data(), out.data(), false};
    std::string first;
    for (int trial = 0; trial < 20; ++trial) {
        simt::Options options;
        options.threads = 1 + trial % 4;
        const std::string fault =
            fault_of({"past_shared_memory", {4, 3, 2}, {64}, 1024}, options, [&] { past_shared_memory(arguments); });
        if (first.empty()) first = fault;
        CHECK(fault == first);
    }
    CHECK(first.starts_with("past_shared_memory: block (0,0,0), thread 63 (warp 1, lane 31): writes 4 bytes at the end "
                            "of shared memory (1024 bytes), at planted_memory_kernels.cpp:"));
}

TEST_CASE("ten thousand launches leave no memory behind and faults do not either" * skip_there) {
    DeviceArray<float> in(std::vector<float>(256, 0.0f), "in");
    const auto launches = [&](int count) {
        for (int i = 0; i < count; ++i) {
            DeviceArray<float> out(256, "out");
            const PlantedArguments arguments{in.data(), out.data(), i % 10 != 0};
            const std::string fault = fault_of({"missing_wait", {1}, {64}, 1024}, {}, [&] { missing_wait(arguments); });
            if (fault.empty() != arguments.good) FAIL_CHECK("launch " << i << ": " << fault);
        }
    };
    launches(500);
    const long before = resident_kilobytes();
    launches(10000);
    const long allowed = under_address_sanitizer ? 512 * 1024 : 4096;  // which keeps freed memory for a while
    CHECK(resident_kilobytes() - before < allowed);
}

TEST_CASE("errors thrown by a kernel come out as they are and the machine runs on") {
    simt::Options options;
    for (const int threads : {1, 2}) {
        options.threads = threads;
        CHECK_THROWS_WITH_AS(simt::run({"throws_error", {2}, {64}}, options, [] { throws_error(throw_on_purpose); }),
                             "thrown on purpose", Error);
    }
    DeviceArray<float> out(64, "out");
    const auto again = [&] { unwritten_output({nullptr, out.data(), true}); };
    CHECK_NOTHROW(simt::run({"unwritten_output", {1}, {64}}, {}, again));
}

TEST_CASE("launches from several host threads at once do not disturb each other") {
    std::vector<float> sums(16);
    parallel_for(16, 4, [&](Index i) {
        DeviceArray<float> in(std::vector<float>(100, static_cast<float>(i)), "in"), out(1, "out"), all(64, "all");
        simt::run({"block_sum", {1}, {64}, 256}, {}, [&] { block_sum(in.data(), out.data(), all.data(), 100); });
        sums[static_cast<std::size_t>(i)] = out.values()[0];
    });
    for (std::size_t i = 0; i < sums.size(); ++i) CHECK(sums[i] == 100.0f * static_cast<float>(i));
}

TEST_CASE("floating-point traps of the host do not reach kernels and are back afterwards") {
    DeviceArray<float> out(32, "out");
    const int before = std::fegetround();
    CHECK_NOTHROW(simt::run({"makes_nan", {1}, {32}}, {}, [&] { makes_nan(out.data()); }));
    CHECK(std::isnan(out.values()[0]));
    CHECK(std::fegetround() == before);
#ifdef __GLIBC__
    CHECK((fegetexcept() & FE_INVALID) != 0);
#endif
}

TEST_CASE("launches that no card takes are refused") {
    const auto nothing = [] {};
    const auto refusal = [&](const simt::Launch& launch) { return fault_of(launch, {}, nothing); };
    CHECK(refusal({"k", {1}, {1025}}) == "k: blocks of 1025 threads, and a card runs 1 to 1024");
    CHECK(refusal({"k", {1}, {0}}) == "k: blocks of 0 threads, and a card runs 1 to 1024");
    CHECK(refusal({"k", {1}, {1, 1, 65}}) == "k: blocks of depth 65, and a card runs up to 64");
    CHECK(refusal({"k", {1, 65536}, {32}}).starts_with("k: a grid of 1 x 65536 x 1 blocks"));
    CHECK(refusal({"k", {0}, {32}}).starts_with("k: a grid of 0 x 1 x 1 blocks"));
    CHECK(refusal({"k", {1}, {32}, 232449}) ==
          "k: 232449 bytes of shared memory asked for, and a block may have 232448");
    CHECK(refusal({"k", {1}, {1024}, 232448}).empty());
}

TEST_CASE("device functions refuse to run on the host and kernels to launch kernels") {
    CHECK_THROWS_WITH_AS(throws_error(throw_on_purpose), "a device function was called outside a kernel", Error);
    CHECK_THROWS_WITH_AS(
        simt::run({"outer", {1}, {32}}, {}, [] { simt::run({"inner", {1}, {32}}, {}, [] {}); }),
        "inner: launched from inside a kernel", Error);
}

}  // namespace gdn2::test
