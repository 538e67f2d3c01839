// gdn2-viewer as it is called where there is no display: what it writes.
#include <doctest/doctest.h>

#include <algorithm>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "tests/support/random_problem.h"
#include "tests/visualizer/film/decoded_gif.h"
#include "tests/visualizer/ui/command.h"
#include "visualizer/film/png.h"
#include "visualizer/headless/headless.h"
#include "visualizer/model/lessons_guide.h"
#include "visualizer/model/state_string.h"
#include "visualizer/model/transcript.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("help and version are printed and nothing else happens") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome help = viewer("--help"), version = viewer("--version");
    CHECK(help.code == 0);
    for (const char* option : {"--state", "--screenshot", "--export", "--transcript", "--size", "--scale", "--theme",
                               "--from", "--to", "--fps", "--print-state"})
        CHECK(help.out.find(option) != std::string::npos);
    CHECK(version.code == 0);
    CHECK(version.out.starts_with("gdn2-viewer "));
    CHECK(viewer.folder.files() == 0);
}

TEST_CASE("a screenshot has the size it was asked for, odd ones too, and shows the state it was asked for") {
    if (Command::skipped()) return;
    const Command viewer;
    CHECK(viewer("overwrite --size 901x603 --screenshot a.png").code == 0);
    CHECK(viewer("--state 'gdn2:task=overwrite;t=2;ph=4' --size 901x603 --screenshot b.png").code == 0);
    CHECK(viewer("--state 'gdn2:task=overwrite;t=2;ph=4' --size 901x603 --screenshot c.png").code == 0);
    CHECK(viewer("--state 'gdn2:task=overwrite;t=2;ph=4' --theme light --size 901x603 --screenshot d.png").code == 0);
    const Image a = read_png(viewer.folder / "a.png"), b = read_png(viewer.folder / "b.png");
    CHECK(a.width == 901);
    CHECK(a.height == 603);
    CHECK_FALSE(a == b);
    CHECK(contents(viewer.folder / "b.png") == contents(viewer.folder / "c.png"));
    CHECK_FALSE(read_png(viewer.folder / "d.png") == b);
    CHECK(viewer.folder.files() == 4);
}

TEST_CASE("a screenshot of twice the scale is drawn larger, not stretched") {
    if (Command::skipped()) return;
    const Command viewer;
    CHECK(viewer("overwrite --size 640x480 --screenshot one.png").code == 0);
    CHECK(viewer("overwrite --size 1280x960 --scale 2 --screenshot two.png").code == 0);
    const Image one = read_png(viewer.folder / "one.png"), two = read_png(viewer.folder / "two.png");
    CHECK(two.width == 1280);
    std::ptrdiff_t different = 0;
    for (int y = 0; y < one.height; ++y)
        for (int x = 0; x < one.width; ++x)
            different += one.pixels[static_cast<std::size_t>(y * one.width + x)] !=
                         two.pixels[static_cast<std::size_t>(4 * y * one.width + 2 * x)];
    CHECK(different > 1000);                               // letters have more detail
    CHECK(different < std::ssize(one.pixels) * 35 / 100);  // but everything is where it was
}

TEST_CASE("the picture of a file is that of its problem") {
    if (Command::skipped()) return;
    const Command viewer;
    const std::string file = GDN2_SOURCE_DIR "/tests/visualizer/fixtures/heads.npz";
    CHECK(viewer("'" + file + "' --size 640x480 --screenshot a.png").code == 0);
    const std::string state = "' --state 'gdn2:file=\"" + file + "\";head=1;t=2;ph=5'";
    CHECK(viewer("'" + file + state + " --size 640x480 --screenshot b.png")
              .code == 0);
    CHECK_FALSE(contents(viewer.folder / "a.png") == contents(viewer.folder / "b.png"));
}

TEST_CASE("a transcript is the run, or with a state that step") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome run = viewer("overwrite --transcript");
    const Outcome step = viewer("--state 'gdn2:task=overwrite;t=2' --transcript");
    Session session;
    session.open("overwrite");
    begin_lesson(session);
    CHECK(run.code == 0);
    CHECK(run.error == "");
    CHECK((run.out == transcript_of_run(session)));
    restore(session, "gdn2:task=overwrite;t=2");
    CHECK((step.out == transcript(session)));
    CHECK(viewer.folder.files() == 0);
}

