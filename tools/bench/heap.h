// How much memory a call holds at its peak. The program's own malloc and free count what passes through them,
// Eigen's aligned memory and operator new included; exact, where the resident size moves in pages and keeps
// what was freed.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <cstddef>
#include <functional>

namespace gdn2::bench {

/// Bytes on the heap, counted from the call's beginning.
struct HeapUse {
    std::size_t peak = 0;  ///< most at any moment of the call
    std::size_t kept = 0;  ///< still there at its end: its results

    std::size_t beyond_results() const { return peak - kept; }
};

/// Whether this build can count: with glibc only.
bool can_count_heap();

/// Runs `call` and counts, on all threads. Zeros where can_count_heap() is false.
HeapUse heap_use(const std::function<void()>& call);

}  // namespace gdn2::bench
