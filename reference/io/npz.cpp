// See npz.h.
#include "reference/io/npz.h"

#include <zip.h>

#include <algorithm>
#include <memory>

#include "reference/io/npy.h"
#include "reference/io/text.h"

namespace gdn2::io {
namespace {

// Deflate cannot expand more than 1032 times, but overlapping members can repeat that; honest files of this
// kind are mostly noise. A short file may hold a few large arrays of zeros, hence the constant.
constexpr std::uint64_t expansion_floor = std::uint64_t{256} << 20;
constexpr std::uint64_t expansion_factor = 200;
constexpr std::uint64_t deflate_factor = 1032;
constexpr std::size_t piece = std::size_t{1} << 20;

struct DiscardZip {
    void operator()(zip_t* zip) const { zip_discard(zip); }
};
struct CloseMember {
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct FreeSource {
    void operator()(zip_source_t* source) const { zip_source_free(source); }
};
using Zip = std::unique_ptr<zip_t, DiscardZip>;
using MemberFile = std::unique_ptr<zip_file_t, CloseMember>;
using Source = std::unique_ptr<zip_source_t, FreeSource>;

/// libzip's words for an error.
class ZipError {
public:
    ZipError() { zip_error_init(&error_); }
    ~ZipError() { zip_error_fini(&error_); }
    ZipError(const ZipError&) = delete;
    ZipError& operator=(const ZipError&) = delete;

    zip_error_t* get() { return &error_; }
    int code() { return zip_error_code_zip(&error_); }
    std::string text() { return zip_error_strerror(&error_); }

private:
    zip_error_t error_{};
};

struct Member {
    std::string name;  ///< as in the zip: "q.npy"
    std::uint64_t index = 0, size = 0, stored_size = 0;
};

bool leaves_folder(const std::string& name) {
    if (name.starts_with('/') || name.find('\\') != std::string::npos) return true;
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        if (name.substr(start, end - start) == "..") return true;
        start = end + 1;
    }
    return false;
}

void require_member_name(const std::string& name) {
    require(!leaves_folder(name), quote(name) + ": a name in a .npz may not leave its folder");
    require(name.ends_with(".npy") && name.size() > 4,
            quote(name) + " is not a .npy array; a .npz holds nothing else");
    require(name.find('\0') == std::string::npos, quote(name) + ": a name may not hold a zero byte");
}

/// What the zip's directory says of a member, checked against what its bytes can hold.
Member inspect(zip_t* zip, std::uint64_t index) {
    zip_stat_t stat;
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                    ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    const bool known = zip_stat_index(zip, index, 0, &stat) == 0 && (stat.valid & needed) == needed;
    require(known, "the zip does not describe its member number " + std::to_string(index));
    Member member{stat.name, index, stat.size, stat.comp_size};
    require_member_name(member.name);
    require(stat.encryption_method == ZIP_EM_NONE, quote(member.name) + " is encrypted");
    require(stat.comp_method == ZIP_CM_STORE || stat.comp_method == ZIP_CM_DEFLATE,
            quote(member.name) + " is compressed by method " + std::to_string(stat.comp_method) +
                "; stored and deflated are read");
    const std::uint64_t factor = stat.comp_method == ZIP_CM_STORE ? 1 : deflate_factor;
    require(member.size / factor <= member.stored_size,
            quote(member.name) + " declares " + std::to_string(member.size) + " bytes, more than its " +
                std::to_string(member.stored_size) + " can hold");
    return member;
}

/// Checks the directory as a whole before anything is read.
std::vector<Member> inspect_all(zip_t* zip, std::uint64_t file_size) {
    const zip_int64_t count = zip_get_num_entries(zip, 0);
    require(count >= 0, "the zip has no directory");
    std::vector<Member> members;
    std::uint64_t left = expansion_floor + expansion_factor * file_size;
    for (zip_int64_t index = 0; index < count; ++index) {
        members.push_back(inspect(zip, static_cast<std::uint64_t>(index)));
        require(members.back().size <= left, "the zip expands to more than " +
                                                 std::to_string(expansion_factor) +
                                                 " times its size; save it uncompressed");
        left -= members.back().size;
    }
    return members;
}

[[noreturn]] void fail_reading(zip_file_t* file, const Member& member) {
    throw Error(quote(member.name) + " cannot be read: " + zip_error_strerror(zip_file_get_error(file)));
}

/// Appends the next `size` bytes to `bytes`, in pieces.
void read_exactly(zip_file_t* file, std::uint64_t size, std::vector<std::byte>& bytes, const Member& member) {
    while (size > 0) {
        const std::size_t before = bytes.size();
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, piece));
        bytes.resize(before + wanted);
        const zip_int64_t got = zip_fread(file, bytes.data() + before, wanted);
        if (got < 0) fail_reading(file, member);
        require(got > 0, quote(member.name) + " ends " + std::to_string(size) + " bytes early");
        bytes.resize(before + static_cast<std::size_t>(got));
        size -= static_cast<std::uint64_t>(got);
    }
}

