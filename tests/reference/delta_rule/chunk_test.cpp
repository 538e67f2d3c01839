// What is the chunkwise path's own; that it equals the recurrent one is paths_test.cpp.
#include "reference/delta_rule/chunk.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/recurrent.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

Rows<double> rows(const Tensor<double>& t) { return head_rows(t, 0, 0, 0, t.shape()[1]); }

Sequence<double> sequence(const Problem<double>& p) {
    return {rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 1.0};
}

TEST_CASE("chunk keeps one state per chunk and it is the state the recurrence has there") {
    const Problem<double> p = test::draw_problem(test::killer());
    const Sequence<double> x = sequence(p);
    const Matrix<double> S_0 = state_of(std::as_const(*p.initial_state), 0, 0);
    ChunkStarts<double> starts;
    chunk(x, S_0, 64, &starts);
    REQUIRE(starts.size() == 3);
    CHECK(starts[0] == S_0);
    for (Index n : {1, 2}) {
        const Matrix<double> S = recurrent(span_of(x, 0, 64 * n), S_0).final_state;
        CHECK((starts[static_cast<std::size_t>(n)] - S).norm() <= 1e-12 * S.norm());
    }
}

TEST_CASE("chunk of an empty sequence returns the state it was given") {
    const Problem<double> p = test::draw_problem(test::killer());
    const Matrix<double> S_0 = state_of(std::as_const(*p.initial_state), 0, 0);
    ChunkStarts<double> starts;
    const Forward<double> run = chunk(span_of(sequence(p), 0, 0), S_0, 64, &starts);
    CHECK(run.final_state == S_0);
    CHECK(run.o.rows() == 0);
    CHECK(starts.empty());
}

TEST_CASE("chunk refuses a chunk of no tokens") {
    const Problem<double> p = test::draw_problem(test::killer());
    const Matrix<double> S_0 = Matrix<double>::Zero(13, 29);
    CHECK_THROWS_AS(chunk(sequence(p), S_0, 0), Error);
    CHECK_THROWS_AS(chunk(sequence(p), S_0, -64), Error);
}

}  // namespace
}  // namespace gdn2
