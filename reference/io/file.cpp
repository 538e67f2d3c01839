// See file.h.
#include "reference/io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reference/io/new_file.h"
#include "reference/io/safetensors.h"
#include "reference/io/text.h"

namespace gdn2::io {
namespace {

std::string because() {
    return std::strerror(errno);
}

/// An open file.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

private:
    int number_;
};

/// A file's bytes as memory, read page by page as they are looked at: sizes are checked against the whole
/// file without holding it twice.
class Mapping {
public:
    Mapping(const Descriptor& file, std::size_t size)
        : size_(size), start_(::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number(), 0)) {
        require(start_ != MAP_FAILED, "cannot be read: " + because());
    }
    ~Mapping() { ::munmap(start_, size_); }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;

    std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(start_), size_}; }

private:
    std::size_t size_;
    void* start_;
};

bool starts_with(std::span<const std::byte> bytes, std::string_view magic) {
    return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

Archive parse_by_content(std::span<const std::byte> bytes) {
    require(!bytes.empty(), "is empty");
    require(!starts_with(bytes, "\x93NUMPY"), "is a single .npy array; several go into a .npz (numpy.savez)");
    if (starts_with(bytes, "PK")) return parse_npz(bytes);
    const bool plausible = bytes.size() <= 8 || bytes[8] == std::byte{'{'};
    require(bytes.size() >= 8, "too short for a .npz or a .safetensors: " + std::to_string(bytes.size()) +
                                   (bytes.size() == 1 ? " byte" : " bytes"));
    require(plausible, "is neither a .npz nor a .safetensors (whose header would start with { at byte 8)");
    return parse_safetensors(bytes);
}

Archive read_regular_file(const std::string& path) {
    // Without waiting: opening a pipe would otherwise block until somebody writes to it.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    require(file.number() >= 0, "cannot be opened: " + because());
    struct stat status {};
    require(::fstat(file.number(), &status) == 0, "cannot be examined: " + because());
    require(!S_ISDIR(status.st_mode), "is a directory");
    require(S_ISREG(status.st_mode), "is not a regular file");
    require(status.st_size > 0, "is empty");
    return parse_by_content(Mapping(file, static_cast<std::size_t>(status.st_size)).bytes());
}

void write_regular_file(const std::string& path, const Archive& archive, Compression compression) {
    const bool npz = path.ends_with(".npz"), safetensors = path.ends_with(".safetensors");
    require(npz || safetensors, "must end in .npz or .safetensors to be written");
    NewFile file(path);
    file.write(npz ? npz_bytes(archive, compression) : safetensors_bytes(archive));
    file.commit();
}

}  // namespace

Archive parse_archive(std::span<const std::byte> bytes, const std::string& file) {
    return naming(file, [&] { return parse_by_content(bytes); });
}

Archive read_file(const std::string& path) {
    return naming(path, [&] { return read_regular_file(path); });
}

void write_file(const std::string& path, const Archive& archive, Compression compression) {
    naming(path, [&] { write_regular_file(path, archive, compression); });
}

}  // namespace gdn2::io
