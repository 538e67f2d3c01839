// Embeddings: rows looked up, gradients of a token met twice added, tokens that do not exist refused.
#include "reference/layers/embedding.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace gdn2 {
namespace {

Embedding<double> three_rows() {
    Embedding<double> layer{Matrix<double>(3, 2)};
    layer.weight << 1, 2, 3, 4, 5, 6;
    return layer;
}

TEST_CASE("embedding gives each token its row") {
    const std::vector<std::int32_t> tokens{2, 0, 2};
    Matrix<double> expected(3, 2);
    CHECK(forward(three_rows(), tokens) == (expected << 5, 6, 1, 2, 5, 6).finished());
    CHECK(forward(three_rows(), {}).rows() == 0);
}

TEST_CASE("embedding adds up the gradients of a token that comes twice") {
    const std::vector<std::int32_t> tokens{2, 0, 2};
    Matrix<double> dy(3, 2), expected(3, 2);
    dy << 1, 2, 10, 20, 100, 200;
    Embedding<double> d = three_rows();
    backward(three_rows(), tokens, dy, d);
    CHECK(d.weight == (expected << 11, 22, 3, 4, 106, 208).finished());
}

TEST_CASE("embedding names the position and value of a token outside the vocabulary") {
    Embedding<double> layer = three_rows();
    const std::vector<std::int32_t> late{0, 3}, negative{-1};
    CHECK_THROWS_WITH_AS(forward(layer, late), "token 1 must be in [0, 3), got 3", Error);
    CHECK_THROWS_WITH_AS(forward(layer, negative), "token 0 must be in [0, 3), got -1", Error);
    CHECK_THROWS_WITH_AS(backward(layer, late, Matrix<double>(2, 2), layer), "token 1 must be in [0, 3), got 3", Error);
    CHECK_THROWS_WITH_AS(backward(layer, std::vector<std::int32_t>{1}, Matrix<double>(2, 2), layer),
                         "`dy` must be [1, 2], got [2, 2]", Error);
}

TEST_CASE("embedding starts normal with the deviation asked for") {
    Random random(4);
    Embedding<double> layer = make_embedding<double>(100, 40, 0.5, random);
    CHECK(layer.weight.norm() / std::sqrt(4000.0) == doctest::Approx(0.5).scale(0).epsilon(0.03));
    CHECK(std::abs(layer.weight.mean()) <= 0.03);
    CHECK(parameters_of(layer)[0].name == "weight");
}

}  // namespace
}  // namespace gdn2
