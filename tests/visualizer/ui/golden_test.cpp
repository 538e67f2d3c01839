// Pictures of the viewer, as they were. They belong to one version of Dear ImGui, whose letters and corners other
// versions draw differently. Where a picture prints rounding, its numbers are whole and there is none, so that it is
// the same with whatever vector units. What is left is Dear ImGui's own rounding (on_grid in raster.cpp): by it the
// colour of a rounded corner may differ by so little that nobody sees it.
//   update  cmake --build build/release --target update_golden_images, and look at every picture that changed
#include <doctest/doctest.h>
#include <imgui.h>

#include <cstdlib>
#include <filesystem>

#include "tests/visualizer/ui/documents.h"
#include "tests/visualizer/ui/screen.h"
#include "visualizer/film/png.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
namespace fs = std::filesystem;

constexpr int version_of_the_pictures = 18600;

/// A channel may be off by so much of 255: a vertex between two points of the raster's grid, which goes to the other
/// one on another make of processor, moves what is covered of a pixel by 1/64, two of them by 2/64.
constexpr int unseen = 8;

bool looks_the_same(Colour a, Colour b) {
    for (int shift = 0; shift < 32; shift += 8)
        if (std::abs(static_cast<int>(a >> shift & 0xff) - static_cast<int>(b >> shift & 0xff)) > unseen) return false;
    return true;
}

/// Where they differ, in white over a dark copy.
Image difference(const Image& expected, const Image& actual) {
    Image image = actual;
    for (std::size_t i = 0; i < image.pixels.size(); ++i) {
        const bool same =
            expected.pixels.size() == image.pixels.size() && looks_the_same(expected.pixels[i], image.pixels[i]);
        image.pixels[i] = same ? 0xff000000u | (image.pixels[i] >> 2 & 0x3f3f3f3fu) : 0xffffffffu;
    }
    return image;
}

std::ptrdiff_t pixels_that_differ(const Image& expected, const Image& actual) {
    std::ptrdiff_t count = 0;
    for (std::size_t i = 0; i < actual.pixels.size(); ++i)
        count += !looks_the_same(expected.pixels[i], actual.pixels[i]);
    return count;
}

void keep_for_a_look(const std::string& name, const Image& expected, const Image& actual) {
    const fs::path folder = GDN2_TEST_OUTPUT;
    fs::create_directories(folder);
    write_png(folder / (name + ".expected.png"), expected);
    write_png(folder / (name + ".actual.png"), actual);
    write_png(folder / (name + ".difference.png"), difference(expected, actual));
}

void compare(const std::string& name, const Image& actual) {
    const std::string path = GDN2_SOURCE_DIR "/tests/visualizer/ui/golden/" + name + ".png";
    const bool updates = std::getenv("GDN2_UPDATE_GOLDEN_IMAGES") != nullptr;
    if (updates && !fs::exists(path)) return write_png(path, actual);
    const Image expected = read_png(path);
    const bool same_size = expected.width == actual.width && expected.height == actual.height;
    if (same_size && pixels_that_differ(expected, actual) == 0) return;
    if (updates) return write_png(path, actual);
    keep_for_a_look(name, expected, actual);
    REQUIRE(expected.width == actual.width);
    REQUIRE(expected.height == actual.height);
    FAIL(name << ": " << pixels_that_differ(expected, actual) << " pixels differ; see " << GDN2_TEST_OUTPUT << "/"
              << name << ".difference.png, .expected.png and .actual.png");
}

/// The picture that a state string leads to, from what is opened first, with the mouse on a number or nowhere.
void check_picture(const std::string& name, const std::string& state, int width, int height, float scale = 1,
                   void (*open)(Session&) = nullptr, const std::optional<Number>& under_the_mouse = std::nullopt) {
    if (IMGUI_VERSION_NUM != version_of_the_pictures) {
        MESSAGE("gdn2 skipped: the pictures are of Dear ImGui 1.86, this is " IMGUI_VERSION);
        return;
    }
    Screen screen(open ? "gdn2:" : "gdn2:" + state, width, height, scale);
    if (open) {
        open(screen.session);
        restore(screen.session, "gdn2:" + state);
    }
    if (under_the_mouse) REQUIRE(screen.find(*under_the_mouse));
    compare(name, screen.headless.still());
}

