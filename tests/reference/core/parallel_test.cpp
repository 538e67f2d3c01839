// reference/core/parallel.h: every piece once, exceptions, nesting, floating-point environment.
#include "reference/core/parallel.h"

#include <atomic>
#include <cfenv>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

using gdn2::Index;
using gdn2::parallel_for;

TEST_CASE("parallel_for calls the body once for every index whatever the threads") {
    for (const int threads : {-1, 0, 1, 2, 3, 16}) {
        for (const Index count : {0, 1, 2, 7, 1000}) {
            std::vector<std::atomic<int>> calls(static_cast<std::size_t>(count));
            parallel_for(count, threads, [&](Index i) { ++calls[static_cast<std::size_t>(i)]; });
            for (const auto& n : calls) CHECK(n == 1);
        }
    }
}

TEST_CASE("parallel_for really uses as many threads as it was given") {
    // Each body waits until all have begun: with fewer threads than pieces none would see that.
    constexpr int threads = 4;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::atomic<int> begun = 0;
    std::atomic<int> met = 0;
    parallel_for(threads, threads, [&](Index) {
        ++begun;
        while (begun < threads && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        if (begun == threads) ++met;
    });
    CHECK(met == threads);
}

TEST_CASE("parallel_for never runs more bodies at a time than it was given threads") {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    parallel_for(64, 2, [&](Index) {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {}
        std::this_thread::yield();
        --running;
    });
    CHECK(most <= 2);
}

TEST_CASE("an exception in a body reaches the caller of parallel_for") {
    for (const int threads : {1, 2, 8}) {
        const auto run = [&] {
            parallel_for(100, threads, [](Index i) {
                if (i == 37) throw std::runtime_error("piece " + std::to_string(i));
            });
        };
        CHECK_THROWS_WITH_AS(run(), "piece 37", std::runtime_error);
    }
}

TEST_CASE("parallel_for works again after a body has thrown") {
    CHECK_THROWS(parallel_for(8, 4, [](Index) { throw 1; }));
    std::atomic<int> calls = 0;
    parallel_for(8, 4, [&](Index) { ++calls; });
    CHECK(calls == 8);
}

TEST_CASE("a parallel_for inside another runs on the thread that called it") {
    std::atomic<int> calls = 0;
    std::atomic<int> strangers = 0;
    parallel_for(4, 4, [&](Index) {
        const auto self = std::this_thread::get_id();
        parallel_for(5, 4, [&](Index) {
            ++calls;
            if (std::this_thread::get_id() != self) ++strangers;
        });
    });
    CHECK(calls == 20);
    CHECK(strangers == 0);
}

TEST_CASE("bodies of parallel_for round as their caller does and leave no trace of it") {
    const auto count_upward = [] {
        std::atomic<int> upward = 0;
        parallel_for(4, 4, [&](Index) { upward += std::fegetround() == FE_UPWARD ? 1 : 0; });
        return upward.load();
    };
    const int before = std::fegetround();
    std::fesetround(FE_UPWARD);
    const int with_upward = count_upward();
    std::fesetround(before);
    CHECK(with_upward == 4);
    CHECK(count_upward() == 0);
}

TEST_CASE("all threads means at least one") { CHECK(gdn2::available_threads() >= 1); }
