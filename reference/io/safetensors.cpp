// See safetensors.h. The header is read event by event, so that a key given twice is seen (a JSON value would
// keep the last silently) and nesting costs no stack.
#include "reference/io/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "reference/io/checksum.h"
#include "reference/io/text.h"

namespace gdn2::io {
namespace {

struct Code {
    std::string_view code;
    DType dtype;
};

constexpr Code codes[] = {{"F64", DType::f64},   {"F32", DType::f32}, {"F16", DType::f16},
                          {"BF16", DType::bf16}, {"I8", DType::i8},   {"I16", DType::i16},
                          {"I32", DType::i32},   {"I64", DType::i64}, {"U8", DType::u8},
                          {"U16", DType::u16},   {"U32", DType::u32}, {"U64", DType::u64}};

constexpr std::string_view metadata_key = "__metadata__";
constexpr std::size_t length_bytes = 8;
constexpr std::size_t most_axes = 64;

/// One tensor of the header. Every field is absent until its key was seen.
struct Declared {
    std::string name;
    std::optional<std::string> dtype;
    std::optional<std::vector<std::uint64_t>> shape, offsets;
};

/// Takes the events of the JSON parser and accepts only the two levels that the format has.
class HeaderReader {
public:
    using json = nlohmann::json;

    std::vector<Declared> tensors;
    std::map<std::string, std::string> metadata;

    bool start_object(std::size_t) {
        if (level_ == Level::file) return enter(Level::names);
        require(level_ == Level::name_value, misplaced("an object"));
        return enter(in_metadata_ ? Level::metadata_keys : Level::fields);
    }

    bool key(std::string& key) {
        if (level_ == Level::names) {
            require(names_.insert(key).second, "the header names " + quote(key) + " twice");
            in_metadata_ = key == metadata_key;
            if (!in_metadata_) tensors.emplace_back().name = key;
            return enter(Level::name_value);
        }
        if (level_ == Level::metadata_keys) {
            require(!metadata.contains(key), "the metadata name " + quote(key) + " twice");
            key_ = key;
            return enter(Level::metadata_value);
        }
        Declared& tensor = tensors.back();
        const bool known = key == "dtype" || key == "shape" || key == "data_offsets";
        require(known, quote(tensor.name) + " has an unknown field " + quote(key));
        const bool twice = key == "dtype" ? tensor.dtype.has_value()
                                          : (key == "shape" ? tensor.shape : tensor.offsets).has_value();
        require(!twice, quote(tensor.name) + " gives " + quote(key) + " twice");
        key_ = key;
        return enter(Level::field_value);
    }

    bool string(std::string& text) {
        if (level_ == Level::metadata_value) {
            metadata[key_] = text;
            return enter(Level::metadata_keys);
        }
        require(level_ == Level::field_value && key_ == "dtype", misplaced("a string"));
        tensors.back().dtype = text;
        return enter(Level::fields);
    }

    bool start_array(std::size_t) {
        require(level_ == Level::field_value && key_ != "dtype", misplaced("a list"));
        numbers().emplace();
        return enter(Level::numbers);
    }

    bool number_unsigned(std::uint64_t number) {
        require(level_ == Level::numbers, misplaced("a number"));
        require(numbers()->size() < most_axes,
                quote(tensors.back().name) + " has more than " + std::to_string(most_axes) + " axes");
        numbers()->push_back(number);
        return true;
    }

    bool end_array() { return enter(Level::fields); }

    bool end_object() {
        if (level_ == Level::names) return enter(Level::file);
        return enter(Level::names);
    }

    bool null() { throw Error(misplaced("null")); }
    bool boolean(bool) { throw Error(misplaced("true or false")); }
    bool number_integer(std::int64_t) { throw Error(misplaced("a negative number")); }
    bool number_float(double, const std::string&) { throw Error(misplaced("a number with a fraction")); }
    bool binary(json::binary_t&) { throw Error(misplaced("binary data")); }

