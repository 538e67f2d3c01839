// See npy.h. The header is a Python dict literal such as
//     {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
// read by a parser of exactly that much Python.
#include "reference/io/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "reference/io/text.h"

namespace gdn2::io {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_axes = 64;  // NumPy's own limit

struct Fields {
    std::optional<std::string> descr;
    std::optional<bool> fortran_order;
    std::optional<Shape> shape;
};

/// Reads the dict literal, and nothing else of Python. Numbers are read without a locale.
class HeaderParser {
public:
    HeaderParser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

    Fields parse() {
        Fields fields;
        expect('{');
        while (!accept('}')) {
            parse_field(fields);
            if (accept(',')) continue;
            expect('}');
            break;
        }
        skip_spaces();
        check(position_ == text_.size(), "goes on after its closing brace");
        check(fields.descr.has_value(), "has no 'descr'");
        check(fields.fortran_order.has_value(), "has no 'fortran_order'");
        check(fields.shape.has_value(), "has no 'shape'");
        return fields;
    }

private:
    void parse_field(Fields& fields) {
        const std::string key = parse_string();
        expect(':');
        if (key == "descr") {
            check(!fields.descr, "gives 'descr' twice");
            check(peek() != '[', "describes a structured array; only plain numbers are read");
            fields.descr = parse_string();
        } else if (key == "fortran_order") {
            check(!fields.fortran_order, "gives 'fortran_order' twice");
            fields.fortran_order = parse_bool();
        } else if (key == "shape") {
            check(!fields.shape, "gives 'shape' twice");
            fields.shape = parse_shape();
        } else {
            fail("has an unknown key " + quote(key));
        }
    }

    std::string parse_string() {
        const char quote = peek();
        check(quote == '\'' || quote == '"', "must have a string at byte " + std::to_string(position_));
        const std::size_t end = text_.find(quote, position_ + 1);
        check(end != std::string_view::npos, "has a string without an end");
        std::string value(text_.substr(position_ + 1, end - position_ - 1));
        check(value.find('\\') == std::string::npos, "has a backslash in a string");
        position_ = end + 1;
        return value;
    }

    bool parse_bool() {
        skip_spaces();
        for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {"False", false}}) {
            if (text_.substr(position_, word.size()) != word) continue;
            position_ += word.size();
            return value;
        }
        fail("must have True or False as 'fortran_order'");
    }

    Shape parse_shape() {
        Shape shape;
        expect('(');
        while (!accept(')')) {
            check(shape.size() < most_axes, "has more than " + std::to_string(most_axes) + " axes");
            shape.push_back(parse_size());
            if (accept(',')) continue;
            check(shape.size() > 1, "must have a tuple as 'shape'");  // (3) is a number, (3,) a tuple
            expect(')');
            break;
        }
        return shape;
    }

    Index parse_size() {
        skip_spaces();
        Index size = -1;
        const char* start = text_.data() + position_;
        const auto [end, error] = std::from_chars(start, text_.data() + text_.size(), size);
        check(error != std::errc::result_out_of_range, "has a size too large to count in its 'shape'");
        check(error == std::errc() && *start != '-', "must have sizes of 0 or more in its 'shape'");
        position_ += static_cast<std::size_t>(end - start);
        return size;
    }

    char peek() {
        skip_spaces();
        return position_ < text_.size() ? text_[position_] : '\0';
    }

    bool accept(char c) {
        if (peek() != c || position_ == text_.size()) return false;
        ++position_;
        return true;
    }

    void expect(char c) {
        check(accept(c), std::string("must have '") + c + "' at byte " + std::to_string(position_));
    }

    void skip_spaces() { position_ = std::min(text_.find_first_not_of(" \n", position_), text_.size()); }

    void check(bool good, const std::string& problem) const {
        if (!good) fail(problem);
    }

    [[noreturn]] void fail(const std::string& problem) const {
        throw Error(quote(name_) + ": the .npy header " + problem);
    }

    std::string_view text_, name_;
    std::size_t position_ = 0;
};

struct Code {
    std::string_view code;
    DType dtype;
};

constexpr Code codes[] = {{"f8", DType::f64}, {"f4", DType::f32}, {"f2", DType::f16}, {"i1", DType::i8},
                          {"i2", DType::i16}, {"i4", DType::i32}, {"i8", DType::i64}, {"u1", DType::u8},
                          {"u2", DType::u16}, {"u4", DType::u32}, {"u8", DType::u64}};

/// What an unread type code stands for.
std::string_view meaning(std::string_view code) {
    if (code == "V2") return "unnamed 2-byte values (bfloat16? save it as .safetensors, or as float32)";
    switch (code.empty() ? '\0' : code[0]) {
        case 'b':
            return "booleans";
        case 'O':
            return "Python objects";
        case 'S':
        case 'U':
            return "text";
        case 'V':
            return "raw bytes";
        case 'c':
            return "complex numbers";
        case 'm':
        case 'M':
            return "times";
        default:
            return "a type that is not read";
    }
}

/// "<f8" and the like: byte order, kind, bytes.
void parse_descr(const std::string& descr, NpyHeader& header, std::string_view name) {
    const char order = descr.empty() ? '\0' : descr[0];
    const std::string_view code = std::string_view(descr).substr(descr.empty() ? 0 : 1);
    const auto* found =
        std::find_if(std::begin(codes), std::end(codes), [&](const Code& c) { return c.code == code; });
    const bool known = found != std::end(codes) && (order == '<' || order == '>' || order == '|');
    require(known, quote(name) + " holds " + std::string(meaning(code)) + " (" + quote(descr) +
                       "); f2 f4 f8, i1 to i8 and u1 to u8 are read");
    header.dtype = found->dtype;
    header.big_endian = order == '>';
    require(order != '|' || item_size(header.dtype) == 1,
            quote(name) + " does not say its byte order (" + quote(descr) + ")");
}

