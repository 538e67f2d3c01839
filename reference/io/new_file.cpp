// See new_file.h.
#include "reference/io/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "reference/core/error.h"

namespace gdn2::io {
namespace {

void require_written(bool good) {
    require(good, std::string("cannot be written: ") + std::strerror(errno));
}

}  // namespace

NewFile::NewFile(const std::string& path) : path_(path) {
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    require(!exists || S_ISREG(status.st_mode), "is there already and is not a regular file");
    file_ = create();
    require_written(file_ >= 0);
}

NewFile::~NewFile() {
    if (file_ >= 0) ::close(file_);
    if (!partial_.empty()) ::unlink(partial_.c_str());
}

int NewFile::create() {
    constexpr int attempts = 100;  // names left behind by killed processes
    for (int attempt = 0; attempt < attempts; ++attempt) {
        partial_ = path_ + ".partial-" + std::to_string(::getpid()) + "-" + std::to_string(attempt);
        const int file = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

void NewFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        require_written(written > 0);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void NewFile::commit() {
    require_written(::fsync(file_) == 0 && ::close(std::exchange(file_, -1)) == 0);
    require_written(std::rename(partial_.c_str(), path_.c_str()) == 0);
    partial_.clear();
}

}  // namespace gdn2::io