    bool parse_error(std::size_t position, const std::string&, const json::exception&) {
        throw Error("the header is not JSON: error at its byte " + std::to_string(position));
    }

private:
    /// Where the parser stands: before a name, after it, and so on inwards.
    enum class Level { file, names, name_value, fields, field_value, numbers, metadata_keys, metadata_value };

    bool enter(Level level) {
        level_ = level;
        return true;
    }

    std::optional<std::vector<std::uint64_t>>& numbers() {
        return key_ == "shape" ? tensors.back().shape : tensors.back().offsets;
    }

    /// "`q`: the header has a string where none belongs"
    std::string misplaced(const std::string& what) const {
        std::string where;
        if (in_metadata_)
            where = quote(metadata_key) + ": ";
        else if (!tensors.empty())
            where = quote(tensors.back().name) + ": ";
        return where + "the header has " + what + " where none belongs";
    }

    Level level_ = Level::file;
    bool in_metadata_ = false;
    std::string key_;
    std::unordered_set<std::string> names_;
};

/// A tensor whose own fields agree.
struct Checked {
    std::string name;
    DType dtype;
    Shape shape;
    std::uint64_t begin, end;
};

Shape checked_shape(const Declared& tensor) {
    Shape shape;
    for (const std::uint64_t size : *tensor.shape) {
        require(size <= static_cast<std::uint64_t>(std::numeric_limits<Index>::max()),
                quote(tensor.name) + " has a size too large to count");
        shape.push_back(static_cast<Index>(size));
    }
    return shape;
}

std::uint64_t checked_byte_count(const Checked& tensor) {
    try {
        return byte_count(tensor.dtype, tensor.shape);
    } catch (const Error& error) {
        throw Error(quote(tensor.name) + ": " + error.what());
    }
}

Checked check(const Declared& tensor) {
    const std::string name = quote(tensor.name);
    require(tensor.dtype.has_value(), name + " has no `dtype`");
    require(tensor.shape.has_value(), name + " has no `shape`");
    require(tensor.offsets.has_value(), name + " has no `data_offsets`");
    const auto* found = std::find_if(std::begin(codes), std::end(codes),
                                     [&](const Code& c) { return c.code == *tensor.dtype; });
    require(found != std::end(codes), name + " has dtype " + quote(*tensor.dtype) +
                                          "; F64 F32 F16 BF16, I8 to I64 and U8 to U64 are read");
    require(tensor.offsets->size() == 2,
            name + " must have 2 `data_offsets`, got " + std::to_string(tensor.offsets->size()));
    Checked checked{tensor.name, found->dtype, checked_shape(tensor), tensor.offsets->at(0),
                    tensor.offsets->at(1)};
    require(checked.begin <= checked.end, name + " ends before it begins");
    require(checked_byte_count(checked) == checked.end - checked.begin,
            name + " of type " + *tensor.dtype + " and shape " + to_string(checked.shape) + " needs " +
                std::to_string(checked_byte_count(checked)) + " bytes, its `data_offsets` span " +
                std::to_string(checked.end - checked.begin));
    return checked;
}

/// Every byte belongs to one tensor: no hole, no overlap, nothing after the last.
void require_partition(std::vector<Checked> tensors, std::uint64_t size) {
    std::sort(tensors.begin(), tensors.end(), [](const Checked& x, const Checked& y) {
        return std::pair(x.begin, x.end) < std::pair(y.begin, y.end);
    });
    std::uint64_t end = 0;
    for (const Checked& tensor : tensors) {
        require(tensor.begin >= end, quote(tensor.name) + " shares bytes with another tensor: it begins at " +
                                         std::to_string(tensor.begin) + ", before " + std::to_string(end));
        require(tensor.begin == end, quote(tensor.name) + " leaves a hole: it begins at " +
                                         std::to_string(tensor.begin) + ", not at " + std::to_string(end));
        require(tensor.end <= size, quote(tensor.name) + " ends at byte " + std::to_string(tensor.end) +
                                        " of the data, the file holds " + std::to_string(size));
        end = tensor.end;
    }
    require(end == size, "the tensors end at byte " + std::to_string(end) + " of the data, the file holds " +
                             std::to_string(size));
}

std::string_view header_of(std::span<const std::byte> bytes) {
    require(bytes.size() >= length_bytes, "too short for a .safetensors: " + std::to_string(bytes.size()) +
                                              " bytes, its header length alone takes 8");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), length_bytes);
    require(length <= safetensors_header_limit, "a .safetensors header of " + std::to_string(length) +
                                                    " bytes is refused; at most " +
                                                    std::to_string(safetensors_header_limit) + " are read");
    require(length <= bytes.size() - length_bytes,
            "the header declares " + std::to_string(length) + " bytes, the file holds " +
                std::to_string(bytes.size() - length_bytes) + " after it");
    return {reinterpret_cast<const char*>(bytes.data()) + length_bytes, length};
}

