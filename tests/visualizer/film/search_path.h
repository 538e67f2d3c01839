// Programs that a test may find, or not.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include "visualizer/film/program.h"

namespace gdn2::test {

/// While it lives, PATH is this.
class SearchPath {
public:
    explicit SearchPath(const std::string& path) {
        if (const char* before = std::getenv("PATH")) before_ = before;
        ::setenv("PATH", path.c_str(), 1);
    }
    ~SearchPath() {
        if (before_) ::setenv("PATH", before_->c_str(), 1);
        else ::unsetenv("PATH");
    }
    SearchPath(const SearchPath&) = delete;
    SearchPath& operator=(const SearchPath&) = delete;

private:
    std::optional<std::string> before_;
};

/// Where there is no ffmpeg, says that the test is skipped: ctest then does not count it as passed.
inline bool skipped_without_ffmpeg() {
    const bool missing = viewer::find_program("ffmpeg").empty();
    if (missing) MESSAGE("gdn2 skipped: ffmpeg is not on PATH");
    return missing;
}

}  // namespace gdn2::test
