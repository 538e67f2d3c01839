// How names and numbers from files appear in messages.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/io/text.h"

using gdn2::io::number;
using gdn2::io::quote;

TEST_CASE("a name is quoted as it is") { CHECK(quote("final_state") == "`final_state`"); }

TEST_CASE("control characters in a name are spelled out") {
    CHECK(quote("a\nb\x1b[0m\x7f") == "`a\\x0ab\\x1b[0m\\x7f`");
    CHECK(quote(std::string_view("\0", 1)) == "`\\x00`");
    CHECK(quote("\xce\xb3") == "`\xce\xb3`");
}

TEST_CASE("a long name is cut") {
    CHECK(quote(std::string(80, 'x')) == "`" + std::string(80, 'x') + "`");
    CHECK(quote(std::string(81, 'x')) == "`" + std::string(80, 'x') + "...`");
    CHECK(quote("abcdef", 3) == "`abc...`");
}

TEST_CASE("a file name is quoted whole") {
    CHECK(gdn2::io::quote_file(std::string(300, 'x')) == "`" + std::string(300, 'x') + "`");
    CHECK(gdn2::io::quote_file("a\tb") == "`a\\x09b`");
}

TEST_CASE("a number is short and a NaN has no sign") {
    CHECK(number(0.5) == "0.5");
    CHECK(number(-1.0 / 3, 3) == "-0.333");
    CHECK(number(1.25e-7) == "1.25e-07");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(number(std::copysign(std::nan(""), 1)) == "nan");
    CHECK(number(std::copysign(std::nan(""), -1)) == "nan");
}
