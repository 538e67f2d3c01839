// The .safetensors format: an 8-byte length, a JSON header, the tensors' bytes.
//   source  github.com/huggingface/safetensors, "Format"
//   Read: F64 F32 F16 BF16 and integers. Every byte of the file must belong to exactly one tensor.
//   tests   tests/reference/io/safetensors_test.cpp, tests/reference/io/malformed_test.cpp
#pragma once

#include "reference/io/array.h"

namespace gdn2::io {

/// The format's own limit on the JSON header.
constexpr std::uint64_t safetensors_header_limit = 100'000'000;

/// All tensors and the metadata of a .safetensors held in memory, in the header's order.
/// Throws Error naming the tensor and what is wrong; everything is checked before it is allocated. Checksums are
/// verified, where there are any, and are not in the archive's metadata.
Archive parse_safetensors(std::span<const std::byte> bytes);

/// Larger element types first, so that every tensor is aligned to its own; with checksums (checksum.h) where there is
/// metadata. Throws Error for the name
/// `__metadata__`, and for names or metadata that are not UTF-8.
std::vector<std::byte> safetensors_bytes(const Archive& archive);

}  // namespace gdn2::io