TEST_CASE("the picture at the very start is as it was") { check_picture("start", "", 1280, 800); }

TEST_CASE("the picture of a write is as it was") {
    check_picture("write", "task=shared_context_keys;t=4;ph=4", 1600, 1000);
}

TEST_CASE("the picture of an erase-read in motion is as it was in the light theme") {
    check_picture("erase_read", "task=overwrite;t=2;ph=2;fr=0.5;theme=light", 900, 600);
}

TEST_CASE("the picture of a number and what it was made from is as it was") {
    check_picture("hover", "task=shared_context_keys;guide=off;t=4;ph=4", 1280, 800, 1, nullptr,
                  Number{"S", {4, 2, 5}});
}

TEST_CASE("the picture of an edit and its ghost is as it was at twice the size") {
    check_picture("edit", "task=shared_context_keys;guide=off;t=4;ph=5;ghost=on;edit=b[4][*]=1", 1800, 1200, 2);
}

TEST_CASE("the picture of all rules is as it was") {
    check_picture("compare", "task=shared_context_keys;guide=off;t=6;ph=5;compare=on;theme=light", 1280, 800);
}

TEST_CASE("the picture of a chunk is as it was") {
    const auto open = [](Session& session) { session.open(whole_number_document()); };
    check_picture("chunk", "t=20;ph=5;tab=chunk", 1280, 800, 1, open);
}

TEST_CASE("the picture of a chunk's other matrices is as it was") {
    const auto open = [](Session& session) { session.open(whole_number_document()); };
    check_picture("chunk_more", "t=20;ph=5;tab=chunk;page=1;theme=light", 1280, 800, 1, open);
}

TEST_CASE("the picture of numbers for which there is no room is as it was") {
    check_picture("no_room", "task=shared_context_keys;guide=off;t=4;ph=4;numbers=on;rule=kda", 900, 600);
}

TEST_CASE("the picture of gradients is as it was") {
    check_picture("gradient", "task=overwrite;t=2;ph=5;tab=gradient;guide=off", 1280, 800);
}

TEST_CASE("the picture of differences is as it was where there are none to show") {
    check_picture("difference", "task=overwrite;t=2;ph=5;tab=difference;guide=off", 900, 600);
}

/// Of the whole numbers, with a file's results of which two are wrong: o at token 30, and the final state.
void open_wrong(Session& session) {
    Document document = whole_number_document();
    Layer& layer = document.layers.front();
    Result<double> result = forward(layer.problem);
    result.o[30 * layer.sizes.value_dim + 5] += 0.5;
    result.final_state[2 * layer.sizes.value_dim + 7] += 0.25;
    layer.claim.tensors = {{"o", {result.o, io::DType::f64}}, {"final_state", {result.final_state, io::DType::f64}}};
    session.open(std::move(document));
}

TEST_CASE("the picture of a number that is wrong is as it was on the Diff tab") {
    check_picture("wrong", "t=30;ph=5;tab=difference", 1280, 800, 1, open_wrong);
}

TEST_CASE("the picture of a number that is wrong is as it was over the state") {
    check_picture("error", "t=79;ph=5;error=on;theme=light", 900, 600, 1, open_wrong);
}

TEST_CASE("the picture of a spectrum is as it was") {
    check_picture("spectrum", "task=expansive_pair;t=12;ph=5;tab=spectrum", 1280, 800);
}

TEST_CASE("the picture of the help is as it was") { check_picture("help", "help=on;theme=light", 1280, 800); }

TEST_CASE("the picture of the list of lessons is as it was") { check_picture("lessons", "lessons=on", 900, 600); }

TEST_CASE("the picture of numbers in the cells is as it was in the print theme") {
    check_picture("numbers", "task=decay;guide=off;t=3;ph=5;numbers=on;theme=print;symlog=on", 1600, 1000);
}

}  // namespace
}  // namespace gdn2::test