/// Bytes before the dict, and the dict's own: both little-endian after the magic and two version bytes.
std::pair<std::size_t, std::size_t> header_extent(std::span<const std::byte> start, std::string_view name) {
    const bool is_npy = start.size() >= 8 && std::memcmp(start.data(), magic.data(), magic.size()) == 0;
    require(is_npy, quote(name) + " is not a .npy array: it does not start with \\x93NUMPY and a version");
    const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(start[i]); };
    require(byte(6) >= 1 && byte(6) <= 3, quote(name) + ": .npy version " + std::to_string(byte(6)) + "." +
                                              std::to_string(byte(7)) + " is not known; 1, 2 and 3 are");
    const std::size_t fixed = byte(6) == 1 ? 10 : 12;
    require(start.size() >= fixed, quote(name) + " ends inside its .npy header");
    std::size_t length = 0;
    for (std::size_t i = fixed; i-- > 8;) length = length << 8 | byte(i);
    require(length + fixed <= npy_header_limit, quote(name) + ": a .npy header of " + std::to_string(length) +
                                                    " bytes is refused; at most " +
                                                    std::to_string(npy_header_limit - fixed) + " are read");
    require(length + fixed <= start.size(), quote(name) + " ends inside its .npy header");
    return {fixed, length};
}

void reverse_items(std::vector<std::byte>& data, std::size_t size) {
    for (auto item = data.begin(); item != data.end(); item += static_cast<Index>(size))
        std::reverse(item, item + static_cast<Index>(size));
}

/// From first axis fastest to last axis fastest.
std::vector<std::byte> row_major(const std::vector<std::byte>& data, const Shape& shape, std::size_t size) {
    std::vector<std::size_t> stride(shape.size(), size);
    for (std::size_t axis = 1; axis < shape.size(); ++axis)
        stride[axis] = stride[axis - 1] * static_cast<std::size_t>(shape[axis - 1]);
    std::vector<std::byte> result(data.size());
    std::vector<Index> position(shape.size(), 0);
    std::size_t source = 0;
    for (std::size_t target = 0; target < data.size(); target += size) {
        std::memcpy(result.data() + target, data.data() + source, size);
        for (std::size_t axis = shape.size(); axis-- > 0;) {  // the next position, as an odometer turns
            source += stride[axis];
            if (++position[axis] < shape[axis]) break;
            source -= stride[axis] * static_cast<std::size_t>(shape[axis]);
            position[axis] = 0;
        }
    }
    return result;
}

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> start, std::uint64_t total, std::string_view name) {
    const auto [fixed, length] = header_extent(start, name);
    const std::string_view text(reinterpret_cast<const char*>(start.data()) + fixed, length);
    Fields fields = HeaderParser(text, name).parse();

    NpyHeader header;
    parse_descr(*fields.descr, header, name);
    header.fortran_order = *fields.fortran_order;
    header.shape = std::move(*fields.shape);
    header.data_offset = fixed + length;
    try {
        header.data_size = byte_count(header.dtype, header.shape);
    } catch (const Error& error) {
        throw Error(quote(name) + ": " + error.what());
    }
    const std::uint64_t present = total - header.data_offset;
    require(header.data_size == present, quote(name) + " of shape " + to_string(header.shape) + " needs " +
                                             std::to_string(header.data_size) + " bytes, got " +
                                             std::to_string(present));
    return header;
}

Array npy_array(const NpyHeader& header, std::vector<std::byte> data) {
    const std::size_t size = item_size(header.dtype);
    if (header.big_endian) reverse_items(data, size);
    if (header.fortran_order && header.shape.size() > 1) data = row_major(data, header.shape, size);
    return {header.dtype, header.shape, std::move(data)};
}

Array parse_npy(std::span<const std::byte> bytes, std::string_view name) {
    const NpyHeader header = parse_npy_header(bytes, bytes.size(), name);
    const auto data = bytes.subspan(header.data_offset);
    return npy_array(header, std::vector<std::byte>(data.begin(), data.end()));
}

std::string npy_start(const Array& array, std::string_view name) {
    const auto* found = std::find_if(std::begin(codes), std::end(codes),
                                     [&](const Code& c) { return c.dtype == array.dtype; });
    require(found != std::end(codes),
            quote(name) + " is bf16, which .npy cannot hold: write .safetensors, or convert it to f32");
    require(array.shape.size() <= most_axes,
            quote(name) + " has more than " + std::to_string(most_axes) + " axes");
    std::string sizes;
    for (const Index size : array.shape) sizes += std::to_string(size) + ", ";
    std::string header = "{'descr': '" + std::string(item_size(array.dtype) == 1 ? "|" : "<") +
                         std::string(found->code) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
    header.append(63 - (10 + header.size()) % 64, ' ');  // the numbers start at a multiple of 64
    header += '\n';
    std::string start(magic);
    start += {'\x01', '\x00', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
    return start + header;
}

std::vector<std::byte> npy_bytes(const Array& array, std::string_view name) {
    const std::string start = npy_start(array, name);
    std::vector<std::byte> bytes(start.size() + array.bytes.size());
    std::memcpy(bytes.data(), start.data(), start.size());
    std::copy(array.bytes.begin(), array.bytes.end(), bytes.begin() + static_cast<Index>(start.size()));
    return bytes;
}

}  // namespace gdn2::io
