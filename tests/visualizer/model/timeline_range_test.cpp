// Which tokens the timeline shows when it is zoomed and moved.
#include "visualizer/model/timeline_range.h"

#include <doctest/doctest.h>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("no range is the whole run, and every range lies inside") {
    CHECK(resolved({}, 100) == TimelineRange{0, 100});
    CHECK(resolved({90, 20}, 100) == TimelineRange{80, 20});
    CHECK(resolved({5, 400}, 100) == TimelineRange{0, 100});
    CHECK(resolved({5, 4}, 0) == TimelineRange{0, 0});
    CHECK(token_at({}, 0, 0.5) == 0);
}

TEST_CASE("zooming keeps the token under the mouse there") {
    TimelineRange range;
    for (int i = 0; i < 20; ++i) {
        const Index before = token_at(range, 4096, 0.3);
        range = zoomed(range, 4096, 0.3, 0.8);
        CHECK(std::abs(token_at(range, 4096, 0.3) - before) <= 1);
    }
    CHECK(range.count < 60);
}

TEST_CASE("zooming in always narrows down to a few tokens, and out always widens up to the whole run") {
    TimelineRange range;
    for (int i = 0; i < 200; ++i) range = zoomed(range, 50, 0.9, 0.97);
    CHECK(range.count == fewest_tokens_shown);
    for (int i = 0; i < 200; ++i) range = zoomed(range, 50, 0.9, 1.03);
    CHECK(range == TimelineRange{});
    CHECK(zoomed({}, 3, 0.5, 0.5) == TimelineRange{});
}

TEST_CASE("a range moves up to the ends") {
    CHECK(moved({10, 20}, 100, 5) == TimelineRange{15, 20});
    CHECK(moved({10, 20}, 100, -50) == TimelineRange{0, 20});
    CHECK(moved({10, 20}, 100, 500) == TimelineRange{80, 20});
    CHECK(moved({}, 100, 5) == TimelineRange{});
}

TEST_CASE("a range is chosen by its two ends in either order") {
    CHECK(between(30, 10, 100) == TimelineRange{10, 21});
    CHECK(between(10, 30, 100) == TimelineRange{10, 21});
    CHECK(between(99, 99, 100) == TimelineRange{96, fewest_tokens_shown});
    CHECK(between(0, 99, 100) == TimelineRange{});
}

TEST_CASE("a token comes into view by the shortest way") {
    CHECK(showing({10, 20}, 100, 15) == TimelineRange{10, 20});
    CHECK(showing({10, 20}, 100, 5) == TimelineRange{5, 20});
    CHECK(showing({10, 20}, 100, 30) == TimelineRange{11, 20});
    CHECK(showing({}, 100, 30) == TimelineRange{});
}

TEST_CASE("places across a range are its tokens, and its ends beyond") {
    for (Index t = 0; t < 20; ++t) CHECK(token_at({10, 20}, 100, (static_cast<double>(t) + 0.5) / 20) == 10 + t);
    CHECK(token_at({10, 20}, 100, -3) == 10);
    CHECK(token_at({10, 20}, 100, 3) == 29);
}

}  // namespace
}  // namespace gdn2::test
