// Archives as .npz.
#include "reference/io/npz.h"

#include <doctest/doctest.h>

#include "tests/reference/io/builders.h"

namespace gdn2::io {
namespace {

Archive every_type() {
    Archive archive;
    int seed = 0;
    for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::i8, DType::i16, DType::i32,
                              DType::i64, DType::u8, DType::u16, DType::u32, DType::u64}) {
        Array array{dtype, {2, 3}, std::vector<std::byte>(6 * item_size(dtype))};
        for (std::byte& byte : array.bytes) byte = static_cast<std::byte>(++seed * 41 % 256);
        archive.add(std::string(name_of(dtype)), array);
    }
    archive.add("scalar", from_tensor(Tensor<double>({}, 0.25)));
    archive.add("nothing", from_tensor(Tensor<double>(Shape{0, 3})));
    archive.add("folder/name", from_tensor(Tensor<double>({1}, 3.0)));
    return archive;
}

void check_equal(const Archive& one, const Archive& other) {
    REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one.entries()[i].name == other.entries()[i].name);
        CHECK(one.entries()[i].array == other.entries()[i].array);
    }
}

}  // namespace

TEST_CASE("every type survives a npz bit for bit and in order") {
    for (const Compression compression : {Compression::stored, Compression::deflated})
        check_equal(parse_npz(npz_bytes(every_type(), compression)), every_type());
}

TEST_CASE("the same archive gives the same npz at any time") {
    const std::string bytes = test::text_of(npz_bytes(every_type()));
    CHECK(bytes == test::text_of(npz_bytes(every_type())));
    CHECK(bytes.substr(10, 4) == std::string("\0\0\x21\0", 4));  // midnight, 1 January 1980
}

TEST_CASE("a deflated npz of zeros is small and read back") {
    Archive archive;
    archive.add("zeros", from_tensor(Tensor<double>({1000, 1000})));
    const auto bytes = npz_bytes(archive, Compression::deflated);
    CHECK(bytes.size() < 20'000);
    check_equal(parse_npz(bytes), archive);
    CHECK(npz_bytes(archive).size() > 8'000'000);
}

TEST_CASE("an array larger than one piece of reading is read whole") {
    Archive archive;
    Array array{DType::u8, {3'000'017}, std::vector<std::byte>(3'000'017)};
    for (std::size_t i = 0; i < array.bytes.size(); ++i) array.bytes[i] = static_cast<std::byte>(i * i % 253);
    archive.add("x", array);
    check_equal(parse_npz(npz_bytes(archive)), archive);
    check_equal(parse_npz(npz_bytes(archive, Compression::deflated)), archive);
}

TEST_CASE("a bit turned anywhere in the data of a npz is noticed") {
    Archive archive;
    archive.add("x", from_tensor(Tensor<double>({4}, 1.5)));
    const auto whole = npz_bytes(archive);
    const std::size_t start = 30 + 5 + 128;  // local header, name, header of the .npy
    for (std::size_t i = start; i < start + 32; ++i) {
        auto damaged = whole;
        damaged[i] ^= std::byte{0x10};
        CHECK_THROWS_AS(parse_npz(damaged), Error);
    }
}

TEST_CASE("what a npz cannot hold is not written") {
    const auto refused = [](const std::string& name, DType dtype) {
        Archive archive;
        archive.add(name, {dtype, {1}, std::vector<std::byte>(item_size(dtype))});
        CHECK_THROWS_AS(npz_bytes(archive), Error);
    };
    refused("q", DType::bf16);
    refused("", DType::f64);
    refused("../q", DType::f64);
    refused("/q", DType::f64);
    refused("a\\q", DType::f64);
    refused(std::string("q\0k", 3), DType::f64);
    CHECK_THROWS_AS(npz_bytes(Archive{}), Error);
    Archive described = every_type();
    described.metadata["made by"] = "a test";
    CHECK_THROWS_AS(npz_bytes(described), Error);
}

TEST_CASE("two dots inside a name do not leave the folder") {
    CHECK(parse_npz(test::bytes_of(test::zip({{"a..b/..c.npy", test::good_npy()}}))).find("a..b/..c") !=
          nullptr);
}

}  // namespace gdn2::io
