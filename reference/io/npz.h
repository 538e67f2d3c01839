// NumPy's .npz: a zip of .npy files, stored or deflated, with or without zip64. On libzip.
//   tests  tests/reference/io/npz_test.cpp, tests/reference/io/malformed_test.cpp
#pragma once

#include "reference/io/array.h"

namespace gdn2::io {

/// How the members of an .npz are kept.
enum class Compression { stored, deflated };

/// All arrays of a .npz held in memory; member `q.npy` is array `q`.
/// Throws Error naming the member when the zip is damaged, encrypted, compressed in another way, holds a name
/// twice, a name that leaves the folder, something that is no .npy, or sizes that its bytes cannot hold. What
/// a member declares is checked before it is allocated.
Archive parse_npz(std::span<const std::byte> bytes);

/// The same bytes for the same archive: no clock is read. Throws Error for bf16, for metadata (an .npz has no
/// place for it) and for names that a reader would refuse.
std::vector<std::byte> npz_bytes(const Archive& archive, Compression compression = Compression::stored);

}  // namespace gdn2::io
