// The benchmark itself: samples everything side by side, and makes rows and verdicts of the samples.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include "tools/bench/report.h"
#include "tools/bench/sampler.h"

namespace gdn2::bench {

/// Fills in what is measured of a report whose sizes and chunk are set: peaks, rows and cpu_share.
void measure_speed(const Suite& suite, const Sampling& sampling, Report& report);

/// The promised figures, from what was measured.
std::vector<Target> targets_of(const Report& report);

}  // namespace gdn2::bench
