// Whether a scan walks over whole sequences or over segments of them, how long those are, and the launches of either.
//   source  docs/kernels.md, Segments     tests  tests/cuda/launch/scan_plan_test.cpp
#pragma once

#include <vector>

#include "cuda/launch/plan_parts.h"

namespace gdn2::cuda {

/// Chunks of a segment, 0 for a serial scan: what a.scan says, or from the shape.
int segment_chunks(const ForwardArguments& a);

/// The segments and what is kept of them.
Segments segments_of(const ForwardArguments& a, Pieces& pieces);

/// Adds the scan `id`, with the two kernels before it that its segments need. Throws Error where blocks are too many.
void add_scan(std::vector<KernelCall>& plan, const ForwardArguments& a, KernelId id, const ScanParams& params);

}  // namespace gdn2::cuda
