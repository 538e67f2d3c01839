// What gradient() holds in memory beyond its inputs and its results, counted and measured. Counted are the
// states that the pass backward needs: one per chunk, or for the recurrence one where each span of
// sqrt(length) tokens starts and those of one span; and one head's results, which the heads hand over as they
// finish. Measured is the heap's peak less what the call gives back. Everything is in states: key_dim
// value_dim numbers.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <vector>

#include "tools/bench/flops.h"

namespace gdn2::bench {

/// One head of `length` tokens in f32.
struct MemoryRow {
    Path path;
    Index length;
    Index states;             ///< counted: states that the pass backward needs
    double one_head_results;  ///< counted: dq dk dv dg db dw of the head
    double measured;
};

/// States that the pass backward needs at once.
Index states_needed(Path path, Index length, Index chunk);

/// recurrent and chunk at each length, key_dim = value_dim = dim. Empty where the heap cannot be counted.
std::vector<MemoryRow> measure_memory(const std::vector<Index>& lengths, Index dim, Index chunk);

}  // namespace gdn2::bench
