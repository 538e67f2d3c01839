// A file that is whole or not there: its bytes lie beside its place until all of them are written.
//   tests  tests/reference/io/new_file_test.cpp
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace gdn2::io {

/// A new file beside `path` that vanishes unless it is committed; what was at `path` stays until then. The Errors it
/// throws do not name the file: see `naming` in text.h.
class NewFile {
public:
    /// Throws Error when `path` is there and is not a regular file, or nothing can be written beside it.
    explicit NewFile(const std::string& path);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Where the bytes are until then, for a program that writes them itself.
    const std::string& partial() const { return partial_; }

    /// Appends. Throws Error when the disk does not take them.
    void write(std::span<const std::byte> bytes);

    /// The bytes reach the disk before the name does. Throws Error when they or the name cannot be written.
    void commit();

private:
    int create();

    std::string path_, partial_;
    int file_ = -1;
};

}  // namespace gdn2::io
