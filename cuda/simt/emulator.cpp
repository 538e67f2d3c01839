// Runs a kernel on the CPU: blocks over host threads.
//   tests  tests/cuda/simt/emulator_test.cpp
#include "cuda/simt/emulator.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>

#include "cuda/simt/cross_block.h"
#include "cuda/simt/machine.h"
#include "cuda/simt/symbols.h"
#include "reference/core/parallel.h"

namespace gdn2::simt {
namespace {

void check_launch(const Launch& launch, const Options& options) {
    const auto refuse = [&](const std::string& what) {
        throw Fault({.kind = FaultKind::bad_launch, .kernel = launch.kernel, .block = {}, .where = {}, .what = what,
                     .other_block = {}, .other_where = {}});
    };
    const Dim3 grid = launch.grid, block = launch.block;
    if (block.count() < 1 || block.count() > 1024)
        refuse("blocks of " + std::to_string(block.count()) + " threads, and a card runs 1 to 1024");
    if (block.z > 64) refuse("blocks of depth " + std::to_string(block.z) + ", and a card runs up to 64");
    if (grid.x < 1 || grid.y < 1 || grid.z < 1 || grid.x > 2147483647u || grid.y > 65535 || grid.z > 65535)
        refuse("a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) + " x " +
               std::to_string(grid.z) + " blocks; a card runs 1 to 2147483647 x 65535 x 65535");
    if (launch.shared_bytes > options.shared_limit)
        refuse(std::to_string(launch.shared_bytes) + " bytes of shared memory asked for, and a block may have " +
               std::to_string(options.shared_limit));
}

/// What the blocks of a launch add up to, whichever host thread runs them.
class Outcome {
public:
    /// False for blocks after one that went wrong: they do not matter any more.
    bool matters(std::int64_t block) const { return block < first_fault_; }

    void add(const Counters& counters, const std::vector<TimelineSpan>& spans) {
        const std::lock_guard lock(mutex_);
        counters_ += counters;
        timeline_.insert(timeline_.end(), spans.begin(), spans.end());
    }
    void add(std::int64_t block, std::exception_ptr error) {
        const std::lock_guard lock(mutex_);
        if (block >= first_fault_) return;
        first_fault_ = block;
        error_ = std::move(error);
    }
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }
    const Counters& counters() const { return counters_; }
    Timeline timeline() && {
        std::ranges::sort(timeline_, {}, [](const auto& s) { return std::tuple(s.block, s.warp, s.first); });
        return std::move(timeline_);
    }

private:
    std::atomic<std::int64_t> first_fault_ = std::numeric_limits<std::int64_t>::max();
    std::mutex mutex_;
    Counters counters_;
    Timeline timeline_;
    std::exception_ptr error_;
};

BlockIndex index_of(std::int64_t block, const Dim3& grid) {
    const std::int64_t x = grid.x, y = grid.y;
    return {static_cast<unsigned>(block % x), static_cast<unsigned>(block / x % y),
            static_cast<unsigned>(block / x / y)};
}

[[noreturn]] void throw_race(const Launch& launch, const CrossBlockRaces::Race& race) {
    const BlockAccess &later = race.second, &earlier = race.first;
    throw Fault({FaultKind::race, launch.kernel, index_of(later.block, launch.grid), later.thread, line_of(later.pc),
                 std::string("race: ") + (later.is_write ? "writes " : "reads ") + race.place +
                     ", which another block " + (earlier.is_write ? "writes" : "reads") + " in the same launch",
                 index_of(earlier.block, launch.grid), earlier.thread, line_of(earlier.pc)});
}

/// The machine of this host thread, kept from launch to launch for its stacks and shadow memory.
Machine& machine_of_thread() {
    thread_local std::unique_ptr<Machine> machine;
    if (!machine) machine = std::make_unique<Machine>();
    return *machine;
}

}  // namespace

Counters run(const Launch& launch, const Options& options, const std::function<void()>& kernel_body) {
    static std::atomic<std::uint32_t> launches = 0;
    check_launch(launch, options);
    const CatchTraps traps;
    Outcome outcome;
    CrossBlockRaces races;
    const Job job{launch, options, kernel_body, ++launches % (1u << 28), current_buffers(), races};
    parallel_for(launch.grid.count(), options.threads, [&](std::int64_t block) {
        if (!outcome.matters(block)) return;
        try {
            Machine& machine = machine_of_thread();
            machine.run_block(job, block);
            outcome.add(machine.counters(), machine.spans());
            if (options.block_done) options.block_done();
        } catch (...) {
            outcome.add(block, std::current_exception());
        }
    });
    outcome.rethrow();
    if (const auto race = races.lowest()) throw_race(launch, *race);
    if (!options.check || under_thread_sanitizer)
        for (const auto& buffer : *job.buffers) buffer->shadow.trust();
    if (options.timeline) *options.timeline = std::move(outcome).timeline();
    return options.count ? outcome.counters() : Counters{};
}

}  // namespace gdn2::simt
