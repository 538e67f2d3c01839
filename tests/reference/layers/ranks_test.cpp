// Ranks by hand: two heads of two, three ranks, two tokens.
#include "reference/layers/ranks.h"

#include <doctest/doctest.h>

#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

constexpr RankSizes sizes{2, 3};
constexpr Index tokens = 2, dim = 2;

Matrix<double> draw(Index rows, Index cols, std::uint64_t seed) {
    Random random(seed);
    return normal_matrix<double>(rows, cols, 1, random);
}

/// Calls visit(token, head, rank, channel) for every number of wide rows.
template <class Visit>
void for_each_number(const Visit& visit) {
    for (Index t = 0; t < tokens; ++t)
        for (Index h = 0; h < sizes.heads; ++h)
            for (Index r = 0; r < sizes.ranks; ++r)
                for (Index c = 0; c < dim; ++c) visit(t, h, r, c);
}

TEST_CASE("ranks take biases, widen and narrow as their formulas say") {
    const Matrix<double> by = draw(6, dim, 1), shared = draw(tokens, 3 * dim, 2), x = draw(tokens, 2 * dim, 3);
    const Matrix<double> with = biased(shared, by, sizes), wide = widened(x, by, sizes);
    const Matrix<double> narrow = narrowed(wide, by, sizes);
    REQUIRE(with.rows() == 6);
    Matrix<double> sum = Matrix<double>::Zero(tokens, 2 * dim);
    for_each_number([&](Index t, Index h, Index r, Index c) {
        CHECK(with(3 * t + r, 2 * h + c) == shared(t, 2 * r + c) + by(3 * h + r, c));
        CHECK(wide(3 * t + r, 2 * h + c) == x(t, 2 * h + c) * by(3 * h + r, c));
        sum(t, 2 * h + c) += wide(3 * t + r, 2 * h + c) * by(3 * h + r, c);
    });
    CHECK((narrow - sum).norm() <= 1e-15 * sum.norm());
}

TEST_CASE("widening and narrowing by the same numbers are each other's adjoint") {
    const Matrix<double> by = draw(6, dim, 1), x = draw(tokens, 2 * dim, 3), y = draw(6, 2 * dim, 4);
    Matrix<double> d_wide = Matrix<double>::Zero(6, dim), d_narrow = d_wide;
    CHECK((widened_backward(x, by, y, sizes, d_wide) - narrowed(y, by, sizes)).norm() <= 1e-14);
    CHECK((narrowed_backward(y, by, x, sizes, d_narrow) - widened(x, by, sizes)).norm() <= 1e-14);
    CHECK(d_wide == d_narrow);  // both are sums of x y
    CHECK(d_wide.norm() > 0);
}

TEST_CASE("a bias gathers its gradient over tokens and ranks gather theirs over heads") {
    const Matrix<double> dy = draw(6, 2 * dim, 5);
    Matrix<double> d_bias = Matrix<double>::Zero(6, dim), expected_bias = d_bias;
    Matrix<double> expected = Matrix<double>::Zero(tokens, 3 * dim);
    for_each_number([&](Index t, Index h, Index r, Index c) {
        expected_bias(3 * h + r, c) += dy(3 * t + r, 2 * h + c);
        expected(t, 2 * r + c) += dy(3 * t + r, 2 * h + c);
    });
    CHECK((biased_backward(dy, sizes, d_bias) - expected).norm() <= 1e-15);
    CHECK((d_bias - expected_bias).norm() <= 1e-15);
}

TEST_CASE("what differs by head and rank has three axes in a file") {
    Matrix<double> by = draw(6, dim, 1);
    Parameters<double> parameters;
    collect("B_bias", by, sizes, false, parameters);
    CHECK(parameters[0].name == "B_bias");
    CHECK(parameters[0].shape == Shape{2, 3, 2});
    CHECK(parameters[0].data == by.data());
    CHECK(!parameters[0].weight_decay);
}

}  // namespace
}  // namespace gdn2
