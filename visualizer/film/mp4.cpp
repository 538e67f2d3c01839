// See mp4.h.
#include "visualizer/film/mp4.h"

#include <algorithm>
#include <span>
#include <vector>

#include "reference/io/new_file.h"
#include "reference/io/text.h"
#include "visualizer/film/program.h"

namespace gdn2::viewer {
namespace {

int even(int size) { return size + size % 2; }

std::string ffmpeg_program() {
    std::string path = find_program("ffmpeg");
    require(!path.empty(), "the program ffmpeg, which .mp4 needs, is not on PATH; .gif works without it");
    return path;
}

/// "file:" keeps ffmpeg from taking a path for an option or a protocol.
std::vector<std::string> ffmpeg_arguments(const std::string& path, int width, int height, int rate) {
    const std::string size = std::to_string(even(width)) + "x" + std::to_string(even(height));
    return {"-loglevel", "error", "-nostdin", "-xerror", "-y",                                         //
            "-f", "rawvideo", "-pixel_format", "rgba", "-video_size", size,                            //
            "-framerate", std::to_string(rate), "-i", "pipe:0",                                        //
            "-vf", "scale=out_color_matrix=bt709:out_range=tv", "-pix_fmt", "yuv420p", "-crf", "18",   //
            "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",                //
            "-movflags", "+faststart", "-f", "mp4", "file:" + path};
}

class Mp4 final : public Film {
public:
    Mp4(const std::string& path, int width, int height, int rate)
        : path_(path), width_(width), height_(height), file_(path),
          ffmpeg_(ffmpeg_program(), ffmpeg_arguments(file_.partial(), width, height, rate)) {}

    void add(const Image& image) override {
        io::naming(path_, [&] {
            require_size(image, width_, height_);
            const std::vector<std::uint32_t> pixels = with_even_sides(image);
            ffmpeg_.write(std::as_bytes(std::span(pixels)));
            any_ = true;
        });
    }

    void finish() override {
        io::naming(path_, [&] {
            require(any_, "a film needs at least one picture");
            ffmpeg_.finish();
            file_.commit();
        });
    }

private:
    std::vector<std::uint32_t> with_even_sides(const Image& image) const {
        std::vector<std::uint32_t> pixels;
        pixels.reserve(static_cast<std::size_t>(even(width_)) * static_cast<std::size_t>(even(height_)));
        for (int y = 0; y < even(height_); ++y) {
            const auto row = image.pixels.begin() + static_cast<std::ptrdiff_t>(std::min(y, height_ - 1)) * width_;
            pixels.insert(pixels.end(), row, row + width_);
            if (width_ % 2 == 1) pixels.push_back(row[width_ - 1]);
        }
        return pixels;
    }

    std::string path_;
    int width_, height_;
    io::NewFile file_;
    Program ffmpeg_;  // ends before its file vanishes
    bool any_ = false;
};

}  // namespace

std::unique_ptr<Film> open_mp4(const std::string& path, int width, int height, int frames_per_second) {
    return io::naming(path, [&]() -> std::unique_ptr<Film> {
        require(1 <= frames_per_second && frames_per_second <= 1000,
                "an MP4 shows 1 to 1000 pictures a second, got " + std::to_string(frames_per_second));
        require(width > 0 && height > 0, "a picture has at least one pixel, got " + size_text(width, height));
        return std::make_unique<Mp4>(path, width, height, frames_per_second);
    });
}

}  // namespace gdn2::viewer
