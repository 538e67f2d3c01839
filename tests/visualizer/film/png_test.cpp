// Pictures as PNG files: what is written is read again, and nothing damaged is.
#include "visualizer/film/png.h"

#include <doctest/doctest.h>

#include <string_view>

#include "tests/support/folder.h"
#include "tests/visualizer/film/pictures.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Packed by Python's struct and zlib: red and green above blue and (1, 2, 3); and one pixel, half of it red.
constexpr std::string_view four_pixels =
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001349444154789c63f8cfc0c000c20cff"
    "1999980119fe0304799b50a80000000049454e44ae426082";
constexpr std::string_view half_a_pixel =
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0d000000481"
    "01802c55ceb00000000049454e44ae426082";

std::string from_hexadecimal(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return bytes;
}

void save(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string message_of_reading(const std::string& path) {
    try {
        read_png(path);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("a picture of any size comes back from its PNG as it was") {
    const Folder folder;
    const std::vector<std::uint32_t> colours = distinct_colours(1u << 20);
    for (const auto& [width, height] : {std::pair{1, 1}, {1, 7}, {7, 1}, {33, 17}, {640, 200}}) {
        const Image image = noise(width, height, colours, 1);
        write_png(folder / "a.png", image);
        CHECK(read_png(folder / "a.png") == image);
    }
    CHECK(folder.files() == 1);
}

TEST_CASE("a PNG made elsewhere has its rows from the top down and its bytes in the order R G B A") {
    const Folder folder;
    save(folder / "a.png", from_hexadecimal(four_pixels));
    const Image image{2, 2, {rgb(255, 0, 0), rgb(0, 255, 0), rgb(0, 0, 255), rgb(1, 2, 3)}};
    CHECK(read_png(folder / "a.png") == image);
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(&image.pixels[3]);
    CHECK((bytes[0] == 1 && bytes[1] == 2 && bytes[2] == 3 && bytes[3] == 255));
}

TEST_CASE("a damaged PNG is refused wherever it is damaged") {
    const Folder folder;
    const std::string path = folder / "a.png";
    write_png(path, noise(5, 4, distinct_colours(20), 1));
    const std::string good = contents(path);
    const auto refused = [&](const std::string& bytes) {
        save(path, bytes);
        return message_of_reading(path).starts_with("`" + path + "`: cannot be read as a PNG: ");
    };
    constexpr std::size_t end_mark = 12;  // says nothing of the pixels before it
    for (std::size_t i = 0; i < good.size() - end_mark; ++i) {
        CAPTURE(i);
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ 0x10);
        CHECK(refused(bad));
        CHECK(refused(good.substr(0, i)));
    }
}

TEST_CASE("what is no opaque PNG is refused") {
    const Folder folder;
    save(folder / "text.png", "not a picture");
    CHECK(message_of_reading(folder / "text.png").find("Not a PNG") != std::string::npos);
    CHECK(message_of_reading(folder / "none.png").find("No such file") != std::string::npos);
    CHECK(message_of_reading(folder / "").starts_with("`" + folder / "" + "`: "));
    save(folder / "half.png", from_hexadecimal(half_a_pixel));
    CHECK(message_of_reading(folder / "half.png").ends_with("has transparent pixels"));
}

TEST_CASE("a PNG that cannot be written says why and leaves what was there") {
    const Folder folder;
    const std::string path = folder / "a.png";
    save(path, "old");
    const Image image = noise(100, 100, distinct_colours(10000), 1);
    CHECK_THROWS_WITH_AS(write_png(folder / "none/a.png", image), doctest::Contains("none/a.png`: cannot be written"),
                         Error);
    const Image too_few{2, 2, {1, 2, 3}};
    CHECK_THROWS_WITH_AS(write_png(path, too_few), doctest::Contains("a.png`: a picture of 2 x 2 got 3"), Error);
    CHECK_THROWS_WITH_AS(write_png(path, {}), doctest::Contains("at least one pixel"), Error);
    {
        const FullDisk disk(1000);
        CHECK_THROWS_WITH_AS(write_png(path, image), doctest::Contains("a.png`: cannot be written: File too"), Error);
    }
    CHECK(contents(path) == "old");
    CHECK(folder.files() == 1);
}

}  // namespace
}  // namespace gdn2::test
