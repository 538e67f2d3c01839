// GIFs, decoded again by giflib: which pictures, for how long, and how little of each is stored.
#include "visualizer/film/gif.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "tests/support/folder.h"
#include "tests/visualizer/film/decoded_gif.h"
#include "tests/visualizer/film/pictures.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Decoded through_a_gif(const std::vector<Image>& images, int rate = 10) {
    const Folder folder;
    const auto film = open_gif(folder / "a.gif", images[0].width, images[0].height, rate);
    for (const Image& image : images) film->add(image);
    film->finish();
    CHECK(folder.files() == 1);
    return decode(folder / "a.gif");
}

TEST_CASE("pictures of up to 256 colours come back exactly") {
    for (const std::uint32_t count : {1u, 2u, 3u, 4u, 16u, 255u, 256u}) {
        CAPTURE(count);
        const std::vector<std::uint32_t> colours = distinct_colours(count);
        std::vector<Image> images{noise(37, 23, colours, 1)};
        for (int i = 0; i < 12; ++i) {
            images.push_back(images.back());
            paste(images.back(), noise(5 + i, 9, colours, 2 + static_cast<std::uint64_t>(i)), i, i);
        }
        images.push_back(noise(37, 23, colours, 99));
        if (count == 1) images.resize(1);
        const Decoded decoded = through_a_gif(images);
        REQUIRE(decoded.pictures.size() == images.size());
        for (std::size_t i = 0; i < images.size(); ++i) CHECK(decoded.pictures[i].image == images[i]);
    }
}

TEST_CASE("of more than 256 colours the common one is exact and all are near") {
    Image image = flat(100, 100, rgb(17, 18, 22));
    for (std::uint32_t i = 0; i < 4096; ++i)
        image.pixels[i] = rgb(4 * (i % 64), 4 * (i / 64), 128);  // a square of a smooth plane
    const Image seen = through_a_gif({image}).pictures.at(0).image;
    int largest = 0;
    for (std::size_t i = 0; i < image.pixels.size(); ++i)
        largest = std::max(largest, largest_difference(image.pixels[i], seen.pixels[i]));
    CHECK(mean_difference(image, seen) <= 1.2);
    CHECK(largest <= 12);  // in 256 squares of 16 x 16 it would be 8
    CHECK(seen.pixels.back() == image.pixels.back());
}

TEST_CASE("more colours than can be counted one by one are near too") {
    const Image image = noise(700, 700, distinct_colours(1u << 19), 1);
    const Image seen = through_a_gif({image}).pictures.at(0).image;
    CHECK(mean_difference(image, seen) <= 11);  // in 256 cubes of 40 it would be 10
}

TEST_CASE("delays add up to the time that was asked for") {
    const std::vector<std::uint32_t> colours = distinct_colours(4);
    std::vector<Image> images;
    for (std::uint64_t i = 0; i < 12; ++i) images.push_back(noise(9, 9, colours, i));
    const std::vector<int> twelve = through_a_gif(images, 12).hundredths();
    CHECK(twelve == std::vector<int>{8, 9, 8, 8, 9, 8, 8, 9, 8, 8, 9, 8});
    CHECK(through_a_gif(images, 50).hundredths() == std::vector<int>(12, 2));
    CHECK(through_a_gif(images, 1).hundredths() == std::vector<int>(12, 100));
}

TEST_CASE("equal pictures in a row are one that stays longer") {
    const std::vector<std::uint32_t> colours = distinct_colours(4);
    const Image a = noise(9, 9, colours, 1), b = noise(9, 9, colours, 2);
    const Decoded decoded = through_a_gif({a, a, a, b, b, a});
    CHECK(decoded.hundredths() == std::vector<int>{30, 20, 10});
    CHECK(decoded.pictures[2].image == a);
    const std::vector<Image> still(700, a);  // longer than one delay can say
    const Decoded long_one = through_a_gif(still, 1);
    CHECK(long_one.hundredths() == std::vector<int>{65500, 4500});
    CHECK(long_one.pictures[1].image == a);
    CHECK(long_one.pictures[1].rectangle.Width * long_one.pictures[1].rectangle.Height == 1);
}

