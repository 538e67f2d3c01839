// Files put together byte by byte, well-formed unless told otherwise: what the tests of the readers damage.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gdn2::test {

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

inline std::string text_of(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// `size` bytes, the least significant first.
inline std::string little_endian(std::uint64_t number, int size) {
    std::string text;
    for (int i = 0; i < size; ++i) text += static_cast<char>(number >> (8 * i) & 255);
    return text;
}

/// A .npy of any header text, which is given a newline, and any data.
inline std::string npy(const std::string& header, const std::string& data, int version = 1) {
    return "\x93NUMPY" + little_endian(static_cast<std::uint64_t>(version), 1) + little_endian(0, 1) +
           little_endian(header.size() + 1, version == 1 ? 2 : 4) + header + "\n" + data;
}

/// A dict of the three fields as they stand in a .npy.
inline std::string dict(const std::string& descr, const std::string& shape,
                        const std::string& order = "False") {
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

/// Two f64 numbers.
inline std::string good_npy() { return npy(dict("'<f8'", "(2,)"), std::string(16, '\0')); }

/// A member of a zip. What is not given is what it should be.
struct Member {
    std::string name;
    std::string data;  ///< as it stands in the zip
    int method = 0;
    int flags = 0;
    std::optional<std::uint32_t> size{}, stored_size{}, crc{};
};

inline std::uint32_t crc32(const std::string& data) {
    std::uint32_t crc = 0xffffffff;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

/// One block of deflate that holds `data` as it is.
inline std::string deflated(const std::string& data) {
    return '\x01' + little_endian(data.size(), 2) + little_endian(~data.size(), 2) + data;
}

/// A zip of these members.
inline std::string zip(const std::vector<Member>& members) {
    std::string file, directory;
    for (const Member& member : members) {
        const std::string about =
            little_endian(20, 2) + little_endian(static_cast<std::uint64_t>(member.flags), 2) +
            little_endian(static_cast<std::uint64_t>(member.method), 2) + little_endian(0x210000, 4) +
            little_endian(member.crc.value_or(crc32(member.data)), 4) +
            little_endian(member.stored_size.value_or(member.data.size()), 4) +
            little_endian(member.size.value_or(member.data.size()), 4) +
            little_endian(member.name.size(), 2) + little_endian(0, 2);
        directory += "PK\x01\x02" + little_endian(20, 2) + about + std::string(10, '\0') +
                     little_endian(file.size(), 4) + member.name;
        file += "PK\x03\x04" + about + member.name + member.data;
    }
    const std::uint64_t count = members.size(), start = file.size();
    return file + directory + "PK\x05\x06" + std::string(4, '\0') + little_endian(count, 2) +
           little_endian(count, 2) + little_endian(directory.size(), 4) + little_endian(start, 4) +
           little_endian(0, 2);
}

/// A .npz with the one array q.
inline std::string npz(const std::string& npy) { return zip({{"q.npy", npy}}); }

/// A .safetensors of any header text and data.
inline std::string safetensors(const std::string& header, const std::string& data) {
    return little_endian(header.size(), 8) + header + data;
}

/// The header of one tensor, without the braces around all.
inline std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape,
                          int begin, int end) {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[" +
           std::to_string(begin) + "," + std::to_string(end) + "]}";
}

}  // namespace gdn2::test
