// What the emulator throws when a kernel does what CUDA does not allow: one line for people, fields for tests.
//   tests  tests/cuda/simt/planted_test.cpp
#pragma once

#include <string>

#include "reference/core/error.h"

namespace gdn2::simt {

/// The kinds of mistake that the emulator tells apart.
enum class FaultKind {
    out_of_bounds,           ///< an address in no buffer, or a write to constant memory
    unwritten,               ///< a read of memory that nobody wrote
    race,                    ///< two threads, one address, at least one write, and nothing that orders them
    missing_wait,            ///< bytes touched while an asynchronous copy to them is under way
    misaligned,              ///< an address that is not a multiple of the access's size
    divergent_barrier,       ///< __syncthreads: at different lines, or not reached by every thread
    divergent_collective,    ///< a warp-wide operation that not every lane of its mask takes part in
    bad_argument,            ///< a mask, width, barrier number or count that CUDA does not allow
    named_barrier,           ///< a named barrier whose counts disagree or that is never completed
    deadlock,                ///< every thread waits
    endless_loop,            ///< a thread has taken Options::step_limit steps
    stack_overflow,          ///< a thread's stack is full
    division_by_zero,        ///< of an integer
    bad_launch               ///< a grid, block or shared memory size that no card takes
};

/// The name of `kind` as the enumerator spells it.
const char* name_of(FaultKind kind);

/// A block's place in its grid.
struct BlockIndex {
    unsigned x = 0, y = 0, z = 0;
    bool operator==(const BlockIndex&) const = default;
};

/// What is known about a fault. Threads are numbers in their block, -1 where there is none; places are
/// "file:line", or "file:line (from file:line)" for a function that was inlined.
struct FaultReport {
    FaultKind kind = FaultKind::out_of_bounds;
    std::string kernel;
    BlockIndex block;
    int thread = -1;
    std::string where;
    std::string what;  ///< the sentence without kernel, block, thread and places
    BlockIndex other_block;
    int other_thread = -1;
    std::string other_where;
};

/// A mistake of a kernel. what() is one line with everything that the report holds.
class Fault : public Error {
public:
    explicit Fault(FaultReport report);
    const FaultReport& report() const { return report_; }
    FaultKind kind() const { return report_.kind; }

private:
    FaultReport report_;
};

}  // namespace gdn2::simt