TEST_CASE("only what is new is stored and pixels between are transparent") {
    const Image first = noise(40, 30, distinct_colours(8), 1);
    Image second = first;
    second.pixels[40 * 5 + 7] = second.pixels[40 * 11 + 20] = rgb(1, 2, 3);
    const Decoded decoded = through_a_gif({first, second});
    const Stored& picture = decoded.pictures.at(1);
    const GifImageDesc& at = picture.rectangle;
    CHECK((at.Left == 7 && at.Top == 5 && at.Width == 14 && at.Height == 7));
    CHECK(picture.transparent >= 0);
    CHECK(picture.image == second);
}

TEST_CASE("a GIF repeats for ever") {
    CHECK(through_a_gif({flat(3, 3, rgb(1, 2, 3))}).extensions.find(std::string("NETSCAPE2.0\1\0\0", 14)) !=
          std::string::npos);
}

TEST_CASE("where all colours are new none is left to be transparent") {
    const std::vector<std::uint32_t> colours = distinct_colours(256);
    Image first = flat(20, 20, 0), second = first;
    for (std::size_t i = 0; i < 400; ++i) {
        first.pixels[i] = colours[i % 256];
        second.pixels[i] = colours[(i < 300 ? i + 1 : i) % 256];
    }
    second.pixels[399] = colours[0];
    const Stored picture = through_a_gif({first, second}).pictures.at(1);
    CHECK(picture.transparent == NO_TRANSPARENT_COLOR);
    CHECK(picture.image == second);
}

/// Windows, a state of 16 x 16 squares of which a row is new in each picture, and text that is new in a corner.
std::vector<Image> forty_pictures_of_a_window() {
    std::vector<std::uint32_t> ramp, greys;
    for (std::uint32_t i = 0; i < 256; ++i) ramp.push_back(rgb(i, 128, 255 - i));
    for (std::uint32_t i = 0; i < 8; ++i) greys.push_back(rgb(17 + 25 * i, 18 + 25 * i, 22 + 25 * i));
    Image image = flat(1280, 800, greys[0]);
    std::vector<Image> images;
    for (std::uint64_t t = 0; t < 40; ++t) {
        const Image row = noise(16, 1, ramp, t);
        const int top = 150 + 31 * static_cast<int>(t % 16);
        int left = 200;
        for (const std::uint32_t colour : row.pixels) paste(image, flat(30, 30, colour), left += 31, top);
        paste(image, noise(300, 40, greys, t), 900, 100);
        images.push_back(image);
    }
    return images;
}

TEST_CASE("forty pictures of a window are well below a megabyte") {
    const Folder folder;
    const auto film = open_gif(folder / "a.gif", 1280, 800, 12);
    for (const Image& image : forty_pictures_of_a_window()) film->add(image);
    film->finish();
    CHECK(contents(folder / "a.gif").size() < 500'000);
}

TEST_CASE("what a GIF cannot hold is refused by name") {
    const Folder folder;
    const std::string path = folder / "a.gif";
    CHECK_THROWS_WITH_AS(open_gif(path, 2, 2, 0), doctest::Contains("a.gif`: a GIF shows 1 to 50"), Error);
    CHECK_THROWS_WITH_AS(open_gif(path, 2, 2, 51), doctest::Contains("got 51"), Error);
    CHECK_THROWS_WITH_AS(open_gif(path, 0, 2, 10), doctest::Contains("got 0 x 2"), Error);
    CHECK_THROWS_WITH_AS(open_gif(path, 2, 65536, 10), doctest::Contains("got 2 x 65536"), Error);
    const auto film = open_gif(path, 40, 40, 10, 15'000);
    for (int i = 0; i < 100; ++i) film->add(flat(40, 40, rgb(1, 2, 3)));
    film->add(noise(40, 40, distinct_colours(4), 1));
    CHECK_THROWS_WITH_AS(film->add(noise(40, 40, distinct_colours(4), 2)),
                         doctest::Contains("a.gif`: holds 15000 bytes of changed pixels after 101 pictures"), Error);
}

}  // namespace
}  // namespace gdn2::test
