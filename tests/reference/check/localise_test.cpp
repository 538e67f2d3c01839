// Localisation names what planted errors share, and nothing they do not share.
#include "reference/check/localise.h"

#include <doctest/doctest.h>

using namespace gdn2;
using namespace gdn2::check;

namespace {

const Shape tokens{2, 150, 4, 8};  // two full chunks and a partial one of 22

// Elements for which wrong(batch, token, head, channel) holds.
template <class Wrong>
std::vector<bool> where(const Shape& shape, Wrong wrong) {
    std::vector<bool> bad(static_cast<std::size_t>(element_count(shape)));
    for (Index i = 0; i < element_count(shape); ++i) {
        const std::vector<Index> at = unravel(i, shape);
        bad[static_cast<std::size_t>(i)] = wrong(at[0], at[1], at[2], at[3]);
    }
    return bad;
}

template <class Wrong>
std::vector<std::string> lines(Wrong wrong, const Layout& layout = {.axes = Axes::tokens}) {
    return localise(where(tokens, wrong), tokens, layout).lines;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("nothing bad is nowhere") {
    const Localisation found = localise(std::vector<bool>(16), {1, 2, 2, 4}, {.axes = Axes::tokens});
    CHECK(found.bad == 0);
    CHECK(found.lines.empty());
    CHECK_FALSE(found.first_bad.has_value());
}

TEST_CASE("each single axis is named") {
    CHECK(lines([](Index, Index, Index h, Index) { return h >= 2; }) ==
          Lines{"only heads >= 2 (all of the elements there)"});
    CHECK(lines([](Index, Index, Index h, Index) { return h < 3; }) ==
          Lines{"only heads < 3 (all of the elements there)"});
    CHECK(lines([](Index, Index, Index h, Index) { return h % 2 == 1; }) ==
          Lines{"only heads h % 2 == 1 (all of the elements there)"});
    CHECK(lines([](Index, Index, Index, Index c) { return c == 5; }) ==
          Lines{"only channel 5 (all of the elements there)"});
    CHECK(lines([](Index b, Index, Index, Index) { return b == 1; }) ==
          Lines{"only sequence 1 (all of the elements there)"});
    CHECK(lines([](Index, Index t, Index, Index) { return t >= 64; }) ==
          Lines{"only chunks >= 1 (all of the elements there)"});
    CHECK(lines([](Index, Index t, Index, Index) { return t < 64; }) ==
          Lines{"only chunk 0 (all of the elements there)"});
    CHECK(lines([](Index, Index t, Index, Index) { return t % 64 == 63; }) ==
          Lines{"only chunks < 2 (2% of the elements there)",  // the partial chunk has no row 63
                "all bad rows are t % 64 == 63 (all of the elements there)"});
    CHECK(lines([](Index, Index t, Index, Index) { return t % 16 == 5; }) ==
          Lines{"all bad rows are t % 16 == 5 (all of the elements there)"});
    CHECK(lines([](Index, Index t, Index, Index) { return t >= 128; }) ==
          Lines{"only the partial last chunk (all of the elements there)"});
}

TEST_CASE("several shared properties are each named with their share") {
    CHECK(lines([](Index, Index t, Index h, Index c) { return t >= 64 && h == 1 && c % 2 == 0; }) ==
          Lines{"only head 1 (29% of the elements there)",
                "only channels c % 2 == 0 (14% of the elements there)",
                "only chunks >= 1 (13% of the elements there)"});
}

TEST_CASE("errors without a pattern claim none") {
    const auto scattered = [](Index b, Index t, Index h, Index c) {
        return (b * 31 + t * 7 + h * 3 + c * 5) % 11 == 0;
    };
    CHECK(lines(scattered) == Lines{"9% of the elements, in no simple pattern"});
    CHECK(lines([](Index, Index, Index, Index) { return true; }) == Lines{"every element"});
}

TEST_CASE("one bad element is named by its index") {
    CHECK(lines([](Index b, Index t, Index h, Index c) { return b == 1 && t == 70 && h == 2 && c == 3; }) ==
          Lines{"only the element [1, 70, 2, 3]"});
}

TEST_CASE("first and last bad elements are in time order not in storage order") {
    const auto bad = where(tokens, [](Index b, Index t, Index h, Index c) {
        return (b == 0 && t == 90 && h == 0 && c == 0) || (b == 1 && t == 7 && h == 3 && c == 7);
    });
    const Localisation found = localise(bad, tokens, {.axes = Axes::tokens});
    CHECK(found.bad == 2);
    CHECK(*found.first_bad == std::vector<Index>{1, 7, 3, 7});
    CHECK(*found.last_bad == std::vector<Index>{0, 90, 0, 0});
}

TEST_CASE("a short sequence is described by its tokens") {
    const Shape shape{1, 20, 2, 3};
    const auto from_7 = where(shape, [](Index, Index t, Index, Index) { return t >= 7; });
    CHECK(localise(from_7, shape, {.axes = Axes::tokens}).lines ==
          Lines{"only tokens >= 7 (all of the elements there)"});
}

TEST_CASE("packed sequences restart the chunks") {
    const Shape shape{1, 100, 1, 2};
    const Layout layout{.axes = Axes::tokens, .chunk = 16, .cu_seqlens = {0, 20, 20, 100}};
    // Row 3 of every chunk: tokens 3, 19 of the first sequence and 23, 39, ... of the last.
    const auto row_3 =
        where(shape, [](Index, Index t, Index, Index) { return t < 20 ? t % 16 == 3 : (t - 20) % 16 == 3; });
    CHECK(localise(row_3, shape, layout).lines ==
          Lines{"all bad rows are t % 16 == 3 (all of the elements there)"});
    const auto tail = where(shape, [](Index, Index t, Index, Index) { return t >= 16 && t < 20; });
    CHECK(localise(tail, shape, layout).lines ==
          Lines{"only the partial last chunk (all of the elements there)",
                "only sequence 0 (20% of the elements there)"});
    CHECK_THROWS_WITH_AS(
        localise(tail, shape, Layout{.axes = Axes::tokens, .chunk = 16, .cu_seqlens = {0, 20}}),
        "cu_seqlens does not fit [1, 100, 1, 2]", Error);
}

TEST_CASE("states are described by sequence head and channels") {
    const Shape shape{3, 2, 4, 5};
    const auto bad = where(shape, [](Index n, Index, Index k, Index) { return n == 2 && k == 1; });
    const Localisation found = localise(bad, shape, {.axes = Axes::states});
    CHECK(found.lines == Lines{"only sequence 2 (25% of the elements there)",
                               "only key channel 1 (33% of the elements there)"});
    CHECK(found.axes.size() == 4);
    CHECK(found.axes[0].fraction(2) == doctest::Approx(0.25));
    CHECK(found.axes[0].fraction(0) == 0);
}

TEST_CASE("a layout that does not fit is refused") {
    CHECK_THROWS_AS(localise(std::vector<bool>(3, true), {4}, {}), Error);
    CHECK_THROWS_AS(localise(std::vector<bool>(4, true), {4}, {.axes = Axes::tokens}), Error);
    CHECK_THROWS_AS(localise(std::vector<bool>(4, true), {1, 4, 1, 1}, {.axes = Axes::tokens, .chunk = 0}),
                    Error);
    CHECK(localise(std::vector<bool>(4, true), {4}, {}).lines == Lines{"every element"});
}
