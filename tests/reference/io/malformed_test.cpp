// Files that must be refused: by one line that names the file and, where there is one, the array. Each line of the
// table happened to somebody, or is one byte away from it.
#include <doctest/doctest.h>

#include "reference/io/file.h"
#include "reference/io/npz.h"
#include "reference/io/safetensors.h"
#include "tests/reference/io/builders.h"

namespace gdn2::test {
namespace {

struct Case {
    std::string what;
    std::string file;
    std::string says;  ///< part of the message
};

/// A .npz whose array q has this header and `size` zero bytes.
std::string headed(const std::string& header, std::size_t size = 16, int version = 1) {
    return npz(npy(header, std::string(size, '\0'), version));
}

std::string raw_npz(const std::string& start, std::uint64_t length, const std::string& rest) {
    return npz("\x93NUMPY" + start + little_endian(length, start[0] == 1 ? 2 : 4) + rest);
}

std::string repeated(const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

const std::string zeros(16, '\0');
const std::string ones = repeated("1,", 64);

std::vector<Case> malformed_npy() {
    const std::string f8 = "'<f8'";
    return {
        {"no magic", npz("\x92NUMPY\x01" + zeros), "`q.npy` is not a .npy array"},
        {"nothing inside", npz(""), "`q.npy` is not a .npy array"},
        {"only the magic", npz("\x93NUMPY"), "`q.npy` is not a .npy array"},
        {"ends before the header length", npz("\x93NUMPY\x01" + std::string(1, '\0') + "v"), "ends inside"},
        {"version 0", raw_npz(std::string("\0\0", 2), 4, "{}  "), "version 0.0 is not known"},
        {"version 4", raw_npz(std::string("\4\0", 2), 4, "{}  "), "version 4.0 is not known"},
        {"header of 4 GB in 12 bytes", raw_npz(std::string("\2\0", 2), 0xfffffff0, ""),
         "is refused; at most"},
        {"signed header length", raw_npz(std::string("\1\0", 2), 0xfff8, ""), "is refused; at most"},
        {"header past the end", raw_npz(std::string("\1\0", 2), 500, "{}"), "ends inside its .npy header"},
        {"header a byte past the end", raw_npz(std::string("\1\0", 2), 3, "{}"),
         "ends inside its .npy header"},
        {"empty header", raw_npz(std::string("\1\0", 2), 0, ""), "must have '{'"},
        {"no dict", headed("<f8 (2,)"), "must have '{'"},
        {"dict without end", headed("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), "), "string"},
        {"text after the dict", headed(dict(f8, "(2,)") + " 7"), "goes on after its closing brace"},
        {"no descr", headed("{'fortran_order': False, 'shape': (2,), }"), "has no 'descr'"},
        {"no order", headed("{'descr': '<f8', 'shape': (2,), }"), "has no 'fortran_order'"},
        {"no shape", headed("{'descr': '<f8', 'fortran_order': False, }"), "has no 'shape'"},
        {"shape twice", headed("{'shape': (2,), 'shape': (2,), }"), "gives 'shape' twice"},
        {"unknown key", headed("{'strides': (8,), }"), "unknown key `strides`"},
        {"empty descr", headed(dict("''", "(2,)")), "a type that is not read"},
        {"descr without size", headed(dict("'<f'", "(2,)")), "a type that is not read"},
        {"descr with letters for a size", headed(dict("'<ixy'", "(2,)")), "a type that is not read"},
        {"descr without end", headed("{'descr': '<f8, "), "string without an end"},
        {"long double", headed(dict("'<f16'", "(1,)")), "a type that is not read"},
        {"native order", headed(dict("'=f8'", "(2,)")), "f2 f4 f8"},
        {"no order in 8 bytes", headed(dict("'|f8'", "(2,)")), "does not say its byte order"},
        {"booleans", headed(dict("'|b1'", "(16,)")), "holds booleans"},
        {"objects", headed(dict("'|O'", "(2,)")), "holds Python objects"},
        {"text", headed(dict("'<U2'", "(2,)")), "holds text"},
        {"complex numbers", headed(dict("'<c16'", "(1,)")), "holds complex numbers"},
        {"bfloat16 as void", headed(dict("'<V2'", "(8,)")), "bfloat16?"},
        {"times", headed(dict("'<M8[s]'", "(2,)")), "holds times"},
        {"structured", headed(dict("[('a', '<f8')]", "(2,)")), "structured array"},
        {"order is a number", headed(dict(f8, "(2,)", "0")), "must have True or False"},
        {"shape is a number", headed(dict(f8, "(2)")), "must have a tuple"},
        {"shape is a list", headed(dict(f8, "[2]")), "must have '('"},
        {"negative size", headed(dict(f8, "(-2,)")), "sizes of 0 or more"},
        {"size with a fraction", headed(dict(f8, "(2.0,)")), "must have"},
        {"size in words", headed(dict(f8, "(two,)")), "sizes of 0 or more"},
        {"a thousands separator", headed(dict(f8, "(2,621, 401)")), "needs 3984336 bytes, got 16"},
        {"size beyond 64 bits", headed(dict(f8, "(99999999999999999999,)")), "too large to count"},
        {"product beyond 64 bits", headed(dict(f8, "(4294967296, 4294967296)")), "more elements than can be"},
        {"product that wraps to the truth", headed(dict(f8, "(9223372036854775807, 2, 2)")), "more elements"},
        {"bytes beyond 64 bits", headed(dict(f8, "(4611686018427387904,)")),
         "more bytes than can be counted"},
        {"65 axes", headed(dict(f8, "(" + ones + "1)")), "has more than 64 axes"},
        {"a byte too few", headed(dict(f8, "(2,)"), 15), "needs 16 bytes, got 15"},
        {"a byte too many", headed(dict(f8, "(2,)"), 17), "needs 16 bytes, got 17"},
        {"no bytes at all", headed(dict(f8, "(2,)"), 0), "needs 16 bytes, got 0"},
        {"a control character in a key", headed("{'a\nb\x1b[31m': 1}"), "unknown key `a\\x0ab\\x1b[31m`"},
        {"a backslash", headed("{'descr': '\\x3cf8', }"), "backslash"},
    };
}

std::vector<Case> malformed_zip() {
    const std::string good = good_npy(), whole = npz(good);
    const auto size = static_cast<std::uint32_t>(good.size());
    Member bomb{"q.npy", deflated(good), 8};
    bomb.crc = crc32(good), bomb.size = 0xfffffff0;
    std::vector<Member> overlapping;
    for (int i = 0; i < 400; ++i) {
        overlapping.push_back({std::to_string(i) + ".npy", std::string(1000, '\0'), 8});
        overlapping.back().size = 1'000'000;
    }
    return {
        {"the name leaves the folder", zip({{"../q.npy", good}}), "may not leave its folder"},
        {"the name leaves the folder later", zip({{"a/../../q.npy", good}}), "may not leave its folder"},
        {"absolute name", zip({{"/tmp/q.npy", good}}), "may not leave its folder"},
        {"backslashes", zip({{"..\\q.npy", good}}), "may not leave its folder"},
        {"a name twice", zip({{"q.npy", good}, {"q.npy", good}}), "two"},
        {"a newline in a name", zip({{"a\nb", good}}), "`a\\x0ab` is not a .npy array"},
        {"not a .npy by name", zip({{"data.pkl", good}}), "`data.pkl` is not a .npy array"},
        {"a folder", zip({{"q/", ""}}), "`q/` is not a .npy array"},
        {"no name but .npy", zip({{".npy", good}}), "`.npy` is not a .npy array"},
        {"encrypted", zip({{"q.npy", good, 0, 1}}), "`q.npy` is encrypted"},
        {"bzip2", zip({{"q.npy", good, 12}}), "compressed by method 12"},
        {"an unknown compression", zip({{"q.npy", good, 77}}), "compressed by method 77"},
        {"stored but larger inside", zip({{"q.npy", good, 0, 0, size + 8}}), "can hold"},
        {"more than deflate can expand to", zip({bomb}), "more than its"},
        {"members that expand too much in all", zip(overlapping), "expands to more than 200 times"},
        {"wrong checksum", zip({{"q.npy", good, 0, 0, {}, {}, 1}}), "`q.npy` cannot be read: CRC error"},
        {"noise instead of deflate", zip({{"q.npy", zeros + zeros, 8}}), "`q.npy` cannot be read"},
        {"deflate that ends early",
         zip({{"q.npy", deflated(good).substr(0, 40), 8, 0, size, {}, crc32(good)}}), "`q.npy`"},
        {"deflate that goes on", zip({{"q.npy", deflated(good + "x"), 8, 0, size, {}, crc32(good)}}),
         "`q.npy`"},
        {"no directory", whole.substr(0, 100), "not a whole zip"},
        {"the last byte missing", whole.substr(0, whole.size() - 1), "not a whole zip"},
        {"bytes after the end", whole + "extra", "not a whole zip"},
        {"only the first four bytes", "PK\x03\x04", "not a"},
        {"directory beyond the file", zip({}).replace(16, 4, little_endian(0x7fffffff, 4)),
         "not a whole zip"},
    };
}

std::vector<Case> malformed_safetensors() {
    const auto file = [](const std::string& tensors, std::size_t size = 16) {
        return safetensors("{" + tensors + "}", std::string(size, '\0'));
    };
    std::string shared = tensor("0", "F64", "[2]", 0, 16);
    for (int i = 1; i < 10; ++i) shared += "," + tensor(std::to_string(i), "F64", "[2]", 0, 16);
    const std::string good = tensor("q", "F64", "[2]", 0, 16);
    const std::string deep(100'000, '[');
    return {
        {"nothing at all", "", "is empty"},
        {"seven bytes", "1234567", "too short for a .npz or a .safetensors: 7 bytes"},
        {"eight bytes", little_endian(2, 8), "header declares 2 bytes, the file holds 0"},
        {"a header past the end", little_endian(50, 8) + "{}", "header declares 50 bytes, the file holds 2"},
        {"a header beyond the limit", little_endian(100'000'001, 8) + "{}", "at most 100000000"},
        {"a header of 2^64 - 1", little_endian(~0ull, 8) + "{}", "is refused; at most"},
        {"an empty header", safetensors("", ""), "does not start with {"},
        {"text", "this is no file of tensors", "neither a .npz nor a .safetensors"},
        {"a space before the header", safetensors(" {}", ""), "neither a .npz nor a .safetensors"},
        {"not JSON", safetensors("{q}", ""), "not JSON: error at its byte 2"},
        {"not UTF-8", safetensors("{\"\xff\": 1}", ""), "not JSON"},
        {"a list", safetensors("[1]", ""), "neither a .npz nor a .safetensors"},
        {"JSON that goes on", safetensors("{}{}", ""), "not JSON"},
        {"zero bytes for padding", safetensors(std::string("{}\0\0", 4), ""), "not JSON"},
        {"ten tensors on one range", file(shared), "shares bytes with another tensor"},
        {"overlapping ranges", file(good + "," + tensor("k", "F64", "[1]", 8, 16)), "shares bytes"},
        {"a hole at the start", file(tensor("q", "F64", "[1]", 8, 16)), "`q` leaves a hole"},
        {"a hole", file(tensor("q", "F32", "[1]", 0, 4) + "," + tensor("k", "F64", "[1]", 8, 16)), "hole"},
        {"bytes after the last tensor", file(good, 17), "end at byte 16 of the data, the file holds 17"},
        {"a file appended", file(good) + zip({}), "end at byte 16"},
        {"two bytes missing", file(good, 14), "`q` ends at byte 16 of the data, the file holds 14"},
        {"no tensors but data", file("", 4), "the tensors end at byte 0"},
        {"a range that is not the shape", file(tensor("q", "F64", "[3]", 0, 16)), "needs 24 bytes"},
        {"a range that is not the type", file(tensor("q", "F32", "[2]", 0, 16)), "needs 8 bytes"},
        {"a range that ends first", file(tensor("q", "F64", "[2]", 16, 0)), "ends before it begins"},
        {"a shape that wraps", file(tensor("q", "F64", "[4294967296,4294967296]", 0, 0)), "more elements"},
        {"bytes that wrap", file(tensor("q", "F64", "[4611686018427387904]", 0, 0)), "more bytes"},
        {"a size of 2^64 - 1", file(tensor("q", "F64", "[18446744073709551615]", 0, 16)),
         "too large to count"},
        {"a size beyond 64 bits", file(tensor("q", "F64", "[99999999999999999999]", 0, 16)), "fraction"},
        {"a negative size", file(tensor("q", "F64", "[-2]", 0, 16)), "`q`: the header has a negative number"},
        {"a size with a fraction", file(tensor("q", "F64", "[2.0]", 0, 16)), "fraction"},
        {"a size as text", file(tensor("q", "F64", "[\"2\"]", 0, 16)), "a string where none belongs"},
        {"65 axes", file(tensor("q", "F64", "[" + ones + "1]", 0, 16)), "`q` has more than 64 axes"},
        {"a shape that is a number", file("\"q\":{\"shape\":2}"), "a number where none belongs"},
        {"one offset", file("\"q\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[16]}"),
         "2 `data_offsets`"},
        {"no dtype", file("\"q\":{\"shape\":[2],\"data_offsets\":[0,16]}"), "`q` has no `dtype`"},
        {"no shape", file("\"q\":{\"dtype\":\"F64\",\"data_offsets\":[0,16]}"), "`q` has no `shape`"},
        {"no offsets", file("\"q\":{\"dtype\":\"F64\",\"shape\":[2]}"), "`q` has no `data_offsets`"},
        {"an unknown field", file("\"q\":{\"strides\":[2]}"), "unknown field `strides`"},
        {"a tensor twice", file(good + "," + good), "names `q` twice"},
        {"a field twice", file("\"q\":{\"shape\":[2],\"shape\":[2]}"), "gives `shape` twice"},
        {"metadata twice", file("\"__metadata__\":{},\"__metadata__\":{}"), "`__metadata__` twice"},
        {"a metadata name twice", file("\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}"),
         "metadata name `a` twice"},
        {"metadata that is a number", file("\"__metadata__\":{\"a\":1}"),
         "`__metadata__`: the header has a number"},
        {"metadata that is nested", file("\"__metadata__\":{\"a\":{}}"),
         "`__metadata__`: the header has an object"},
        {"metadata that is text", file("\"__metadata__\":\"a\""), "a string where none belongs"},
        {"a tensor that is null", file("\"q\":null"), "`q`: the header has null"},
        {"a tensor that is true", file("\"q\":true"), "true or false"},
        {"deep lists", file("\"q\":" + deep), "`q`: the header has a list"},
        {"deep objects", file("\"q\":{\"shape\":{\"a\":{"), "`q`: the header has an object"},
        {"eight-bit floats", file(tensor("q", "F8_E4M3", "[16]", 0, 16)), "`q` has dtype `F8_E4M3`"},
        {"four-bit floats", file(tensor("q", "F4", "[32]", 0, 16)), "`q` has dtype `F4`"},
        {"booleans", file(tensor("q", "BOOL", "[16]", 0, 16)), "`q` has dtype `BOOL`"},
        {"a dtype in small letters", file(tensor("q", "f64", "[2]", 0, 16)), "`q` has dtype `f64`"},
        {"a newline in a name", file(tensor("a\\nb", "F4", "[2]", 0, 16)), "`a\\x0ab` has dtype"},
        {"a single .npy", good_npy(), "single .npy array"},
    };
}

/// What parse_archive says; empty when it accepts the file.
std::string message_for(const std::string& file) {
    try {
        io::parse_archive(bytes_of(file), "case.file");
        return "";
    } catch (const Error& error) {
        return error.what();
    }
}

void expect_refusals(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        const std::string message = message_for(one.file);
        CAPTURE(one.what);
        CAPTURE(message);
        CHECK(message.starts_with("`case.file`: "));
        CHECK(message.find(one.says) != std::string::npos);
        CHECK(message.find('\n') == std::string::npos);
        CHECK(message.size() < 400);
    }
}

}  // namespace

TEST_CASE("malformed npy arrays are refused by name in one line") { expect_refusals(malformed_npy()); }

TEST_CASE("malformed zips are refused by name in one line") { expect_refusals(malformed_zip()); }

TEST_CASE("malformed safetensors are refused by name in one line") {
    expect_refusals(malformed_safetensors());
}

TEST_CASE("what the malformed files are made from is accepted") {
    CHECK(message_for(npz(good_npy())) == "");
    CHECK(message_for(zip({{"q.npy",
                            deflated(good_npy()),
                            8,
                            0,
                            static_cast<std::uint32_t>(good_npy().size()),
                            {},
                            crc32(good_npy())}})) == "");
    CHECK(message_for(safetensors("{" + tensor("q", "F64", "[2]", 0, 16) + "}", zeros)) == "");
    CHECK(message_for(safetensors("{}", "")) == "");
    CHECK(message_for(zip({})) == "");
}

TEST_CASE("a prefix of a file is refused whatever its length") {
    for (const char* name : {"savez_compressed.npz", "streamed.npz", "every_type.safetensors"}) {
        const std::string path = std::string(GDN2_SOURCE_DIR "/tests/reference/io/fixtures/") + name;
        const io::Archive archive = io::read_file(path);
        const bool npz = path.ends_with(".npz");
        const std::string whole =
            text_of(npz ? io::npz_bytes(archive, io::Compression::deflated) : io::safetensors_bytes(archive));
        REQUIRE(message_for(whole) == "");
        for (std::size_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            CHECK(message_for(whole.substr(0, size)) != "");
        }
    }
}

}  // namespace gdn2::test
