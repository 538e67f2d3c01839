// Numbers beside vectors of heads, by hand.
#include "reference/layers/per_head.h"

#include <doctest/doctest.h>

namespace gdn2 {
namespace {

const Matrix<double> x{{1, 2, 3, 4}, {5, 6, 7, 8}};
const Matrix<double> y{{1, 0, 2, 1}, {0, 3, 1, -1}};

TEST_CASE("scale_heads gives every head of every token its own factor") {
    CHECK(scale_heads(x, Matrix<double>{{2, -1}, {0, 3}}) == Matrix<double>{{2, 4, -3, -4}, {0, 0, 21, 24}});
    CHECK(scale_heads(Matrix<double>(0, 4), Matrix<double>(0, 2)).rows() == 0);
}

TEST_CASE("head_dots sums within heads") {
    CHECK(head_dots(x, y, 2) == Matrix<double>{{1, 10}, {18, -1}});
    CHECK(head_dots(x, y, 1) == Matrix<double>{{11}, {17}});
}

TEST_CASE("a skip adds each head times its number and its gradient sums over tokens") {
    const Vector<double> D{{2, 10}};
    Matrix<double> sum = y;
    add_skip(D, x, sum);
    CHECK(sum == Matrix<double>{{3, 4, 32, 41}, {10, 15, 71, 79}});
    Vector<double> dD{{1, 1}};
    add_skip_backward(x, y, dD);
    CHECK(dD == Vector<double>{{1 + 1 + 18, 1 + 10 - 1}});
}

}  // namespace
}  // namespace gdn2
