// Runs a program through the shell in a folder and gives back what a person would see.
#pragma once

#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "tests/support/folder.h"

namespace gdn2::test {

/// What a finished command left.
struct Outcome {
    int code = -1;            ///< exit code; -1 when it was killed by a signal
    std::string out, error;  ///< what it printed
};

/// Runs `command` in `folder`; its output is kept elsewhere, so that files() counts only what it wrote.
inline Outcome run_in(const Folder& folder, const std::string& command) {
    const Folder streams;
    const std::string line = "cd '" + folder.path() + "' && { " + command + "\n} >'" + (streams / "out") +
                             "' 2>'" + (streams / "error") + "' </dev/null";
    const int status = std::system(line.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(streams / "out"), contents(streams / "error")};
}

}  // namespace gdn2::test
