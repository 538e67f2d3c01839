// What is replayed: when it must be, and no more often.
#include "visualizer/model/replayed_span.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "reference/core/error.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Seven tokens in spans of three: each token's matrix holds its number.
struct Seven {
    ReplayedSpan span;
    std::vector<Index> replayed;

    double operator()(Index token) {
        return span.at(token, 3, [this](Index n) {
            replayed.push_back(n);
            std::vector<Matrix<double>> made;
            for (Index t = 3 * n; t < std::min<Index>(3 * n + 3, 7); ++t)
                made.push_back(Matrix<double>::Constant(1, 1, static_cast<double>(t)));
            return made;
        })(0, 0);
    }
};

TEST_CASE("every token has its own matrix, in any order") {
    Seven seven;
    for (const Index token : {6, 0, 5, 3, 2, 1, 4}) CHECK(seven(token) == static_cast<double>(token));
}

TEST_CASE("a span is replayed once for all its tokens, and again after another") {
    Seven seven;
    for (const Index token : {3, 5, 4, 6, 0, 2, 4}) seven(token);
    CHECK(seven.replayed == std::vector<Index>{1, 2, 0, 1});
    CHECK(seven.span.size() == 3);
    seven(6);
    CHECK(seven.span.size() == 1);
}

TEST_CASE("a replay that fails leaves the span that was kept") {
    Seven seven;
    seven(4);
    const auto fails = [](Index) -> std::vector<Matrix<double>> { throw Error("no memory"); };
    CHECK_THROWS_AS(seven.span.at(0, 3, fails), Error);
    CHECK(seven(4) == 4);
    CHECK(seven.replayed == std::vector<Index>{1});
}

}  // namespace
}  // namespace gdn2::test
