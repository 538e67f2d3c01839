// Lists of texts in arrays: one, several, and what is none.
#include "reference/io/text_lists.h"

#include <doctest/doctest.h>

#include "tests/support/json_bytes.h"

namespace gdn2::test {
namespace {

using Lists = std::vector<std::vector<std::string>>;

TEST_CASE("a list of texts, and lists of them, of any length") {
    CHECK(io::to_text_lists(json_bytes(R"(["a", "\u00e9", ""])")) == Lists{{"a", "\u00e9", ""}});
    CHECK(io::to_text_lists(json_bytes(R"([["a", "b"], ["c"], []])")) == Lists{{"a", "b"}, {"c"}, {}});
    CHECK(io::to_text_lists(json_bytes("[]")) == Lists{{}});
}

TEST_CASE("what is no list of texts is refused by its name") {
    const std::string no_list = "`labels` must be the text of a JSON list of texts, or of lists of them, got ";
    for (const char* bad : {"", "[", "{}", "7", R"("a")", "null", R"(["a", 7])", R"([["a"], "b"])", R"(["a", ["b"]])",
                            R"([["a"], [["b"]]])", "[[[[[[]]]]]]", R"([{"a": "b"}])", "[\"\xff\"]"})
        CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes(bad), "labels"), doctest::Contains(no_list.c_str()), Error);
    CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes("["), "labels"), (no_list + "no JSON").c_str(), Error);
    CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes("7"), "labels"), (no_list + "a JSON number").c_str(), Error);
    CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes("[[\"a\"], 7]"), "labels"), (no_list + "a JSON number").c_str(),
                         Error);
    CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes("[\"a\", 7]"), "labels"),
                         (no_list + "a JSON number in one").c_str(), Error);
    io::Array flat = json_bytes("[]");
    flat.shape = {1, 2};
    CHECK_THROWS_WITH_AS(io::to_text_lists(flat, "labels"), "`labels` must be a u8 array of one axis, got u8 [1, 2]",
                         Error);
    CHECK_THROWS_WITH_AS(io::to_text_lists(io::Array{io::DType::i32, {0}, {}}, "labels"),
                         "`labels` must be a u8 array of one axis, got i32 [0]", Error);
    const std::string deep(200000, '[');
    CHECK_THROWS_WITH_AS(io::to_text_lists(json_bytes(deep + std::string(200000, ']')), "labels"),
                         doctest::Contains(no_list.c_str()), Error);
}

}  // namespace
}  // namespace gdn2::test
