// See gif.h.
#include "visualizer/film/gif.h"

#include <algorithm>
#include <utility>

#include "reference/io/text.h"
#include "visualizer/film/change.h"
#include "visualizer/film/gif_writer.h"

namespace gdn2::viewer {
namespace {

constexpr std::int64_t longest_delay = 65535;  // hundredths of a second

class Gif final : public Film {
public:
    Gif(const std::string& path, int width, int height, int rate, std::size_t most_bytes)
        : path_(path), file_(path), width_(width), height_(height), rate_(rate), most_bytes_(most_bytes) {}

    void add(const Image& image) override {
        io::naming(path_, [&] { remember(image); });
    }
    void finish() override {
        io::naming(path_, [&] { write(); });
    }

private:
    /// When a picture is first seen, in hundredths of a second: rates that do not divide 100 are right on average.
    std::int64_t time_of(std::int64_t picture) const { return (200 * picture + rate_) / (2 * rate_); }

    void remember(const Image& image) {
        require_size(image, width_, height_);
        Change change = change_between(last_, image.pixels);
        const bool same = change.runs.empty() && !starts_.empty() &&
                          time_of(pictures_ + 1) - time_of(starts_.back()) <= longest_delay;
        if (!same) {
            bytes_ += bytes_of(change);
            require(bytes_ <= most_bytes_, "holds " + std::to_string(most_bytes_) + " bytes of changed pixels after " +
                                               std::to_string(pictures_) + " pictures; make fewer or smaller ones");
            starts_.push_back(pictures_);
            changes_.push_back(std::move(change));
        }
        last_ = image.pixels;
        ++pictures_;
    }

    void write() {
        require(pictures_ > 0, "a film needs at least one picture");
        const std::vector<std::uint32_t> palette = make_palette(count_colours(changes_), 256);
        Nearest nearest(palette);
        std::vector<std::uint8_t> indices(last_.size());
        GifWriter writer(file_, width_, height_, palette);
        starts_.push_back(pictures_);
        for (std::size_t i = 0; i < changes_.size(); ++i) {
            paint(changes_[i], nearest, indices);
            writer.add(indices, static_cast<int>(time_of(starts_[i + 1]) - time_of(starts_[i])));
        }
        writer.finish();
        file_.commit();
    }

    std::string path_;
    io::NewFile file_;
    int width_, height_, rate_;
    std::size_t most_bytes_, bytes_ = 0;
    std::vector<std::uint32_t> last_;   ///< the last picture
    std::vector<Change> changes_;
    std::vector<std::int64_t> starts_;  ///< the number of the picture that came with each change
    std::int64_t pictures_ = 0;
};

}  // namespace

std::unique_ptr<Film> open_gif(const std::string& path, int width, int height, int frames_per_second,
                               std::size_t most_bytes) {
    return io::naming(path, [&]() -> std::unique_ptr<Film> {
        require(1 <= frames_per_second && frames_per_second <= 50,
                "a GIF shows 1 to 50 pictures a second, got " + std::to_string(frames_per_second));
        const bool fits = 0 < width && width <= 65535 && 0 < height && height <= 65535;
        require(fits, "a GIF is 1 to 65535 pixels wide and high, got " + size_text(width, height));
        return std::make_unique<Gif>(path, width, height, frames_per_second, most_bytes);
    });
}

}  // namespace gdn2::viewer
