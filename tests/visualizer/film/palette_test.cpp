// Few colours for many: exact where they suffice, and close where they do not.
#include "visualizer/film/palette.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/visualizer/film/pictures.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("a palette of enough colours is those counted") {
    for (const std::uint32_t count : {1u, 2u, 255u, 256u}) {
        std::vector<std::uint32_t> colours = distinct_colours(count);
        ColourCounts counts;
        for (const std::uint32_t colour : colours) counts[colour] = 1;
        std::vector<std::uint32_t> palette = make_palette(counts, 256);
        std::sort(colours.begin(), colours.end());
        CHECK(palette == colours);
        Nearest nearest(palette);
        for (const std::uint32_t colour : colours) CHECK(palette[nearest.of(colour)] == colour);
    }
}

TEST_CASE("boxes are cut where the error is and colours that rule their box stay exact") {
    const ColourCounts counts{{rgb(10, 10, 10), 1000}, {rgb(12, 10, 10), 1}, {rgb(200, 0, 0), 5}, {rgb(0, 200, 0), 5}};
    const std::vector<std::uint32_t> palette = make_palette(counts, 3);
    CHECK(palette.size() == 3);
    for (const std::uint32_t colour : {rgb(10, 10, 10), rgb(200, 0, 0), rgb(0, 200, 0)})
        CHECK(std::find(palette.begin(), palette.end(), colour) != palette.end());
    const ColourCounts even{{rgb(0, 0, 10), 2}, {rgb(0, 0, 20), 1}, {rgb(0, 4, 20), 1}};
    CHECK(make_palette(even, 1) == std::vector<std::uint32_t>{rgb(0, 1, 15)});  // nobody rules: the mean
}

TEST_CASE("the colours of a smooth ramp are off by no more than their spacing") {
    ColourCounts counts;
    for (std::uint32_t i = 0; i < 256; ++i)
        for (std::uint32_t j = 0; j < 4; ++j) counts[rgb(i, 255 - i, 64 + j)] = 1;
    const std::vector<std::uint32_t> palette = make_palette(counts, 256);
    CHECK(palette.size() == 256);
    Nearest nearest(palette);
    for (const auto& [colour, count] : counts) CHECK(largest_difference(palette[nearest.of(colour)], colour) <= 3);
}

TEST_CASE("the nearest of a palette is found by squared difference and the first of several is taken") {
    Nearest nearest({rgb(0, 0, 0), rgb(10, 0, 0), rgb(0, 6, 6), rgb(10, 0, 0)});
    CHECK(nearest.of(rgb(9, 1, 1)) == 1);
    CHECK(nearest.of(rgb(0, 4, 4)) == 2);
    CHECK(nearest.of(rgb(5, 0, 0)) == 0);
    CHECK(nearest.of(rgb(5, 0, 0)) == 0);
}

}  // namespace
}  // namespace gdn2::test