nlohmann::ordered_json header_json(const Archive& archive, const std::vector<const Archive::Entry*>& order) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!archive.metadata.empty()) {
        header[std::string(metadata_key)] = archive.metadata;
        header[std::string(metadata_key)][checksums_key] = checksums_of(archive);
    }
    std::uint64_t begin = 0;
    for (const Archive::Entry* entry : order) {
        require(entry->name != metadata_key, quote(metadata_key) + " cannot be the name of a tensor");
        const auto* code = std::find_if(std::begin(codes), std::end(codes),
                                        [&](const Code& c) { return c.dtype == entry->array.dtype; });
        const std::uint64_t end = begin + entry->array.bytes.size();
        header[entry->name] = {
            {"dtype", code->code}, {"shape", entry->array.shape}, {"data_offsets", {begin, end}}};
        begin = end;
    }
    return header;
}

}  // namespace

Archive parse_safetensors(std::span<const std::byte> bytes) {
    const std::string_view header = header_of(bytes);
    require(header.starts_with('{'), "not a .safetensors: its header does not start with {");
    // The JSON parser takes a zero byte for the end and would not look at what follows.
    require(header.find('\0') == std::string_view::npos, "the header is not JSON: it holds a zero byte");
    HeaderReader reader;
    nlohmann::json::sax_parse(header.begin(), header.end(), &reader);
    const auto data = bytes.subspan(length_bytes + header.size());

    std::vector<Checked> tensors;
    for (const Declared& tensor : reader.tensors) tensors.push_back(check(tensor));
    require_partition(tensors, data.size());

    Archive archive;
    archive.metadata = std::move(reader.metadata);
    for (const Checked& tensor : tensors) {
        const auto part = data.subspan(tensor.begin, tensor.end - tensor.begin);
        archive.add(tensor.name, {tensor.dtype, tensor.shape, {part.begin(), part.end()}});
    }
    if (const auto checksums = archive.metadata.extract(checksums_key)) require_checksums(archive, checksums.mapped());
    return archive;
}

std::vector<std::byte> safetensors_bytes(const Archive& archive) {
    std::vector<const Archive::Entry*> order;
    for (const Archive::Entry& entry : archive.entries()) order.push_back(&entry);
    std::stable_sort(order.begin(), order.end(), [](const Archive::Entry* x, const Archive::Entry* y) {
        return item_size(x->array.dtype) > item_size(y->array.dtype);
    });
    std::string header;
    try {
        header = header_json(archive, order).dump();
    } catch (const nlohmann::json::exception&) {
        throw Error("a .safetensors holds names and metadata in UTF-8 only");
    }
    header.append((8 - header.size() % 8) % 8, ' ');

    const std::uint64_t length = header.size();
    std::vector<std::byte> bytes(length_bytes + header.size());
    std::memcpy(bytes.data(), &length, length_bytes);
    std::memcpy(bytes.data() + length_bytes, header.data(), header.size());
    for (const Archive::Entry* entry : order)
        bytes.insert(bytes.end(), entry->array.bytes.begin(), entry->array.bytes.end());
    return bytes;
}

}  // namespace gdn2::io
