// One head out of a problem: its own rows, its key head, its states, and the same numbers as a problem of its own.
#include "visualizer/model/head.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/heads.h"
#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using viewer::Head;

/// Two key heads, two value heads on each.
Problem<double> grouped(const std::vector<Index>& offsets, Index batch = 1) {
    return draw_problem({{batch, 9, 2, 4, 3, 5, 1}, Decay::slow, 2, false, true, true, offsets, 12});
}

/// Whether rows of a head are `tensor`'s [batch, first + t, head, :].
bool are_rows(const Matrix<double>& rows, const Tensor<double>& tensor, Index batch, Index first, Index head) {
    const Shape& shape = tensor.shape();
    for (Index t = 0; t < rows.rows(); ++t)
        for (Index c = 0; c < rows.cols(); ++c)
            if (rows(t, c) != tensor[((batch * shape[1] + first + t) * shape[2] + head) * shape[3] + c]) return false;
    return rows.cols() == shape[3];
}

/// Whether `S` is `tensor`'s [sequence, head, :, :].
bool is_state(const Matrix<double>& S, const Tensor<double>& tensor, Index sequence, Index head) {
    const Index cells = S.size(), heads = tensor.shape()[1];
    for (Index n = 0; n < cells; ++n)
        if (S.data()[n] != tensor[(sequence * heads + head) * cells + n]) return false;
    return true;
}

void check_head(const Problem<double>& x, const Head& head, Index batch, Index first, Index value_head) {
    for (const auto& [rows, tensor] : {std::pair{&head.q, &x.q}, {&head.k, &x.k}, {&head.g, &x.g}, {&head.b, &x.b}})
        CHECK(are_rows(*rows, *tensor, batch, first, value_head / 2));
    for (const auto& [rows, tensor] : {std::pair{&head.v, &x.v}, {&head.w, &x.w}, {&*head.d_o, &*x.d_o}})
        CHECK(are_rows(*rows, *tensor, batch, first, value_head));
}

TEST_CASE("a value head of a batch row comes with the rows of its key head") {
    const Problem<double> problem = grouped({}, 3);
    for (Index row = 0; row < 3; ++row)
        for (Index value_head = 0; value_head < 4; ++value_head) {
            const Head head = viewer::head_of(problem, row, value_head);
            CHECK(head.length() == 9);
            CHECK(head.key_dim() == 3);
            CHECK(head.value_dim() == 5);
            check_head(problem, head, row, 0, value_head);
            CHECK(is_state(head.initial_state, *problem.initial_state, row, value_head));
            CHECK(is_state(*head.d_final_state, *problem.d_final_state, row, value_head));
        }
}

TEST_CASE("a packed sequence has its own tokens and states, and may be empty") {
    const std::vector<Index> starts{0, 4, 4, 9};
    const Problem<double> problem = grouped(starts);
    for (Index n = 0; n < 3; ++n)
        for (Index value_head = 0; value_head < 4; ++value_head) {
            const Head head = viewer::head_of(problem, n, value_head);
            const auto at = static_cast<std::size_t>(n);
            CHECK(head.length() == starts[at + 1] - starts[at]);
            check_head(problem, head, 0, starts[at], value_head);
            CHECK(is_state(head.initial_state, *problem.initial_state, n, value_head));
            CHECK(is_state(*head.d_final_state, *problem.d_final_state, n, value_head));
        }
}

TEST_CASE("what a problem leaves out is zero, absent or its default") {
    Problem<double> problem = grouped({});
    problem.scale = 0.25;
    CHECK(viewer::head_of(problem, 0, 3).scale == 0.25);
    problem.scale.reset();
    problem.initial_state.reset();
    problem.d_o.reset();
    problem.d_final_state.reset();
    const Head head = viewer::head_of(problem, 0, 3);
    CHECK(head.scale == scale_of(problem));
    CHECK(head.initial_state == Matrix<double>::Zero(3, 5));
    CHECK_FALSE(head.d_o);
    CHECK_FALSE(head.d_final_state);
    CHECK_FALSE(viewer::problem_of(head).d_o);
    CHECK_FALSE(viewer::problem_of(head).d_final_state);
}

TEST_CASE("a head as a problem of its own is that head, and runs and differentiates as it does among the others") {
    const Problem<double> problem = grouped({0, 4, 4, 9});
    const Head head = viewer::head_of(problem, 2, 1);
    const Problem<double> alone = viewer::problem_of(head);
    const Head again = viewer::head_of(alone, 0, 0);
    CHECK(again.q == head.q);
    CHECK(again.w == head.w);
    CHECK(again.scale == head.scale);
    CHECK(again.initial_state == head.initial_state);
    CHECK(*again.d_o == *head.d_o);
    CHECK(*again.d_final_state == *head.d_final_state);
    const Options path{.path = Path::recurrent};
    CHECK(Matrix<double>(head_rows(forward(alone, path).o, 0, 0, 0, 5)) ==
          Matrix<double>(head_rows(forward(problem, path).o, 0, 1, 4, 5)));
    CHECK(Matrix<double>(head_rows(gradient(alone, path).dv, 0, 0, 0, 5)) ==
          Matrix<double>(head_rows(gradient(problem, path).dv, 0, 1, 4, 5)));
}

TEST_CASE("a head as a sequence is a view of its own numbers") {
    const Head head = viewer::head_of(grouped({}), 0, 2);
    const Sequence<double> x = viewer::sequence_of(head);
    CHECK(x.q.data() == head.q.data());
    CHECK(x.k.data() == head.k.data());
    CHECK(x.g.data() == head.g.data());
    CHECK(x.b.data() == head.b.data());
    CHECK(x.v.data() == head.v.data());
    CHECK(x.w.data() == head.w.data());
    CHECK(x.scale == head.scale);
    CHECK(x.length() == 9);
}

TEST_CASE("a sequence or head that is not there is an Error that says how many there are") {
    const Problem<double> problem = grouped({0, 4, 4, 9});
    CHECK_THROWS_WITH_AS(viewer::head_of(problem, 3, 0), "there is no sequence 3: expected 0 to 2", Error);
    CHECK_THROWS_WITH_AS(viewer::head_of(problem, -1, 0), "there is no sequence -1: expected 0 to 2", Error);
    CHECK_THROWS_WITH_AS(viewer::head_of(problem, 0, 4), "there is no value head 4: expected 0 to 3", Error);
}

}  // namespace
}  // namespace gdn2::test