/// At the end libzip compares the checksum.
void require_end(zip_file_t* file, const Member& member) {
    std::byte byte;
    const zip_int64_t got = zip_fread(file, &byte, 1);
    if (got < 0) fail_reading(file, member);
    require(got == 0, quote(member.name) + " is longer than the zip declares");
}

Array read_member(zip_t* zip, const Member& member) {
    const MemberFile file(zip_fopen_index(zip, member.index, 0));
    require(file != nullptr, quote(member.name) + " cannot be opened: " + zip_strerror(zip));
    std::vector<std::byte> bytes;
    read_exactly(file.get(), std::min<std::uint64_t>(member.size, npy_header_limit), bytes, member);
    const NpyHeader header = parse_npy_header(bytes, member.size, member.name);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<Index>(header.data_offset));
    bytes.reserve(header.data_size);
    read_exactly(file.get(), header.data_size - bytes.size(), bytes, member);
    require_end(file.get(), member);
    return npy_array(header, std::move(bytes));
}

/// Adds the array without copying it: `start` and the entry must outlive the closing of `zip`.
void add_member(zip_t* zip, const Archive::Entry& entry, const std::string& start, Compression compression) {
    const std::string name = entry.name + ".npy";
    // libzip takes what it only reads as non-const.
    const auto fragment = [](const void* data, std::size_t size) {
        return zip_buffer_fragment_t{static_cast<zip_uint8_t*>(const_cast<void*>(data)), size};
    };
    const zip_buffer_fragment_t parts[] = {fragment(start.data(), start.size()),
                                           fragment(entry.array.bytes.data(), entry.array.bytes.size())};
    zip_source_t* source = zip_source_buffer_fragment(zip, parts, entry.array.bytes.empty() ? 1 : 2, 0);
    const zip_int64_t index = source ? zip_file_add(zip, name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0 && source) zip_source_free(source);
    require(index >= 0, quote(name) + " cannot be added: " + zip_strerror(zip));
    const auto method = compression == Compression::stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), method, 0);
    constexpr zip_uint16_t first_day_of_1980 = 0x21;  // no clock: equal archives are equal files
    zip_file_set_dostime(zip, static_cast<zip_uint64_t>(index), 0, first_day_of_1980, 0);
}

std::vector<std::byte> contents(zip_source_t* source) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    const bool sized = zip_source_stat(source, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE) != 0;
    require(sized && zip_source_open(source) == 0, "the finished zip cannot be read back");
    std::vector<std::byte> bytes(stat.size);
    const zip_int64_t got = zip_source_read(source, bytes.data(), bytes.size());
    zip_source_close(source);
    require(got == static_cast<zip_int64_t>(bytes.size()), "the finished zip cannot be read back");
    return bytes;
}

}  // namespace

Archive parse_npz(std::span<const std::byte> bytes) {
    ZipError error;
    Source source(zip_source_buffer_create(bytes.data(), bytes.size(), 0, error.get()));
    require(source != nullptr, "not a readable zip: " + error.text());
    const Zip zip(zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
    require(error.code() != ZIP_ER_EXISTS, "the zip holds two members of the same name");
    require(zip != nullptr, "not a whole zip (cut short?): " + error.text());
    (void)source.release();  // zip owns it now

    Archive archive;
    for (const Member& member : inspect_all(zip.get(), bytes.size()))
        archive.add(member.name.substr(0, member.name.size() - 4), read_member(zip.get(), member));
    return archive;
}

std::vector<std::byte> npz_bytes(const Archive& archive, Compression compression) {
    require(archive.metadata.empty(), "an .npz has no place for metadata; write .safetensors");
    require(archive.size() > 0, "an .npz without arrays is not written");
    std::vector<std::string> starts;
    for (const auto& [name, array] : archive.entries()) {
        require_member_name(name + ".npy");
        starts.push_back(npy_start(array, name));
    }
    ZipError error;
    const Source source(zip_source_buffer_create(nullptr, 0, 0, error.get()));
    require(source != nullptr, "no zip can be made: " + error.text());
    zip_source_keep(source.get());  // one for zip, one for reading it afterwards
    Zip zip(zip_open_from_source(source.get(), ZIP_TRUNCATE, error.get()));
    if (zip == nullptr) zip_source_free(source.get());
    require(zip != nullptr, "no zip can be made: " + error.text());
    for (std::size_t i = 0; i < starts.size(); ++i)
        add_member(zip.get(), archive.entries()[i], starts[i], compression);
    require(zip_close(zip.get()) == 0, std::string("the zip cannot be finished: ") + zip_strerror(zip.get()));
    static_cast<void>(zip.release());  // zip_close freed it
    return contents(source.get());
}

}  // namespace gdn2::io
