// Times what is enqueued on a card.
#pragma once

#include <cuda_runtime.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "cuda/api/cuda_error.h"

namespace gdn2::bench {

inline void check(cudaError_t status, const char* what) {
    if (status != cudaSuccess) throw cuda::CudaError(std::string(what) + ": " + cudaGetErrorString(status));
}

/// Times what is enqueued on the default stream.
class Timer {
public:
    Timer() {
        check(cudaEventCreate(&start_), "cudaEventCreate");
        check(cudaEventCreate(&stop_), "cudaEventCreate");
    }
    ~Timer() {
        cudaEventDestroy(start_);
        cudaEventDestroy(stop_);
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    /// Seconds of one of `repeats` calls.
    double seconds(const std::function<void()>& enqueue, int repeats) {
        check(cudaEventRecord(start_), "cudaEventRecord");
        for (int i = 0; i < repeats; ++i) enqueue();
        check(cudaEventRecord(stop_), "cudaEventRecord");
        check(cudaEventSynchronize(stop_), "waiting for the timed kernels");
        float milliseconds = 0;
        check(cudaEventElapsedTime(&milliseconds, start_, stop_), "cudaEventElapsedTime");
        return 1e-3 * milliseconds / repeats;
    }

private:
    cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

/// Something to time, and its samples.
struct Timed {
    std::string rung;
    std::function<void()> enqueue;
    int repeats = 1;
    std::vector<double> seconds{};

    void warm_up(Timer& timer) {
        const double once = (timer.seconds(enqueue, 1), timer.seconds(enqueue, 1));
        repeats = static_cast<int>(std::clamp(std::ceil(1e-3 / once), 1.0, 1000.0));
    }
    void sample(Timer& timer) { seconds.push_back(timer.seconds(enqueue, repeats)); }
};

}  // namespace gdn2::bench
