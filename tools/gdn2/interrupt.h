// SIGINT and SIGTERM as a question that long work asks between its steps, so that it can end in order.
//   tests  tests/tools/gdn2/train_kill_test.cpp
#pragma once

#include <csignal>

namespace gdn2::tools {

/// Leaves a subcommand that was asked to stop, after it has said what it kept.
struct Interrupted {
    int signal;
};

/// While it lives, the first SIGINT or SIGTERM is noted. The second ends the program as it otherwise would.
class InterruptWatch {
public:
    InterruptWatch();
    ~InterruptWatch();
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

    /// The signal that came, or 0.
    int signal() const;

private:
    struct sigaction interrupt_before_ {
    }, terminate_before_{};
};

}  // namespace gdn2::tools
