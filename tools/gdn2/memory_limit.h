// How much memory this program may come to hold.
//   tests  tests/tools/gdn2/train_options_test.cpp
#pragma once

#include <string>

namespace gdn2::tools {

/// The smallest of the limits there are, and whose it is: "this machine's memory".
struct MemoryLimit {
    double bytes;
    std::string from;
};

/// Of the machine, the control group and ulimit -v.
MemoryLimit memory_limit();

/// "1.5 GB"
std::string gigabytes(double bytes);

}  // namespace gdn2::tools
