// A progress bar on stderr, drawn only when stderr is a terminal and the work takes a while.
//   tests  tests/tools/gdn2/command_test.cpp (no bar when stderr is a file)
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "reference/core/shape.h"

namespace gdn2::tools {

/// "1:05": minutes and seconds.
std::string minutes(double seconds);

/// One bar. Erased when it goes out of scope, so that what follows starts on a clean line.
class Progress {
public:
    explicit Progress(std::string label);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Any thread may call it. Draws at most 20 times a second, and nothing in the first half second. A `note` stands
    /// after the bar, which is then shorter.
    void update(Index done, Index total, const std::string& note = "");

private:
    using Clock = std::chrono::steady_clock;

    std::string label_;
    bool terminal_;
    bool drawn_ = false;
    Clock::time_point start_ = Clock::now();
    Clock::time_point last_ = start_;
    std::mutex mutex_;
};

}  // namespace gdn2::tools
