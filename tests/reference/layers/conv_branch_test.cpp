// A branch is its three parts one after the other; its adjoint is held by the mixers' gradcheck.
#include "reference/layers/conv_branch.h"

#include <doctest/doctest.h>

#include "reference/layers/activation.h"
#include "reference/layers/initial.h"

namespace gdn2 {
namespace {

ConvBranch<double> draw(Index width) {
    Random random(1);
    ConvBranch<double> branch;
    branch.proj = make_linear<double>(3, 5, {}, random);
    if (width > 0) branch.conv = make_short_conv<double>(5, width, true, random);
    return branch;
}

TEST_CASE("a branch is a projection, a convolution and SiLU, and keeps what enters each") {
    Random random(2);
    const Batch batch{2, 6};
    const Matrix<double> x = normal_matrix<double>(batch.tokens(), 3, 1, random);
    const ConvBranch<double> branch = draw(4);
    ConvBranchKept<double> kept;
    const Matrix<double> y = forward(branch, x, batch, &kept);
    CHECK(kept.projected == forward(branch.proj, x));
    CHECK(kept.convolved == forward(branch.conv, kept.projected, batch));
    CHECK(y == silu(kept.convolved));
}

TEST_CASE("a branch without a convolution looks at its own token only") {
    Random random(3);
    const Matrix<double> x = normal_matrix<double>(4, 3, 1, random);
    const ConvBranch<double> branch = draw(0);
    CHECK(forward(branch, x, {1, 4}) == forward(branch, x, {4, 1}));
    ShortConvCache<double> cache = start(branch.conv);
    const Matrix<double> y = forward(branch, x, {1, 4});
    for (Index t = 0; t < 4; ++t)
        CHECK(step(branch, Matrix<double>(x.row(t)), cache).isApprox(y.row(t), 1e-14));
}

TEST_CASE("a branch names its projection and its convolution after itself") {
    ConvBranch<double> branch = draw(4);
    Parameters<double> parameters;
    collect("mixer.", "q", branch, parameters);
    REQUIRE(parameters.size() == 3);
    CHECK(parameters[0].name == "mixer.q_proj.weight");
    CHECK(parameters[1].name == "mixer.q_conv1d.weight");
    CHECK(parameters[1].shape == Shape{5, 1, 4});
    CHECK(parameters[2].name == "mixer.q_conv1d.bias");
}

}  // namespace
}  // namespace gdn2
