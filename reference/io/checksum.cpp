// See checksum.h.
#include "reference/io/checksum.h"

#include <zlib.h>

#include <nlohmann/json.hpp>

#include "reference/io/text.h"

namespace gdn2::io {
namespace {

using nlohmann::json;

constexpr const char* metadata_name = "__metadata__";  // which no array can have

class Crc32 {
public:
    void add(std::span<const std::byte> bytes) {
        value_ = crc32_z(value_, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    }
    /// With its end, so that "ab", "c" is not "a", "bc".
    void add(const std::string& text) { add(std::as_bytes(std::span(text.c_str(), text.size() + 1))); }

    std::string hexadecimal() const {
        constexpr const char* digits = "0123456789abcdef";
        std::string text;
        for (int shift = 28; shift >= 0; shift -= 4) text += digits[value_ >> shift & 15];
        return text;
    }

private:
    uLong value_ = crc32_z(0, nullptr, 0);
};

std::string checksum_of(const Archive::Entry& entry) {
    Crc32 crc;
    crc.add(entry.name);
    crc.add(std::string(name_of(entry.array.dtype)));
    crc.add(to_string(entry.array.shape));
    crc.add(entry.array.bytes);
    return crc.hexadecimal();
}

std::string checksum_of(const std::map<std::string, std::string>& metadata) {
    Crc32 crc;
    for (const auto& [key, value] : metadata) {
        if (key == checksums_key) continue;
        crc.add(key);
        crc.add(value);
    }
    return crc.hexadecimal();
}

/// Whether `checksums` has this one.
bool has(const json& checksums, const std::string& name, const std::string& checksum) {
    const auto found = checksums.find(name);
    return found != checksums.end() && *found == checksum;
}

}  // namespace

std::string checksums_of(const Archive& archive) {
    json checksums{{metadata_name, checksum_of(archive.metadata)}};
    for (const Archive::Entry& entry : archive.entries()) checksums[entry.name] = checksum_of(entry);
    return checksums.dump();
}

void require_checksums(const Archive& archive, const std::string& checksums) {
    const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= 1; };
    const json expected = json::parse(checksums, shallow, false);
    const std::string key = quote(checksums_key);
    require(expected.is_object(), "the metadata's " + key + " is no JSON object");
    const auto damaged = [&](const std::string& what) {
        return what + " is not what its checksum says: damaged, or changed on purpose without removing " + key +
               " from the metadata";
    };
    for (const Archive::Entry& entry : archive.entries())
        require(has(expected, entry.name, checksum_of(entry)), damaged(quote(entry.name)));
    require(has(expected, metadata_name, checksum_of(archive.metadata)), damaged("the metadata"));
    for (const auto& [name, checksum] : expected.items())
        require(name == metadata_name || archive.find(name) != nullptr, "missing tensor " + quote(name));
}

}  // namespace gdn2::io
