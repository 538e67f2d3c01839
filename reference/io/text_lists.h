// Texts in a file of arrays: the bytes (u8) of UTF-8 JSON, a list of texts or several lists of them.
// In Python: np.frombuffer(json.dumps(texts).encode(), np.uint8).
//   tests  tests/reference/io/text_lists_test.cpp
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/io/array.h"

namespace gdn2::io {

/// The lists; a single list is the only one of its answer. `name` is for messages. Throws Error when the array is no u8
/// array of one axis, or no such JSON.
std::vector<std::vector<std::string>> to_text_lists(const Array& array, std::string_view name = "array");

}  // namespace gdn2::io
