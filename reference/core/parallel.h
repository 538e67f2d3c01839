// One loop over independent pieces of work, such as the (sequence, head) pairs of a problem.
// On OpenMP; on std::thread where GDN2_THREADS_STD is defined, because ThreadSanitizer cannot see into libgomp
// and would report races that are not there.
//   tests  tests/reference/core/parallel_test.cpp
#pragma once

#include <functional>

#include "reference/core/shape.h"

namespace gdn2 {

/// Threads that parallel_for uses when asked for all: the machine's, or OMP_NUM_THREADS where that is set.
int available_threads();

/// Calls body(i) once for every i in [0, count), at most `threads` at a time (<= 0: all) and in no particular
/// order. Inside another parallel_for the loop runs on the calling thread. Bodies run under the caller's
/// floating-point environment. When bodies throw, one of the exceptions reaches the caller and the pieces not
/// yet begun are left out.
void parallel_for(Index count, int threads, const std::function<void(Index)>& body);

}  // namespace gdn2
