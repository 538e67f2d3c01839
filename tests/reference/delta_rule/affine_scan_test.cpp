// Spans as affine maps: any split, any grouping, empty spans, the same answer.
#include "reference/delta_rule/affine_scan.h"

#include <doctest/doctest.h>

#include "reference/delta_rule/recurrent.h"
#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

struct Drawn {
    Problem<double> p = test::draw_problem(test::killer());
    Matrix<double> S = state_of(std::as_const(*p.initial_state), 0, 0);

    Sequence<double> view() const {
        const auto rows = [](const Tensor<double>& t) { return head_rows(t, 0, 0, 0, 150); };
        return {rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 0.5};
    }
};

double relative(const Matrix<double>& truth, const Matrix<double>& claim) {
    return (truth - claim).norm() / truth.norm();
}

TEST_CASE("a span's map takes any state where the recurrence takes it") {
    const Drawn drawn;
    Random random(51);
    for (const Index length : {0, 1, 64, 150}) {
        const AffineMap<double> map = map_of(span_of(drawn.view(), 0, length), 64);
        for (int i = 0; i < 3; ++i) {
            const Matrix<double> S = drawn.S.unaryExpr([&](double) { return random.normal(); });
            const Matrix<double> truth = recurrent(span_of(drawn.view(), 0, length), S).final_state;
            CHECK(relative(truth, map(S)) <= 1e-12);
        }
    }
}

TEST_CASE("any split of a sequence gives the same answer") {
    const Drawn drawn;
    const Forward<double> truth = recurrent(drawn.view(), drawn.S);
    Random random(52);
    for (int run = 0; run < 30; ++run) {
        std::vector<Index> bounds{0, 150};
        for (Index n = random.integer(0, 8); n > 0; --n) bounds.push_back(random.integer(0, 150));
        std::sort(bounds.begin(), bounds.end());
        const Forward<double> split = split_forward(drawn.view(), drawn.S, bounds, random.integer(1, 70));
        CHECK(relative(truth.o, split.o) <= 1e-12);
        CHECK(relative(truth.final_state, split.final_state) <= 1e-12);
    }
}

TEST_CASE("composition is associative and has the identity") {
    const Drawn drawn;
    const auto part = [&](Index first, Index length) { return map_of(span_of(drawn.view(), first, length), 32); };
    const AffineMap<double> a = part(0, 40), b = part(40, 3), c = part(43, 100);
    const AffineMap<double> left = compose(compose(c, b), a), right = compose(c, compose(b, a));
    CHECK(relative(left.M, right.M) <= 1e-13);
    CHECK(relative(left.N, right.N) <= 1e-13);
    const AffineMap<double> same = compose(a, identity_map<double>(13, 29));
    CHECK(same.M == a.M);
    CHECK(same.N == a.N);
}

TEST_CASE("the scan returns one start map per span for any count") {
    const Drawn drawn;
    for (const Index count : {0, 1, 2, 3, 7, 8}) {
        std::vector<AffineMap<double>> maps;
        for (Index i = 0; i < count; ++i) maps.push_back(map_of(span_of(drawn.view(), 10 * i, 10), 64));
        const std::vector<AffineMap<double>> before = exclusive_scan(maps);
        REQUIRE(before.size() == maps.size());
        for (Index i = 0; i < count; ++i) {
            const Matrix<double> truth = recurrent(span_of(drawn.view(), 0, 10 * i), drawn.S).final_state;
            CHECK(relative(truth, before[static_cast<std::size_t>(i)](drawn.S)) <= 1e-12);
        }
    }
}

TEST_CASE("bounds that do not rise from 0 to the length are refused") {
    const Drawn drawn;
    for (const std::vector<Index>& bounds : {std::vector<Index>{}, {0}, {0, 149}, {1, 150}, {0, 90, 80, 150}})
        CHECK_THROWS_AS(split_forward(drawn.view(), drawn.S, bounds, 64), Error);
}

}  // namespace
}  // namespace gdn2
