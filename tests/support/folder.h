// Where tests write files, and a disk that is full.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace gdn2::test {

/// A new folder that vanishes with its contents.
class Folder {
public:
    Folder() {
        static int count = 0;
        const std::string name = "gdn2_test_" + std::to_string(::getpid()) + "_" + std::to_string(count++);
        path_ = std::filesystem::temp_directory_path() / name;
        std::filesystem::create_directories(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string operator/(const std::string& name) const { return path_ / name; }
    std::string path() const { return path_; }
    std::size_t files() const {
        const std::filesystem::directory_iterator begin(path_), end;
        return static_cast<std::size_t>(std::distance(begin, end));
    }

private:
    std::filesystem::path path_;
};

inline std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// While it lives, no file of this process, or of one that it starts, grows beyond so many bytes.
class FullDisk {
public:
    explicit FullDisk(rlim_t bytes) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const struct rlimit full { bytes, before_.rlim_max };
        ::setrlimit(RLIMIT_FSIZE, &full);
    }
    ~FullDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, signal_before_);
    }
    FullDisk(const FullDisk&) = delete;
    FullDisk& operator=(const FullDisk&) = delete;

private:
    struct rlimit before_ {};
    void (*signal_before_)(int);
};

}  // namespace gdn2::test
