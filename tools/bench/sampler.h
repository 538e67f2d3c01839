// Times several things side by side: one sample of each, then again, round after round. Whatever slows the
// machine down for a while then slows all of them, and ratios within a round hardly move. Google Benchmark
// finishes one benchmark before the next, so only its tools are used here, not its loop.
//   tests  tests/tools/bench/bench_test.cpp
#pragma once

#include <functional>
#include <vector>

namespace gdn2::bench {

/// How long and how often to sample.
struct Sampling {
    int rounds = 15;
    double least_seconds = 0.005;               ///< per sample: quicker bodies are repeated to fill it
    std::function<void(int round)> progress{};  ///< before each round; may be empty
};

/// Seconds of one call of one body, round by round.
struct Samples {
    std::vector<double> wall;  ///< on the clock
    std::vector<double> cpu;   ///< of the calling thread on the processor: blind to other programs' turns
};

/// Calls each body twice to warm up and to see how often it fits into a sample, then takes the samples.
std::vector<Samples> interleaved(const std::vector<std::function<void()>>& bodies, const Sampling& sampling);

}  // namespace gdn2::bench
