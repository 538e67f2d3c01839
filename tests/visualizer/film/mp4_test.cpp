// MP4s, decoded again by ffmpeg; and what is said where ffmpeg is missing or fails.
#include "visualizer/film/mp4.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <cmath>

#include "tests/support/folder.h"
#include "tests/visualizer/film/pictures.h"
#include "tests/visualizer/film/search_path.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// A program that is not ffmpeg, in a folder to be PATH.
void write_program(const std::string& path, const std::string& lines) {
    std::ofstream(path) << "#!/bin/sh\n" << lines << "\n";
    REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

/// The message of the Error that making a film of large pictures ends in.
std::string message_of_filming(const std::string& path) {
    try {
        const auto film = open_mp4(path, 640, 480, 10);
        for (int i = 0; i < 20; ++i) film->add(flat(640, 480, rgb(1, 2, 3)));
        film->finish();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

std::vector<Image> decode(const std::string& path, int width, int height) {
    const std::string raw = path + ".raw";
    const std::string command =
        "ffmpeg -v error -i '" + path + "' -f rawvideo -pix_fmt rgba '" + raw + "' 2>&1";
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string bytes = contents(raw);
    const std::size_t size = 4 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
    REQUIRE(bytes.size() % size == 0);
    std::vector<Image> images;
    for (std::size_t at = 0; at < bytes.size(); at += size) {
        images.push_back(flat(width, height, 0));
        std::copy_n(bytes.data() + at, size, reinterpret_cast<char*>(images.back().pixels.data()));
    }
    return images;
}

/// Flat colours, then greys that grow from row to row and from column to column.
std::vector<Image> odd_pictures() {
    constexpr int size = 33;
    std::vector<Image> images;
    for (const std::uint32_t colour : {rgb(220, 30, 30), rgb(30, 220, 30), rgb(30, 30, 220), rgb(17, 18, 22)})
        images.push_back(flat(size, size, colour));
    Image rows = flat(size, size, 0), columns = rows;
    for (std::uint32_t i = 0; i < size * size; ++i) {
        const std::uint32_t y = 7 * (i / size), x = 7 * (i % size);
        rows.pixels[i] = rgb(y, y, y);
        columns.pixels[i] = rgb(x, x, x);
    }
    images.insert(images.end(), {rows, columns});
    return images;
}

TEST_CASE("every picture is in an MP4 in its colours and odd sides have their last column and row twice") {
    if (skipped_without_ffmpeg()) return;
    const Folder folder;
    const std::vector<Image> images = odd_pictures();
    const auto film = open_mp4(folder / "a.mp4", 33, 33, 12);
    for (const Image& image : images) film->add(image);
    film->finish();
    const std::vector<Image> seen = decode(folder / "a.mp4", 34, 34);
    REQUIRE(seen.size() == images.size());
    for (std::size_t i = 0; i < images.size(); ++i)
        for (std::size_t y = 0; y < 34; ++y)
            for (std::size_t x = 0; x < 34; ++x) {
                const std::uint32_t expected = images[i].pixels[33 * std::min<std::size_t>(y, 32) +
                                                                std::min<std::size_t>(x, 32)];
                const int difference = largest_difference(seen[i].pixels[34 * y + x], expected);
                CHECK(difference <= 4);  // the colours of BT.601 would be off by 20, a row by 7
            }
}

TEST_CASE("a path may look like an option or a protocol of ffmpeg") {
    if (skipped_without_ffmpeg()) return;
    const Folder folder;
    const std::filesystem::path before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    for (const std::string name : {"-y.mp4", "http:it's.mp4"}) {
        const auto film = open_mp4(name, 2, 2, 12);
        film->add(flat(2, 2, rgb(1, 2, 3)));
        CHECK_NOTHROW(film->finish());
    }
    std::filesystem::current_path(before);
    CHECK(folder.files() == 2);
}

TEST_CASE("without ffmpeg an MP4 is refused and told to be a GIF instead") {
    const Folder folder;
    const SearchPath nowhere("");
    CHECK(message_of_filming(folder / "a.mp4") ==
          "`" + folder / "a.mp4" + "`: the program ffmpeg, which .mp4 needs, is not on PATH; .gif works without it");
    CHECK(folder.files() == 0);
}

TEST_CASE("a program is looked for along PATH and must be an executable file") {
    const Folder first, second;
    write_program(second / "ffmpeg", "");
    const SearchPath path(":" + first / "none" + "::" + first.path() + ":" + second.path());
    CHECK(find_program("ffmpeg") == second / "ffmpeg");
    std::ofstream(first / "ffmpeg") << "no program";
    CHECK(find_program("ffmpeg") == second / "ffmpeg");
    std::filesystem::remove(first / "ffmpeg");
    std::filesystem::create_directory(first / "ffmpeg");
    CHECK(find_program("ffmpeg") == second / "ffmpeg");
    CHECK(find_program("no such program").empty());
}

TEST_CASE("when ffmpeg stops or fails its last complaint is told and nothing is left") {
    const Folder folder, programs;
    const SearchPath path(programs.path());
    write_program(programs / "ffmpeg", "echo first >&2; echo 'no such encoder' >&2; exit 1");
    CHECK(message_of_filming(folder / "a.mp4") == "`" + folder / "a.mp4" + "`: ffmpeg stopped: no such encoder");
    write_program(programs / "ffmpeg", "/bin/cat > /dev/null; echo 'no space' >&2; exit 1");
    CHECK(message_of_filming(folder / "a.mp4") == "`" + folder / "a.mp4" + "`: ffmpeg failed: no space");
    write_program(programs / "ffmpeg", "exec 0<&-; kill -9 $$");
    CHECK(message_of_filming(folder / "a.mp4") == "`" + folder / "a.mp4" + "`: ffmpeg stopped");
    std::ofstream(programs / "ffmpeg") << "\x7f" "ELF no program";
    CHECK(message_of_filming(folder / "a.mp4").find("ffmpeg cannot be started: ") != std::string::npos);
    CHECK(folder.files() == 0);
}

TEST_CASE("an MP4 that nobody finishes ends its ffmpeg") {
    const Folder folder, programs;
    const SearchPath path(programs.path());
    write_program(programs / "ffmpeg", "echo $$ > '" + folder / "process" + "'; while :; do /bin/sleep 1; done");
    {
        const auto film = open_mp4(folder / "a.mp4", 2, 2, 10);
        while (contents(folder / "process").empty()) {}
    }
    const int process = std::stoi(contents(folder / "process"));
    CHECK(::kill(process, 0) == -1);
    CHECK(folder.files() == 1);
}

TEST_CASE("what an MP4 cannot hold is refused by name") {
    const Folder folder;
    const std::string path = folder / "a.mp4";
    CHECK_THROWS_WITH_AS(open_mp4(path, 2, 2, 0), doctest::Contains("a.mp4`: an MP4 shows 1 to 1000"), Error);
    CHECK_THROWS_WITH_AS(open_mp4(path, 2, -1, 10), doctest::Contains("got 2 x -1"), Error);
}

}  // namespace
}  // namespace gdn2::test
