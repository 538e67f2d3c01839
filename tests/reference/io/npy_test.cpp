// One array as .npy: what is read, and that what is written is read back.
#include "reference/io/npy.h"

#include <doctest/doctest.h>

#include <locale>

#include "tests/reference/io/builders.h"

namespace gdn2::io {
namespace {

using test::bytes_of;
using test::dict;
using test::npy;

Array counting(DType dtype, const Shape& shape) {
    Array array{dtype, shape, std::vector<std::byte>(byte_count(dtype, shape))};
    for (std::size_t i = 0; i < array.bytes.size(); ++i)
        array.bytes[i] = static_cast<std::byte>(i * 37 % 251);
    return array;
}

Array parse(const std::string& file) { return parse_npy(bytes_of(file), "q"); }

/// Numbers whose decimals are grouped in threes and have a comma: what broke other readers.
struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return ','; }
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
};

class InLocale {
public:
    explicit InLocale(const std::locale& locale) : before_(std::locale::global(locale)) {}
    ~InLocale() { std::locale::global(before_); }

private:
    std::locale before_;
};

}  // namespace

TEST_CASE("an array of every type and rank survives a npy") {
    for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::i8, DType::i16, DType::i32,
                              DType::i64, DType::u8, DType::u16, DType::u32, DType::u64})
        for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{0, 4}, Shape{2, 1, 3, 4}}) {
            const Array array = counting(dtype, shape);
            CAPTURE(name_of(dtype));
            CHECK(parse_npy(npy_bytes(array, "q"), "q") == array);
        }
}

TEST_CASE("the numbers of a written npy start at a multiple of 64") {
    for (Index size = 1; size < Index{1} << 40; size *= 10)
        CHECK(npy_start({DType::f64, {size, 3}, {}}, "q").size() % 64 == 0);
    CHECK(npy_start({DType::f64, {2, 3}, {}}, "q").back() == '\n');
}

TEST_CASE("a npy cannot hold bf16 and says what can") {
    CHECK_THROWS_WITH_AS(npy_bytes(counting(DType::bf16, {2}), "q"),
                         "`q` is bf16, which .npy cannot hold: write .safetensors, or convert it to f32",
                         Error);
    CHECK_THROWS_AS(npy_bytes(counting(DType::f64, Shape(65, 1)), "q"), Error);
}

TEST_CASE("versions 1 2 and 3 of npy hold the same array") {
    const Array expected = counting(DType::f64, {2});
    const std::string data = test::text_of(expected.bytes);
    for (const int version : {1, 2, 3}) CHECK(parse(npy(dict("'<f8'", "(2,)"), data, version)) == expected);
}

TEST_CASE("a npy header may order and quote and space its fields as Python does") {
    const std::string data(48, '\1');
    for (const char* header : {"{'shape': (2, 3), 'fortran_order': False, 'descr': '<f8'}",
                               "{\"descr\":\"<f8\",\"fortran_order\":False,\"shape\":(2,3,)}",
                               "{ 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , } "}) {
        CAPTURE(header);
        CHECK(parse(npy(header, data)).shape == Shape{2, 3});
    }
    CHECK(parse(npy(dict("'<f8'", "()"), std::string(8, '\0'))).shape == Shape{});
    CHECK(parse(npy(dict("'<i1'", "(3,)"), "abc")) == parse(npy(dict("'|i1'", "(3,)"), "abc")));
}

TEST_CASE("a big-endian npy is turned around") {
    const Array array = parse(npy(dict("'>u2'", "(2,)"), std::string("\x01\x02\x03\x04", 4)));
    CHECK(to_integers(array) == std::vector<std::int64_t>{0x0102, 0x0304});
}

TEST_CASE("a npy in Fortran order is made row-major") {
    // [[0, 1, 2], [3, 4, 5]] column by column
    const Array matrix = parse(npy(dict("'|u1'", "(2, 3)", "True"), std::string("\0\3\1\4\2\5", 6)));
    CHECK(to_integers(matrix) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
    CHECK(matrix.shape == Shape{2, 3});
    // [2, 2, 2] holding its own row-major positions
    const Array cube = parse(npy(dict("'|u1'", "(2, 2, 2)", "True"), std::string("\0\4\2\6\1\5\3\7", 8)));
    CHECK(to_integers(cube) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(parse(npy(dict("'<f8'", "(0, 3)", "True"), "")).bytes.empty());
    CHECK(parse(npy(dict("'<f8'", "()", "True"), std::string(8, '\7'))).bytes.size() == 8);
}

TEST_CASE("a npy is read and written the same in every locale") {
    const Array array = counting(DType::u8, {2, 1234});
    const auto bytes = npy_bytes(array, "q");
    const InLocale grouping(std::locale(std::locale(), new Grouping));
    CHECK(npy_bytes(array, "q") == bytes);
    CHECK(parse_npy(bytes, "q") == array);
}

TEST_CASE("a header of npy is read from the first bytes alone") {
    const std::string whole = npy(dict("'<f4'", "(1000000,)"), "");
    const NpyHeader header = parse_npy_header(bytes_of(whole), whole.size() + 4'000'000, "q");
    CHECK(header.data_offset == whole.size());
    CHECK(header.data_size == 4'000'000);
    CHECK(header.dtype == DType::f32);
    CHECK_THROWS_AS(parse_npy_header(bytes_of(whole), whole.size() + 3'999'999, "q"), Error);
}

}  // namespace gdn2::io
