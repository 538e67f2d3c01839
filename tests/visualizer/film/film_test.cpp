// Films of both kinds: chosen by extension, whole or not there.
#include "visualizer/film/film.h"

#include <doctest/doctest.h>

#include "tests/support/folder.h"
#include "tests/visualizer/film/pictures.h"
#include "tests/visualizer/film/search_path.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Image picture(std::uint64_t seed) { return noise(64, 48, distinct_colours(64), seed); }

void check_that_a_finished_film_replaces_the_old_one(const std::string& name) {
    const Folder folder;
    std::ofstream(folder / name) << "old";
    const auto film = open_film(folder / name, 64, 48, 10);
    for (std::uint64_t i = 0; i < 5; ++i) film->add(picture(i));
    CHECK(contents(folder / name) == "old");
    film->finish();
    const std::string start = contents(folder / name).substr(0, 12);
    CHECK((start.starts_with("GIF89a") || start.substr(4, 4) == "ftyp"));
    CHECK(folder.files() == 1);
}

void check_that_an_unfinished_film_leaves_nothing(const std::string& name) {
    const Folder folder;
    {
        const auto film = open_film(folder / name, 64, 48, 10);
        film->add(picture(1));
        CHECK_THROWS_WITH_AS(film->add(flat(64, 47, 0)), doctest::Contains("pictures are 64 x 48 here, got 64 x 47"),
                             Error);
    }
    CHECK(folder.files() == 0);
    const auto empty = open_film(folder / name, 64, 48, 10);
    CHECK_THROWS_WITH_AS(empty->finish(), doctest::Contains((name + "`: a film needs at least one").c_str()), Error);
}

void check_that_a_film_that_cannot_be_written_says_so(const std::string& name) {
    const Folder folder;
    CHECK_THROWS_WITH_AS(open_film(folder / ("none/" + name), 64, 48, 10),
                         doctest::Contains((name + "`: cannot be written: No such file").c_str()), Error);
    std::filesystem::create_directory(folder / name);
    CHECK_THROWS_WITH_AS(open_film(folder / name, 64, 48, 10), doctest::Contains("is not a regular file"), Error);
    std::filesystem::remove(folder / name);
    std::ofstream(folder / name) << "old";
    const auto film_that_fills_the_disk = [&] {
        const FullDisk disk(500);
        const auto film = open_film(folder / name, 64, 48, 10);
        for (std::uint64_t i = 0; i < 20; ++i) film->add(picture(i));
        film->finish();
    };
    CHECK_THROWS_WITH_AS(film_that_fills_the_disk(), doctest::Contains((name + "`: ").c_str()), Error);
    CHECK(contents(folder / name) == "old");
    CHECK(folder.files() == 1);
}

TEST_CASE("a film is a GIF or an MP4 by its extension and nothing else") {
    const Folder folder;
    CHECK_THROWS_WITH_AS(open_film(folder / "a.avi", 2, 2, 10),
                         doctest::Contains("a.avi`: a film must end in .gif or .mp4"), Error);
    CHECK_THROWS_AS(open_film(folder / "gif", 2, 2, 10), Error);
    CHECK(folder.files() == 0);
}

TEST_CASE("a finished GIF replaces the old one") { check_that_a_finished_film_replaces_the_old_one("a.gif"); }

TEST_CASE("an unfinished GIF leaves nothing") { check_that_an_unfinished_film_leaves_nothing("a.gif"); }

TEST_CASE("a GIF that cannot be written says so") { check_that_a_film_that_cannot_be_written_says_so("a.gif"); }

TEST_CASE("a finished MP4 replaces the old one") {
    if (!skipped_without_ffmpeg()) check_that_a_finished_film_replaces_the_old_one("a.mp4");
}

TEST_CASE("an unfinished MP4 leaves nothing") {
    if (!skipped_without_ffmpeg()) check_that_an_unfinished_film_leaves_nothing("a.mp4");
}

TEST_CASE("an MP4 that cannot be written says so") {
    if (!skipped_without_ffmpeg()) check_that_a_film_that_cannot_be_written_says_so("a.mp4");
}

}  // namespace
}  // namespace gdn2::test
