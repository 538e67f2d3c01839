// Archives as files: .npz or .safetensors, told apart by their first bytes when read and by extension when
// written.
//   tests  tests/reference/io/file_test.cpp
#pragma once

#include "reference/io/array.h"
#include "reference/io/npz.h"

namespace gdn2::io {

/// An archive held in memory. Throws Error "file: what is wrong", where `file` is for messages.
Archive parse_archive(std::span<const std::byte> bytes, const std::string& file);

/// Reads a regular file. Throws Error naming the file when it is missing, unreadable, empty, not a regular
/// file, or malformed.
Archive read_file(const std::string& path);

/// Writes beside `path` and renames at the end: there is a whole file or, on any failure, what was there
/// before. Throws Error unless `path` ends in .npz or .safetensors. `compression` is for .npz.
void write_file(const std::string& path, const Archive& archive,
                Compression compression = Compression::stored);

}  // namespace gdn2::io
