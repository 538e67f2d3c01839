// How names from files appear in messages: quoted, one line, bounded.
//   tests  tests/reference/io/text_test.cpp
#pragma once

#include <string>
#include <string_view>

namespace gdn2::io {

/// "`name`", with control characters as \x0a and everything after 80 bytes cut: a file cannot break a message.
std::string quoted(std::string_view name);

}  // namespace gdn2::io
