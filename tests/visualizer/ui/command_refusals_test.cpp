// What gdn2-viewer says of what it cannot do: one line, exit code 2, and nothing else.
#include <doctest/doctest.h>

#include <fstream>

#include "reference/delta_rule/problem_file.h"
#include "reference/io/file.h"
#include "tests/support/random_problem.h"
#include "tests/visualizer/ui/command.h"

namespace gdn2::test {
namespace {

#ifdef GDN2_VIEWER_BINARY
const std::string viewer_binary = GDN2_VIEWER_BINARY;
#else
const std::string viewer_binary;
#endif

bool is_one_line_with(const std::string& text, const std::string& part) {
    return text.starts_with("gdn2-viewer: ") && text.find(part) != std::string::npos &&
           text.find('\n') == text.size() - 1;
}

TEST_CASE("what cannot be understood gets one line, exit code 2 and no file") {
    if (Command::skipped()) return;
    const Command viewer;
    std::ofstream(viewer.folder / "bad.npz") << "no archive";
    std::ofstream(viewer.folder / "empty.safetensors");
    const std::pair<std::string, std::string> bad[] = {
        {"--nonsense", "--nonsense"},
        {"no_such_scenario --transcript", "no_such_scenario"},
        {"bad.npz --screenshot a.png", "bad.npz"},
        {"empty.safetensors --screenshot a.png", "empty.safetensors"},
        {". --screenshot a.png", "."},
        {std::string(5000, 'x') + " --screenshot a.png", "there is no scenario `xxx"},
        {std::string(5000, 'x') + ".npz --screenshot a.png", "File name too long"},
        {"--no" + std::string(5000, 'x'), "--noxxx"},
        {"overwrite bad.npz --screenshot a.png", "bad.npz"},
        {"overwrite overwrite overwrite --screenshot a.png", "overwrite"},
        {"--screenshot", "--screenshot"},
        {"--screenshot ''", ".png"},
        {"--screenshot a.jpg", "`a.jpg`"},
        {"--screenshot /no/such/folder/a.png", "/no/such/folder/a.png"},
        {"--screenshot a.png --size 1600", "--size"},
        {"--screenshot a.png --size 1600x", "--size"},
        {"--screenshot a.png --size 10x10", "--size"},
        {"--screenshot a.png --size 99999x1000", "--size"},
        {"--screenshot a.png --size 800x600x2", "--size"},
        {"--screenshot a.png --size -800x600", "--size"},
        {"--screenshot a.png --size 900x600 --scale 2", "expected at least 960x640 for what is drawn at this scale"},
        {"--screenshot a.png --size 479x320", "expected at least 480x320"},
        {"--screenshot a.png --size ''", "--size"},
        {"--screenshot a.png --fps 12", "--fps: expected only with --export"},
        {"--screenshot a.png --scale 0", "--scale"},
        {"--screenshot a.png --scale nan", "--scale"},
        {"--screenshot a.png --scale big", "--scale"},
        {"--screenshot a.png --theme pink", "--theme: expected dark, light or print, got `pink`"},
        {"--screenshot a.png --state nonsense", "gdn2:"},
        {"--screenshot a.png --state 'gdn2:t=minus'", "t"},
        {"--screenshot a.png --state 'gdn2:task=no_such'", "no_such"},
        {"--export a.avi", ".gif or .mp4"},
        {"--export a.gif --from 5 --to 3", "from token 5 to 3"},
        {"--export a.gif --to 1000", "1000"},
        {"--export a.gif --from -1", "--from"},
        {"--export a.gif --fps 0", "--fps"},
        {"--export a.gif --fps 51", "--fps"},
        {"--export a.gif --fps 12.5", "--fps"},
        {"--export /no/such/folder/a.gif", "/no/such/folder/a.gif"},
    };
    for (const auto& [arguments, part] : bad) {
        INFO(arguments);
        const Outcome end = viewer(arguments);
        CHECK(end.code == 2);
        CHECK(end.out == "");
        INFO(end.error);
        CHECK(is_one_line_with(end.error, part));
        CHECK(viewer.folder.files() == 2);
    }
}

TEST_CASE("a message is short, however long the name in it") {
    if (Command::skipped()) return;
    const Command viewer;
    for (const std::string arguments : {"", "--no", "--screenshot ", "--export a.gif "})
        CHECK(viewer(arguments + std::string(5000, 'x')).error.size() < 700);
}

TEST_CASE("a file of one byte is too short for any, whatever it is called") {
    if (Command::skipped()) return;
    const Command viewer;
    std::ofstream(viewer.folder / "one.npz") << "x";
    const Outcome end = viewer("one.npz --transcript");
    CHECK(end.code == 2);
    CHECK(is_one_line_with(end.error, "one.npz`: too short for a .npz or a .safetensors: 1 byte"));
}

TEST_CASE("a second file of other shapes is bad input that names the tensor and both shapes") {
    if (Command::skipped()) return;
    const Command viewer;
    const Problem<double> problem = draw_problem({{1, 6, 1, 1, 3, 4, 1}, Decay::slow});
    io::Archive claim;
    claim.add("o", io::from_tensor(Tensor<double>({1, 5, 1, 4})));
    io::write_file(viewer.folder / "problem.npz", archive_of(problem));
    io::write_file(viewer.folder / "claim.npz", claim);
    for (const std::string arguments : {"problem.npz claim.npz --screenshot a.png",
                                        "problem.npz --state 'gdn2:claim=\"claim.npz\"' --screenshot a.png"}) {
        const Outcome end = viewer(arguments);
        CHECK(end.code == 2);
        CHECK(is_one_line_with(end.error, "`o` must have the open problem's shape, [1, 6, 1, 4], got [1, 5, 1, 4]"));
        CHECK(viewer.folder.files() == 2);
    }
}

TEST_CASE("a size in the environment that is none is refused in one line") {
    if (Command::skipped()) return;
    const Command viewer;
    for (const std::string size : {"abc", "99", "nan", "1x"}) {
        INFO(size);
        const Outcome end = viewer("--version >/dev/null; GDN2_UI_SCALE=" + size + " '" + viewer_binary +
                                   "' --transcript");
        CHECK(end.code == 2);
        CHECK(is_one_line_with(end.error, "GDN2_UI_SCALE"));
    }
}

TEST_CASE("a window without a display is refused in one line that says what works") {
    if (Command::skipped()) return;
    const Command viewer;
    const Outcome end = viewer("");
    CHECK(end.code == 2);
    CHECK(is_one_line_with(end.error, "--screenshot"));
    CHECK(viewer.folder.files() == 0);
}

}  // namespace
}  // namespace gdn2::test
