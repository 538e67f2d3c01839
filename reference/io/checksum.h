// Checksums in a file's metadata: a flipped byte makes other numbers, and as good ones as the right.
//   format  docs/formats.md
//   tests   tests/reference/io/checksum_test.cpp
#pragma once

#include "reference/io/array.h"

namespace gdn2::io {

/// The metadata's name for them.
inline constexpr const char* checksums_key = "gdn2.checksums";

/// JSON: CRC-32 of each array (its name, type, shape and bytes) by its name, in hexadecimal; under
/// "__metadata__" that of the metadata.
std::string checksums_of(const Archive& archive);

/// Throws Error naming the first array that has another checksum or none, or that is gone; also on text that is no such
/// JSON, and when the metadata is not what it was.
void require_checksums(const Archive& archive, const std::string& checksums);

}  // namespace gdn2::io
