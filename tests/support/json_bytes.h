// JSON as a file of arrays holds it: its bytes.
#pragma once

#include <cstddef>
#include <string_view>

#include "reference/io/array.h"

namespace gdn2::test {

inline io::Array json_bytes(std::string_view json) {
    io::Array array{io::DType::u8, {static_cast<Index>(json.size())}, {}};
    for (const char c : json) array.bytes.push_back(static_cast<std::byte>(c));
    return array;
}

}  // namespace gdn2::test