TEST_CASE("the state line that is printed leads back to the same picture") {
    if (Command::skipped()) return;
    const Command viewer;
    const std::string line = "gdn2:task=shared_context_keys;t=4;ph=4;rule=kda;edit=b[4][*]=1";
    const Outcome end = viewer("--state '" + line + "' --size 640x480 --screenshot a.png --print-state");
    Session session;
    restore(session, line);
    CHECK(end.code == 0);
    CHECK(end.out == state_string(session) + "\n");
}

TEST_CASE("a GIF of odd size holds the pictures of its tokens") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome end = viewer("overwrite --size 641x483 --export a.gif --from 1 --to 2 --fps 5");
    CHECK(end.error == "");
    REQUIRE(end.code == 0);
    const std::vector<Stored> film = decode(viewer.folder / "a.gif").pictures;
    CHECK(film.front().image.width == 641);
    CHECK(film.front().image.height == 483);
    // Two tokens of five phases of 0.35 s, and a second at the end.
    CHECK(film.size() >= 5);
    CHECK(static_cast<double>(film.size()) <= 5 * (2 * 5 * 0.35 + 1) + 2);
    CHECK(viewer.folder.files() == 1);
}

/// A problem whose tabs take more than a moment.
std::string large_file(const Folder& folder) {
    const std::string path = folder / "large.npz";
    const Sizes sizes{1, 70, 1, 1, 128, 128, 1};
    io::write_file(path, archive_of(draw_problem({sizes, Decay::slow, 1, false, true, true, {}, 5})));
    return path;
}

TEST_CASE("a screenshot waits for the numeric gradient and for all singular values") {
    if (Command::skipped()) return;
    const Command viewer;
    const std::string file = large_file(viewer.folder);
    for (const char* tab : {"gradient", "spectrum"}) {
        INFO(tab);
        const std::string state = "gdn2:file=\"" + file + "\";t=40;ph=5;guide=off;tab=" + tab;
        CHECK(viewer("--state '" + state + "' --size 1280x800 --screenshot a.png").code == 0);
        Session session;
        restore(session, state);
        Headless headless(session, 1280, 800);
        for (int i = 0; i < 4; ++i) headless.frame(0);
        const Image at_once = headless.image();
        session.ask_for_all();
        for (int i = 0; i < 200; ++i) headless.frame(0);
        CHECK_FALSE(at_once == headless.image());
        CHECK(read_png(viewer.folder / "a.png") == headless.image());
    }
}

TEST_CASE("a film waits for all singular values before its first picture") {
    if (Command::skipped()) return;
    const Command viewer;
    const std::string state = "gdn2:file=\"" + large_file(viewer.folder) + "\";guide=off;tab=spectrum";
    const Outcome end =
        viewer("--state '" + state + "' --size 1280x800 --export a.gif --from 40 --to 40 --fps 20");
    CHECK(end.error == "");
    const std::vector<Stored> film = decode(viewer.folder / "a.gif").pictures;
    REQUIRE(film.size() > 5);
    const auto curves = [](const Image& image) {
        std::vector<Colour> pixels;
        for (int y = 250; y < 400; ++y)
            for (int x = 360; x < 520; ++x) pixels.push_back(image.pixels[static_cast<std::size_t>(y * 1280 + x)]);
        return pixels;
    };
    CHECK((curves(film.front().image) == curves(film.back().image)));
}

TEST_CASE("a picture, a film and a transcript can be asked for at once") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome end =
        viewer("overwrite --transcript --size 640x480 --screenshot a.png --export a.gif --to 0 --fps 2");
    CHECK(end.code == 0);
    CHECK(end.out.find("A=3") != std::string::npos);
    CHECK(viewer.folder.files() == 2);
}

TEST_CASE("a standard output that is full is an error") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome end = viewer("overwrite --transcript >/dev/full");
    CHECK(end.code == 2);
}

}  // namespace
}  // namespace gdn2::test
