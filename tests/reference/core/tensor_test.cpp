// Tensors and the views of one head and one state.
#include "reference/core/tensor.h"

#include <doctest/doctest.h>

namespace gdn2 {
namespace {

Tensor<double> counting(Shape shape) {
    Tensor<double> t(std::move(shape));
    for (Index i = 0; i < t.size(); ++i) t[i] = static_cast<double>(i);
    return t;
}

TEST_CASE("a head of a tensor is a strided view of its tokens") {
    const Tensor<double> t = counting({2, 3, 4, 5});
    const Rows<double> rows = head_rows(t, 1, 2, 1, 2);
    CHECK(rows.rows() == 2);
    CHECK(rows.cols() == 5);
    CHECK(rows(0, 0) == ((1 * 3 + 1) * 4 + 2) * 5);
    CHECK(rows(1, 4) == ((1 * 3 + 2) * 4 + 2) * 5 + 4);
}

TEST_CASE("a writable view writes where the tensor reads") {
    Tensor<double> t(Shape{1, 3, 2, 2});
    head_rows(t, 0, 1, 2, 1).setConstant(7);
    CHECK(t.values() == std::vector<double>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7});
    Tensor<double> states(Shape{2, 2, 1, 2});
    state_of(states, 1, 0).setConstant(3);
    CHECK(states.values() == std::vector<double>{0, 0, 0, 0, 3, 3, 0, 0});
}

TEST_CASE("a tensor refuses numbers that do not fill its shape") {
    CHECK_THROWS_WITH_AS(Tensor<double>(Shape{2, 3}, std::vector<double>(5)),
                         "a tensor of shape [2, 3] needs 6 numbers, got 5", Error);
    CHECK_THROWS_AS(Tensor<double>(Shape{2, -3}), Error);
}

TEST_CASE("casting rounds to float and lifts to dual constants") {
    const Tensor<double> t(Shape{2}, std::vector<double>{0.1, -2});
    CHECK(cast<float>(t)[0] == 0.1f);
    CHECK(cast<Dual<double>>(t)[1].value == -2);
    CHECK(cast<Dual<double>>(t)[1].derivative == 0);
}

}  // namespace
}  // namespace gdn2
