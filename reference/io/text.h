// How names and numbers from files appear in messages: quoted, one line, bounded, and a NaN without a sign.
//   tests  tests/reference/io/text_test.cpp
#pragma once

#include <new>
#include <string>
#include <string_view>

#include "reference/core/error.h"

namespace gdn2::io {

/// The text with control characters as `\x0a`: what a file or a user named cannot break a line.
std::string escaped(std::string_view text);

/// "`name`", escaped and cut after `longest` bytes: a file cannot break a message.
std::string quote(std::string_view name, std::size_t longest = 80);

/// "`file`", with room for any path.
std::string quote_file(std::string_view file);

/// Runs `action`. What it throws, and that memory ran out, becomes an Error that says which file it is about.
template <class Action>
auto naming(const std::string& file, const Action& action) {
    try {
        return action();
    } catch (const Error& error) {
        throw Error(quote_file(file) + ": " + error.what());
    } catch (const std::bad_alloc&) {
        throw Error(quote_file(file) + ": needs more memory than there is");
    }
}

/// "0.5", "1.25e-07", "inf": at most `digits` significant digits. "nan" whatever the sign bit, which means nothing.
std::string number(double value, int digits = 6);

}  // namespace gdn2::io
