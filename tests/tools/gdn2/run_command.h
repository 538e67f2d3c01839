// Runs the built gdn2 in a directory of its own and gives back what a shell would see.
#pragma once

#include <string>
#include <vector>

#include "reference/io/array.h"

namespace gdn2::test {

/// What a finished command left.
struct Finished {
    int code = -1;      ///< exit code; -1 when it was killed by a signal
    std::string out;    ///< stdout
    std::string error;  ///< stderr
};

/// An empty directory, removed with everything in it at the end of the test.
class Workplace {
public:
    Workplace();
    ~Workplace();
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    /// Runs "gdn2 `arguments`" here, through the shell: arguments with spaces need quotes.
    Finished gdn2(const std::string& arguments) const;

    /// A path in this directory.
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    bool has(const std::string& name) const;
    bool empty() const;  ///< no file but the captured streams

private:
    std::string path_;
};

/// tests/golden/`name`
std::string golden(const std::string& name);

/// A golden problem without some of its arrays, written to `path`.
void write_without(const std::string& path, const std::string& name, const std::vector<std::string>& left_out);

/// True for exactly one line that starts with `start` and holds `part`.
bool is_one_line(const std::string& text, const std::string& start, const std::string& part);

/// That these arguments are refused with exit code 2, one line that holds `part`, and no r.npz.
void check_refused(const Workplace& here, const std::string& arguments, const std::string& part);

}  // namespace gdn2::test
