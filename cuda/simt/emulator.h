// Runs a kernel on the CPU, every CUDA thread a fiber, and stops at the first mistake.
// All threads of a block run on one thread of the host, warp by warp, each until it must wait for others; blocks are
// shared out over host threads. Results, counters and faults are the same however many host threads there are.
//   tests  tests/cuda/simt/emulator_test.cpp, planted_test.cpp
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "cuda/simt/counters.h"
#include "cuda/simt/fault.h"
#include "cuda/simt/timeline.h"

namespace gdn2::simt {

/// Sizes of a grid or block.
struct Dim3 {
    unsigned x = 1, y = 1, z = 1;
    std::int64_t count() const { return std::int64_t{1} * x * y * z; }
};

/// One launch. `kernel` names it in faults.
struct Launch {
    const char* kernel = "kernel";
    Dim3 grid, block;
    std::size_t shared_bytes = 0;
};

struct Options {
    int threads = 0;     ///< of the host; <= 0: all
    int lane_order = 0;  ///< 0 ascending, 1 descending, else the seed of a new order of lanes and warps every round
    bool check = true;   ///< bounds, unwritten memory, races; barriers and alignment are always checked
    bool count = true;   ///< fill Counters
    /// Accesses and meetings that a thread may make in all, while `check` or `count` is on; more is a fault, because
    /// threads do not take turns: one that waits in a loop for what another is to do waits for ever.
    std::int64_t step_limit = std::int64_t{1} << 30;
    Timeline* timeline = nullptr;           ///< where to put the timeline; null: none is kept
    std::function<void()> block_done{};     ///< called after every block, on any host thread; may be empty
    std::size_t shared_limit = 232448;      ///< bytes of shared memory that a block may ask for
};

/// Runs `kernel_body` once for every thread of the grid. The body calls the kernel and does nothing else; the file
/// that defines the body is compiled without the kernels' flags, or its own reads would be held to be the kernel's.
/// Throws Fault at the first mistake, of the lowest block that makes one. Device memory is as the kernel left it.
Counters run(const Launch& launch, const Options& options, const std::function<void()>& kernel_body);

}  // namespace gdn2::simt
