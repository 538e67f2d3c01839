// Arrays against tensors: every bit pattern of the small floats, rounding, and what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "reference/io/array.h"
#include "tests/support/allow_fp_exceptions.h"

namespace gdn2::io {
namespace {

std::uint16_t bits_of(double x, DType dtype) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, from_tensor(Tensor<double>({1}, {x}), dtype).bytes.data(), sizeof bits);
    return bits;
}

Array array_of_bits(std::uint16_t bits, DType dtype) {
    Array array{dtype, {1}, std::vector<std::byte>(2)};
    std::memcpy(array.bytes.data(), &bits, sizeof bits);
    return array;
}

double value_of_bits(std::uint16_t bits, DType dtype) {
    return to_tensor<double>(array_of_bits(bits, dtype))[0];
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("every finite half and bfloat16 survives decoding and encoding") {
    for (const DType dtype : {DType::f16, DType::bf16}) {
        int wrong = 0;
        for (int bits = 0; bits < 65536; ++bits) {
            const auto pattern = static_cast<std::uint16_t>(bits);
            const double x = value_of_bits(pattern, dtype);
            if (std::isnan(x)) continue;
            wrong += bits_of(x, dtype) != pattern;
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("half precision has the values of the standard") {
    CHECK(value_of_bits(0x3c00, DType::f16) == 1.0);
    CHECK(value_of_bits(0xc000, DType::f16) == -2.0);
    CHECK(value_of_bits(0x7bff, DType::f16) == 65504.0);
    CHECK(value_of_bits(0x0400, DType::f16) == 0x1p-14);
    CHECK(value_of_bits(0x0001, DType::f16) == 0x1p-24);
    CHECK(value_of_bits(0x03ff, DType::f16) == 1023 * 0x1p-24);
    CHECK(value_of_bits(0xfc00, DType::f16) == -infinity);
    CHECK(std::isnan(value_of_bits(0x7c01, DType::f16)));
    CHECK(std::signbit(value_of_bits(0x8000, DType::f16)));
}

TEST_CASE("bfloat16 is the upper half of a float") {
    const test::AllowFpExceptions signalling_nan;
    for (int bits = 0; bits < 65536; ++bits) {
        const std::uint32_t wide = static_cast<std::uint32_t>(bits) << 16;
        float expected = 0;
        std::memcpy(&expected, &wide, sizeof expected);
        const double x = value_of_bits(static_cast<std::uint16_t>(bits), DType::bf16);
        if (std::isnan(expected))
            CHECK(std::isnan(x));
        else if (x != expected)
            FAIL_CHECK("bits " << bits);
    }
}

TEST_CASE("encoding rounds to nearest and halfway to even") {
    CHECK(bits_of(1 + 0x1p-11, DType::f16) == 0x3c00);            // halfway, down to even
    CHECK(bits_of(1 + 3 * 0x1p-11, DType::f16) == 0x3c02);        // halfway, up to even
    CHECK(bits_of(1 + 0x1p-11 + 0x1p-40, DType::f16) == 0x3c01);  // a float in between would lose the tail
    CHECK(bits_of(2 - 0x1p-12, DType::f16) == 0x4000);            // carries into the exponent
    CHECK(bits_of(0x1p-25, DType::f16) == 0x0000);                // halfway to the smallest, to even
    CHECK(bits_of(0x1.8p-25, DType::f16) == 0x0001);
    CHECK(bits_of(0x1p-14 - 0x1p-26, DType::f16) == 0x0400);  // a subnormal that becomes normal
    CHECK(bits_of(-1 - 0x1p-8 - 0x1p-20, DType::bf16) == 0xbf81);
    CHECK(bits_of(1 + 0x1p-8, DType::bf16) == 0x3f80);
    CHECK(bits_of(1e-300, DType::bf16) == 0x0000);
}

TEST_CASE("encoding beyond the largest number gives infinity") {
    CHECK(bits_of(65519.99, DType::f16) == 0x7bff);
    CHECK(bits_of(65520, DType::f16) == 0x7c00);
    CHECK(bits_of(-1e300, DType::f16) == 0xfc00);
    CHECK(bits_of(0x1.fefp127, DType::bf16) == 0x7f7f);
    CHECK(bits_of(0x1.ffp127, DType::bf16) == 0x7f80);
    CHECK(bits_of(infinity, DType::bf16) == 0x7f80);
    CHECK(bits_of(std::numeric_limits<double>::quiet_NaN(), DType::f16) == 0x7e00);
    CHECK(bits_of(std::numeric_limits<double>::quiet_NaN(), DType::bf16) == 0x7fc0);
    const test::AllowFpExceptions overflow;
    const Array f32 = from_tensor(Tensor<double>({1}, {1e300}), DType::f32);
    CHECK(to_tensor<double>(f32)[0] == infinity);
}

TEST_CASE("tensors keep shape and numbers through arrays") {
    const Tensor<double> x({2, 3}, {1, -2, 0.5, 1e-300, -0.0, 4});
    const Array array = from_tensor(x);
    CHECK(array.dtype == DType::f64);
    CHECK(array.bytes.size() == 48);
    const Tensor<double> back = to_tensor<double>(array);
    CHECK(back.shape() == x.shape());
    CHECK(back.values() == x.values());
    const Tensor<float> y({2}, {0.1f, -7.0f});
    CHECK(from_tensor(y).dtype == DType::f32);
    const Tensor<float> y_back = to_tensor<float>(from_tensor(y));
    CHECK(y_back.values() == y.values());
    CHECK(to_tensor<double>(from_tensor(y))[0] == double{0.1f});
    CHECK(to_tensor<float>(from_tensor(Tensor<double>({1}, {0.1})))[0] == 0.1f);
}

TEST_CASE("integers of every width are read with their sign") {
    const auto one = [](DType dtype, std::vector<int> bytes) {
        Array array{dtype, {1}, {}};
        for (const int byte : bytes) array.bytes.push_back(static_cast<std::byte>(byte));
        return to_integers(array)[0];
    };
    CHECK(one(DType::i8, {0xff}) == -1);
    CHECK(one(DType::u8, {0xff}) == 255);
    CHECK(one(DType::i16, {0x00, 0x80}) == -32768);
    CHECK(one(DType::u16, {0x00, 0x80}) == 32768);
    CHECK(one(DType::i32, {0xfe, 0xff, 0xff, 0xff}) == -2);
    CHECK(one(DType::u32, {0xfe, 0xff, 0xff, 0xff}) == 4294967294);
    CHECK(one(DType::i64, {0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) == -3);
    CHECK(one(DType::u64, {1, 0, 0, 0, 0, 0, 0, 0x40}) == 0x4000000000000001);
    const std::vector<std::int64_t> values{1, -2, std::numeric_limits<std::int64_t>::min()};
    CHECK(to_integers(from_integers({3}, values)) == values);
}

TEST_CASE("arrays that do not fit what is asked are refused by name") {
    const Array whole = from_tensor(Tensor<double>({2}));
    const Array number{DType::u64, {1}, std::vector<std::byte>(8, std::byte{0xff})};
    const Array torn{DType::f64, {2}, std::vector<std::byte>(15)};
    CHECK(message_of([&] { to_integers(whole, "cu"); }) == "`cu` must hold integers, got f64");
    CHECK(message_of([&] { to_tensor<double>(number, "q"); }) == "`q` must be floating point, got u64");
    CHECK(
        message_of([&] { to_integers(number, "n"); }).starts_with("`n`[0] = 18446744073709551615 does not"));
    CHECK(message_of([&] { to_tensor<float>(torn, "q"); }) == "`q` of shape [2] needs 16 bytes, got 15");
    CHECK_THROWS_AS(from_tensor(Tensor<double>({2}), DType::i32), Error);
    CHECK_THROWS_AS(from_integers({2}, std::vector<std::int64_t>{1}), Error);
    CHECK_THROWS_AS(byte_count(DType::f64, {Index{1} << 61}), Error);
}

TEST_CASE("an archive finds arrays by name and holds each name once") {
    Archive archive;
    archive.add("q", from_tensor(Tensor<double>({2, 2})));
    archive.add("k", from_tensor(Tensor<float>({3})));
    CHECK(archive.size() == 2);
    REQUIRE(archive.find("k") != nullptr);
    CHECK(archive.find("k")->shape == Shape{3});
    CHECK(archive.find("v") == nullptr);
    CHECK(archive.at("q").dtype == DType::f64);
    CHECK(message_of([&] { archive.at("v"); }) == "missing tensor `v`");
    CHECK(message_of([&] { archive.add("q", {}); }) == "there are two arrays named `q`");
    CHECK(listing(archive) ==
          std::vector<std::string>{"`q`  f64  [2, 2]  32 bytes", "`k`  f32  [3]  12 bytes"});
}

}  // namespace gdn2::io
