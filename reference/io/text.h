// How names from files appear in messages: quoted, one line, bounded.
//   tests  tests/reference/io/text_test.cpp
#pragma once

#include <string>
#include <string_view>

namespace gdn2::io {

/// "`name`", with control characters as `\x0a` and cut after `longest` bytes: a file cannot break a message.
std::string quote(std::string_view name, std::size_t longest = 80);

}  // namespace gdn2::io
