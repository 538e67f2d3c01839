// A file for one test, gone at its end.
#pragma once

#include <filesystem>
#include <string>

#include "reference/io/file.h"

namespace gdn2::test {

/// An archive written where temporary files go.
struct TemporaryFile {
    std::string path;

    TemporaryFile(const io::Archive& archive, const char* name)
        : path((std::filesystem::temp_directory_path() / name).string()) {
        io::write_file(path, archive);
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
};

}  // namespace gdn2::test
