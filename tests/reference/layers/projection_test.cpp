// Projections of full and of low rank: the same map where the low-rank one is written as a single matrix.
#include "reference/layers/projection.h"

#include <doctest/doctest.h>

#include "reference/core/error.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

Projection<double> made(Index rank) {
    Random random(1);
    return make_projection<double>(6, rank, 5, {.bias = true, .init = LinearInit::torch_default}, random);
}

TEST_CASE("a low-rank projection is the product of its two matrices, then a bias") {
    const Projection<double> map = made(2);
    const auto& low = std::get<LowRank<double>>(map.form);
    const Linear<double> whole{low.second.weight * low.first.weight, low.second.bias};
    Random random(2);
    const Matrix<double> x = normal_matrix<double>(4, 6, 1, random);
    CHECK((forward(map, x) - forward(whole, x)).cwiseAbs().maxCoeff() <= 1e-15);
    CHECK(low.first.weight.rows() == 2);
    CHECK(low.first.bias.size() == 0);
    CHECK(low.second.bias.size() == 5);
    CHECK(map.in() == 6);
    CHECK(map.out() == 5);
}

TEST_CASE("a projection is named in files by its form") {
    const auto names = [](Index rank) {
        Projection<double> map = made(rank);
        Parameters<double> parameters;
        collect("f_proj.", map, parameters);
        std::string all;
        for (const Parameter<double>& p : parameters) all += p.name + to_string(p.shape) + " ";
        return all;
    };
    CHECK(names(2) == "f_proj.0.weight[2, 6] f_proj.1.weight[5, 2] f_proj.1.bias[5] ");
    CHECK(names(0) == "f_proj.weight[5, 6] f_proj.bias[5] ");
}

TEST_CASE("a projection refuses wrong shapes by name and a gradient of another form") {
    const Projection<double> map = made(2);
    Projection<double> d = made(0);
    const Matrix<double> x(3, 6), dy(3, 5);
    CHECK_THROWS_WITH_AS(forward(map, dy), "`x` must be [3, 6], got [3, 5]", Error);
    CHECK_THROWS_WITH_AS(backward(map, x, dy, d), "a projection's gradient must have the projection's form", Error);
    CHECK(forward(map, Matrix<double>(0, 6)).rows() == 0);
}

}  // namespace
}  // namespace gdn2
