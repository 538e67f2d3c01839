// How names from files appear in messages.
#include <doctest/doctest.h>

#include "reference/io/text.h"

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
