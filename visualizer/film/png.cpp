// See png.h.
#include "visualizer/film/png.h"

#include <png.h>

#include <algorithm>
#include <cstddef>

#include "reference/io/new_file.h"
#include "reference/io/text.h"

namespace gdn2::viewer {
namespace {

/// libpng's own handle, whose memory is freed whatever happens.
struct Handle : png_image {
    Handle() : png_image{} { version = PNG_IMAGE_VERSION; }
    ~Handle() { png_image_free(this); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    /// After every call of libpng's. A file that it has to guess about is refused too.
    void check(int good, const std::string& what) const {
        require(good != 0 && warning_or_error == 0, what + ": " + message);
    }
};

std::vector<std::uint8_t> without_alpha(const Image& image) {
    std::vector<std::uint8_t> bytes;
    bytes.reserve(3 * image.pixels.size());
    for (const std::uint32_t pixel : image.pixels)
        for (const int shift : {0, 8, 16}) bytes.push_back(static_cast<std::uint8_t>(pixel >> shift));
    return bytes;
}

std::vector<std::byte> png_bytes(const Image& image) {
    require_whole(image);
    const std::vector<std::uint8_t> rgb = without_alpha(image);
    Handle handle;
    handle.width = static_cast<png_uint_32>(image.width);
    handle.height = static_cast<png_uint_32>(image.height);
    handle.format = PNG_FORMAT_RGB;
    std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(handle));
    png_alloc_size_t size = bytes.size();
    const int good = png_image_write_to_memory(&handle, bytes.data(), &size, 0, rgb.data(), 0, nullptr);
    handle.check(good, "cannot be written as a PNG");
    bytes.resize(size);
    return bytes;
}

Image read_opaque(const std::string& path) {
    Handle handle;
    handle.check(png_image_begin_read_from_file(&handle, path.c_str()), "cannot be read as a PNG");
    const std::uint64_t count = std::uint64_t{handle.width} * handle.height, most = 1u << 26;
    require(count <= most, "has " + std::to_string(count) + " pixels, more than " + std::to_string(most));
    Image image{static_cast<int>(handle.width), static_cast<int>(handle.height), {}};
    image.pixels.resize(count);
    handle.format = PNG_FORMAT_RGBA;
    const int good = png_image_finish_read(&handle, nullptr, image.pixels.data(), 0, nullptr);
    handle.check(good, "cannot be read as a PNG");
    const auto opaque = [](std::uint32_t pixel) { return pixel >> 24 == 0xff; };
    require(std::all_of(image.pixels.begin(), image.pixels.end(), opaque), "has transparent pixels");
    return image;
}

}  // namespace

void write_png(const std::string& path, const Image& image) {
    io::naming(path, [&] {
        io::NewFile file(path);
        file.write(png_bytes(image));
        file.commit();
    });
}

Image read_png(const std::string& path) {
    return io::naming(path, [&] { return read_opaque(path); });
}

}  // namespace gdn2::viewer
