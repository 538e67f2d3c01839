// Parameters as files and optimisers see them: names, shapes and the numbers themselves.
#include "reference/layers/parameter.h"

#include <doctest/doctest.h>

using namespace gdn2;

TEST_CASE("a matrix and a vector are collected under their names and lead to the same numbers") {
    Matrix<float> weight = Matrix<float>::Zero(2, 3);
    Vector<float> bias = Vector<float>::Zero(2);
    Parameters<float> parameters;
    collect("proj.weight", weight, true, parameters);
    collect("proj.bias", bias, false, parameters);

    REQUIRE(parameters.size() == 2);
    CHECK(parameters[0].name == "proj.weight");
    CHECK(parameters[0].shape == Shape{2, 3});
    CHECK(parameters[0].weight_decay);
    CHECK(parameters[1].shape == Shape{2});
    CHECK_FALSE(parameters[1].weight_decay);
    parameters[0].data[4] = 7;  // row-major
    CHECK(weight(1, 1) == 7);
    CHECK(parameters[0].size() == 6);
}

TEST_CASE("an absent bias has no name in a file") {
    Vector<double> none;
    Parameters<double> parameters;
    collect("proj.bias", none, false, parameters);
    CHECK(parameters.empty());
}
