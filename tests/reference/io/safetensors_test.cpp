// Archives as .safetensors.
#include "reference/io/safetensors.h"

#include <doctest/doctest.h>

#include <cstring>

#include "tests/reference/io/builders.h"

namespace gdn2::io {
namespace {

using test::bytes_of;
using test::safetensors;
using test::tensor;

Archive every_type() {
    Archive archive;
    int seed = 0;
    for (const DType dtype : {DType::u8, DType::bf16, DType::f64, DType::f32, DType::f16, DType::i8,
                              DType::i16, DType::i32, DType::i64, DType::u16, DType::u32, DType::u64}) {
        Array array{dtype, {3, 1}, std::vector<std::byte>(3 * item_size(dtype))};
        for (std::byte& byte : array.bytes) byte = static_cast<std::byte>(++seed * 41 % 256);
        archive.add(std::string(name_of(dtype)), array);
    }
    archive.add("scalar", from_tensor(Tensor<double>({}, 0.25)));
    archive.add("nothing", from_tensor(Tensor<double>(Shape{0, 3})));
    archive.add("\xce\xb3 \"quoted\"\n", from_tensor(Tensor<double>({1}, 3.0)));
    archive.metadata = {{"format", "pt"}, {"empty", ""}};
    return archive;
}

std::uint64_t header_size(const std::vector<std::byte>& bytes) {
    std::uint64_t size = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    return size;
}

}  // namespace

TEST_CASE("every type and the metadata survive a safetensors bit for bit") {
    const Archive expected = every_type(), archive = parse_safetensors(safetensors_bytes(expected));
    CHECK(archive.metadata == expected.metadata);
    REQUIRE(archive.size() == expected.size());
    for (const auto& [name, array] : expected.entries()) CHECK(archive.at(name) == array);
}

TEST_CASE("tensors in a written safetensors are aligned to their type") {
    const auto bytes = safetensors_bytes(every_type());
    CHECK(header_size(bytes) % 8 == 0);
    const Archive archive = parse_safetensors(bytes);
    std::size_t size = 8;
    for (const auto& [name, array] : archive.entries()) {
        CHECK(item_size(array.dtype) <= size);
        size = item_size(array.dtype);
    }
}

TEST_CASE("the order of a header of safetensors need not be that of the data") {
    const std::string file = safetensors(
        "{" + tensor("late", "U8", "[2]", 1, 3) + "," + tensor("early", "U8", "[1]", 0, 1) + "}", "abc");
    const Archive archive = parse_safetensors(bytes_of(file));
    CHECK(archive.entries().front().name == "late");
    CHECK(to_integers(archive.at("early")) == std::vector<std::int64_t>{'a'});
    CHECK(to_integers(archive.at("late")) == std::vector<std::int64_t>{'b', 'c'});
}

TEST_CASE("spaces after the header and tensors of no bytes are good safetensors") {
    const std::string file =
        safetensors("{" + tensor("a", "F64", "[0]", 0, 0) + "," + tensor("b", "U8", "[1]", 0, 1) + "," +
                        tensor("c", "F64", "[2,0]", 1, 1) + "}     ",
                    "x");
    const Archive archive = parse_safetensors(bytes_of(file));
    CHECK(archive.at("a").bytes.empty());
    CHECK(archive.at("b").bytes.size() == 1);
    CHECK(archive.at("c").shape == Shape{2, 0});
}

TEST_CASE("an empty archive survives a safetensors") {
    CHECK(parse_safetensors(safetensors_bytes(Archive{})).size() == 0);
}

TEST_CASE("what a safetensors cannot hold is not written") {
    Archive reserved, not_utf8, bad_metadata;
    reserved.add("__metadata__", from_tensor(Tensor<double>({1})));
    not_utf8.add("\xff", from_tensor(Tensor<double>({1})));
    bad_metadata.metadata["a"] = "\xff";
    CHECK_THROWS_AS(safetensors_bytes(reserved), Error);
    CHECK_THROWS_AS(safetensors_bytes(not_utf8), Error);
    CHECK_THROWS_AS(safetensors_bytes(bad_metadata), Error);
}

}  // namespace gdn2::io
