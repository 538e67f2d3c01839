// What `gdn2 run` and `gdn2 grad` share: read a problem, run one path in one precision, write the result.
//   tests  tests/tools/gdn2/operate_test.cpp
#pragma once

#include <string>

#include "tools/gdn2/common.h"

namespace gdn2::tools {

/// The command line of both.
struct OperateArguments {
    std::string problem;
    std::string output;
    ComputeOptions compute;
    bool as_json = false;
};

/// Adds PROBLEM, -o, the options of a computation and --json.
void add_operate_options(CLI::App& command, OperateArguments& arguments);

/// Runs forward, or forward and backward. The output is checked before anything is computed and is written whole,
/// at the end, or not at all. `command` is for messages. Throws Error on bad usage or input.
void operate(const std::string& command, OperateArguments arguments, bool with_gradient);

}  // namespace gdn2::tools
