// See sampler.h.
#include "tools/bench/sampler.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>

namespace gdn2::bench {
namespace {

using Body = std::function<void()>;

/// Seconds of one call, averaged over some.
struct Cost {
    double wall, cpu;
};

/// Of the calling thread, not of the process: after a parallel loop OpenMP's other threads spin for a while.
double thread_seconds() {
    std::timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Cost cost_of(const Body& body, int calls) {
    using Clock = std::chrono::steady_clock;
    const double cpu_start = thread_seconds();
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < calls; ++i) body();
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    return {wall / calls, (thread_seconds() - cpu_start) / calls};
}

int calls_per_sample(const Body& body, double least_seconds) {
    body();  // the first call pays for page faults and cold caches
    constexpr double most = 1e6;
    return static_cast<int>(std::min(most, std::ceil(least_seconds / std::max(cost_of(body, 1).wall, 1e-9))));
}

}  // namespace

std::vector<Samples> interleaved(const std::vector<Body>& bodies, const Sampling& sampling) {
    std::vector<int> calls;
    for (const Body& body : bodies) calls.push_back(calls_per_sample(body, sampling.least_seconds));

    std::vector<Samples> samples(bodies.size());
    for (int round = 0; round < sampling.rounds; ++round) {
        if (sampling.progress) sampling.progress(round);
        for (std::size_t i = 0; i < bodies.size(); ++i) {
            bodies[i]();  // not counted: what the body before it left in the caches is not its cost
            const Cost cost = cost_of(bodies[i], calls[i]);
            samples[i].wall.push_back(cost.wall);
            samples[i].cpu.push_back(cost.cpu);
        }
    }
    return samples;
}

}  // namespace gdn2::bench
