// The options of a task: whole numbers with names, read from "name:option=value,option=value" and printed back.
//   tests  tests/reference/tasks/task_options_test.cpp
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reference/core/shape.h"

namespace gdn2 {

/// One option.
struct TaskOption {
    std::string name;   ///< "W"
    Index value = 0;    ///< what it is
    Index low = 0;      ///< the least it may be
    Index high = 0;     ///< the most
    std::string means;  ///< "writes"
};

/// The options of a task, in the order they print.
using TaskOptions = std::vector<TaskOption>;

/// The value of an option that the task has. Throws Error when it has no such option.
Index value_of(const TaskOptions& options, const std::string& name);

/// "overwrite" and "M=8,W=24" of "overwrite:M=8,W=24"; no colon, no options.
std::pair<std::string, std::string> split_spec(const std::string& spec);

/// `options` with those of "M=8,W=24" set; the empty text sets none. Throws Error for an option that is unknown or
/// given twice and for a value that is no whole number or out of range.
TaskOptions set_options(TaskOptions options, const std::string& text);

/// Throws Error unless the option is at least `least`, which the message calls `called`.
void require_at_least(const TaskOptions& options, const std::string& name, Index least,
                      const std::string& called);
/// The same for at most `most`.
void require_at_most(const TaskOptions& options, const std::string& name, Index most,
                     const std::string& called);

/// "overwrite:M=8,W=24": what split_spec and set_options read.
std::string to_spec(const std::string& task, const TaskOptions& options);

}  // namespace gdn2
