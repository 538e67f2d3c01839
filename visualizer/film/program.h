// Another program that reads what is written to it, and what it complains of.
//   tests  tests/visualizer/film/mp4_test.cpp
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gdn2::viewer {

/// The file of this name in the first folder of PATH that has an executable one; empty when there is none. Empty
/// entries of PATH are not taken for the current folder.
std::string find_program(const std::string& name);

/// A running program. It reads its standard input from here, its output is nowhere to be seen, and its complaints are
/// kept. It is killed when this is destroyed before finish().
class Program {
public:
    /// Starts `path` without a shell. Throws Error when that fails.
    Program(const std::string& path, const std::vector<std::string>& arguments);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Waits until the program has taken all the bytes. Throws Error, with its last complaint, when it has ended; no
    /// signal is raised.
    void write(std::span<const std::byte> bytes);

    /// Ends its input and waits for it. Throws Error, with its last complaint, when it did not succeed.
    void finish();

private:
    /// Closes at the end.
    struct Descriptor {
        int number = -1;
        ~Descriptor() { close(); }
        void close();
    };
    void start(const std::string& path, const std::vector<std::string>& arguments, int input);
    bool wait();
    [[noreturn]] void fail(const std::string& what);

    std::string name_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> complaints_;
    Descriptor input_;
    pid_t process_ = -1;
};

}  // namespace gdn2::viewer
