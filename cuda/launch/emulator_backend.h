// The back end that runs kernels on the CPU, checked, and what it can tell of them.
//   tests  tests/cuda/launch/backend_test.cpp
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cuda/launch/backend.h"
#include "cuda/simt/counters.h"
#include "cuda/simt/timeline.h"

namespace gdn2::cuda {

/// One launch as the emulator saw it.
struct LaunchRecord {
    std::string kernel;
    Extent grid;
    unsigned threads = 0;
    std::size_t shared_bytes = 0;
    simt::Counters counters;
    simt::Timeline timeline;
};

struct EmulatorOptions {
    int threads = 0;                                ///< of the host; <= 0: all
    std::function<void()> block_done{};             ///< after every block, on any thread; may be empty
    std::vector<LaunchRecord>* launches = nullptr;  ///< where every launch is recorded; null: nothing is kept
};

/// As many as wanted may be used side by side: their memory is the emulator's, which is the process's.
class EmulatorBackend : public Backend {
public:
    explicit EmulatorBackend(EmulatorOptions options = {}) : options_(std::move(options)) {}

    void* allocate(std::size_t bytes, const char* name) override;
    void free(void* memory) noexcept override;
    void upload(void* to, const void* from, std::size_t bytes) override;

    /// Throws Error when no kernel has written all of it.
    void download(void* to, const void* from, std::size_t bytes) override;
    void launch(const KernelCall& call) override;

private:
    EmulatorOptions options_;
};

}  // namespace gdn2::cuda
