// See gif_writer.h.
#include "visualizer/film/gif_writer.h"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>
#include <utility>

#include "reference/core/error.h"

namespace gdn2::viewer {
namespace {

/// giflib's output, which no exception may pass.
int append(GifFileType* gif, const GifByteType* bytes, int count) {
    try {
        auto& all = *static_cast<std::vector<std::byte>*>(gif->UserData);
        const auto* first = reinterpret_cast<const std::byte*>(bytes);
        all.insert(all.end(), first, first + count);
        return count;
    } catch (const std::bad_alloc&) {
        return 0;
    }
}

void require_written(bool good, int code) {
    const char* why = good ? nullptr : GifErrorString(code);
    require(good, std::string("cannot be written as a GIF: ") + (why != nullptr ? why : "giflib does not say why"));
}

GifColorType colour_of(std::uint32_t pixel) {
    const auto byte = [&](int shift) { return static_cast<GifByteType>(pixel >> shift & 0xff); };
    return {byte(0), byte(8), byte(16)};
}

/// The least one that holds all the pixels that differ, or one pixel: a GIF has no empty ones.
Rectangle around_changes(std::span<const std::uint8_t> before, std::span<const std::uint8_t> after, int width,
                         int height) {
    int left = width, right = -1, top = height, bottom = -1;
    for (int y = 0; y < height; ++y) {
        const auto row = static_cast<std::ptrdiff_t>(y) * width;
        const auto a = before.begin() + row, b = after.begin() + row;
        const auto first = static_cast<int>(std::mismatch(a, a + width, b).first - a);
        if (first == width) continue;
        int last = width - 1;
        while (a[last] == b[last]) --last;
        left = std::min(left, first);
        right = std::max(right, last);
        top = std::min(top, y);
        bottom = y;
    }
    return right < 0 ? Rectangle{0, 0, 1, 1} : Rectangle{left, top, right - left + 1, bottom - top + 1};
}

std::vector<std::uint8_t> cut_out(std::span<const std::uint8_t> picture, int width, const Rectangle& rectangle) {
    std::vector<std::uint8_t> pixels;
    for (int y = rectangle.top; y < rectangle.top + rectangle.height; ++y) {
        const auto row = picture.begin() + static_cast<std::ptrdiff_t>(y) * width + rectangle.left;
        pixels.insert(pixels.end(), row, row + rectangle.width);
    }
    return pixels;
}

/// Makes what did not change transparent, which repeats more often, by an index that no other pixel needs: the one
/// returned, if there is one.
int hide_unchanged(std::vector<std::uint8_t>& after, const std::vector<std::uint8_t>& before, int colours) {
    std::array<bool, 256> needed{};
    for (std::size_t i = 0; i < after.size(); ++i)
        if (after[i] != before[i]) needed[after[i]] = true;
    const auto spare = std::find(needed.begin(), needed.begin() + colours, false) - needed.begin();
    if (spare == colours) return NO_TRANSPARENT_COLOR;
    for (std::size_t i = 0; i < after.size(); ++i)
        if (after[i] == before[i]) after[i] = static_cast<std::uint8_t>(spare);
    return static_cast<int>(spare);
}

}  // namespace

GifWriter::GifWriter(io::NewFile& file, int width, int height, std::span<const std::uint32_t> palette)
    : file_(file), width_(width), height_(height) {
    const int wanted = std::min(static_cast<int>(palette.size()) + 1, 256);  // one for what is transparent
    colours_ = 1 << GifBitSize(wanted);
    int why = 0;
    gif_.reset(EGifOpen(&bytes_, append, &why));
    require_written(gif_ != nullptr, why);
    put_header(palette);
}

void GifWriter::Close::operator()(GifFileType* gif) const { EGifCloseFile(gif, nullptr); }

void GifWriter::check(bool good) const { require_written(good, gif_->Error); }

void GifWriter::put_header(std::span<const std::uint32_t> palette) {
    std::array<GifColorType, 256> colours{};
    std::transform(palette.begin(), palette.end(), colours.begin(), colour_of);
    const std::unique_ptr<ColorMapObject, void (*)(ColorMapObject*)> map(
        GifMakeMapObject(colours_, colours.data()), GifFreeMapObject);
    require(map != nullptr, "needs more memory than there is");
    EGifSetGifVersion(gif_.get(), true);
    check(EGifPutScreenDesc(gif_.get(), width_, height_, 8, 0, map.get()) == GIF_OK);
    constexpr std::array<GifByteType, 3> for_ever{1, 0, 0};
    check(EGifPutExtensionLeader(gif_.get(), APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
          EGifPutExtensionBlock(gif_.get(), 11, "NETSCAPE2.0") == GIF_OK &&
          EGifPutExtensionBlock(gif_.get(), for_ever.size(), for_ever.data()) == GIF_OK &&
          EGifPutExtensionTrailer(gif_.get()) == GIF_OK);
}

void GifWriter::add(std::span<const std::uint8_t> indices, int hundredths) {
    if (shown_.empty()) {
        put({0, 0, width_, height_}, {indices.begin(), indices.end()}, NO_TRANSPARENT_COLOR, hundredths);
    } else {
        const Rectangle rectangle = around_changes(shown_, indices, width_, height_);
        std::vector<std::uint8_t> pixels = cut_out(indices, width_, rectangle);
        const int transparent = hide_unchanged(pixels, cut_out(shown_, width_, rectangle), colours_);
        put(rectangle, std::move(pixels), transparent, hundredths);
    }
    shown_.assign(indices.begin(), indices.end());
}

void GifWriter::put(const Rectangle& rectangle, std::vector<std::uint8_t> pixels, int transparent, int hundredths) {
    const GraphicsControlBlock control{DISPOSE_DO_NOT, false, hundredths, transparent};
    std::array<GifByteType, 4> extension;
    const auto size = static_cast<int>(EGifGCBToExtension(&control, extension.data()));
    const auto& [left, top, width, height] = rectangle;
    check(EGifPutExtension(gif_.get(), GRAPHICS_EXT_FUNC_CODE, size, extension.data()) == GIF_OK &&
          EGifPutImageDesc(gif_.get(), left, top, width, height, false, nullptr) == GIF_OK);
    for (int y = 0; y < height; ++y)
        check(EGifPutLine(gif_.get(), pixels.data() + static_cast<std::ptrdiff_t>(y) * width, width) == GIF_OK);
    file_.write(std::exchange(bytes_, {}));
}

void GifWriter::finish() {
    int why = 0;
    const int good = EGifCloseFile(gif_.release(), &why);
    require_written(good == GIF_OK, why);
    file_.write(bytes_);
}

}  // namespace gdn2::viewer
