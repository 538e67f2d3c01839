// How long a frame takes to build, beside how long it takes to draw on the CPU: printed, and held to loose bounds, for
// a machine that does much else at the same time.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "tests/visualizer/ui/documents.h"
#include "tests/visualizer/ui/screen.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

#ifdef GDN2_ADDRESS_SANITIZER
constexpr double slowest_frame = 0.1;
#else
constexpr double slowest_frame = 5e-3;
#endif

template <class Work>
double fastest_of(int times, const Work& work) {
    double best = 1e9;
    for (int i = 0; i < times; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        best = std::min(best, took.count());
    }
    return best;
}

void check_frames(const char* what, void (*enter)(Session&)) {
    Screen screen("gdn2:guide=off", 1600, 1000);
    screen.session.open(large_document());
    screen.ui().cursor = at_token(40, screen.session.length());
    enter(screen.session);
    screen.frames(30);  // what is kept is made
    const double frame = fastest_of(20, [&] { screen.frames(1); });
    const double drawn = fastest_of(3, [&] { screen.headless.image(); });
    std::printf("a frame of %s: %.2f ms, %.3f of drawing it on the CPU\n", what, 1e3 * frame, frame / drawn);
    CHECK(frame < slowest_frame);
    CHECK(frame < drawn);
}

TEST_CASE("a frame of a 128 x 128 state takes less than drawing it") {
    check_frames("the state", [](Session&) {});
}
TEST_CASE("a frame of a 128 x 128 state in motion takes less than drawing it") {
    check_frames("the state in motion", [](Session& session) { session.ui.cursor = {40, Phase::write, 0.5}; });
}
TEST_CASE("a frame of all rules at 128 x 128 takes less than drawing it") {
    check_frames("all rules", [](Session& session) { session.ui.compare = true; });
}
TEST_CASE("a frame of all rules in logarithmic colours takes less than drawing it") {
    check_frames("all rules in logarithmic colours",
                 [](Session& session) { session.ui.compare = session.ui.symlog = true; });
}
TEST_CASE("a frame of a chunk at 128 x 128 takes less than drawing it") {
    check_frames("a chunk", [](Session& session) { session.ui.tab = Tab::chunk; });
}
TEST_CASE("a frame of gradients at 128 x 128 takes less than drawing it") {
    check_frames("gradients", [](Session& session) { session.ui.tab = Tab::gradient; });
}
TEST_CASE("a frame of differences at 128 x 128 takes less than drawing it") {
    check_frames("differences", [](Session& session) {
        ClaimFile file;
        file.path = "claim.npz";
        file.layers.push_back({"", Claim{{{"o", {session.layer().problem.v, io::DType::f32}}}}, {}, {}});
        session.open_claim(std::move(file));
        session.ui.tab = Tab::difference;
    });
}
TEST_CASE("a frame of the spectrum at 128 x 128 takes less than drawing it") {
    check_frames("the spectrum", [](Session& session) { session.ui.tab = Tab::spectrum; });
}

}  // namespace
}  // namespace gdn2::test
