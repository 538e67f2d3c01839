// The table of tolerances is complete, has no row twice, and promises at least what is asked of the project.
#include "reference/check/tolerances.h"

#include <doctest/doctest.h>

#include <set>
#include <utility>

using namespace gdn2::check;

TEST_CASE("every pair and kind has exactly one tolerance with a reason") {
    std::set<std::pair<Pair, Kind>> seen;
    for (const Tolerance& row : tolerances) {
        CHECK(seen.insert({row.pair, row.kind}).second);
        CHECK(row.value >= 0);
        CHECK_FALSE(row.reason.empty());
    }
    CHECK(seen.size() == 3 * (static_cast<std::size_t>(Pair::exact) + 1));
}

TEST_CASE("tolerances are no looser than what the project is judged by") {
    for (const Kind kind : {Kind::output, Kind::gradient, Kind::decay_gradient}) {
        CHECK(tolerance(Pair::recurrent_golden, kind) <= 1e-11);
        CHECK(tolerance(Pair::chunk_golden, kind) <= 1e-10);
        CHECK(tolerance(Pair::f32_chunk, kind) <= 2e-4);
        CHECK(tolerance(Pair::adjoint_dual, kind) <= 1e-12);
        CHECK(tolerance(Pair::exact, kind) == 0);
    }
}

TEST_CASE("the kind of a tensor follows from its name") {
    CHECK(kind_of("o") == Kind::output);
    CHECK(kind_of("final_state") == Kind::output);
    CHECK(kind_of("dg") == Kind::decay_gradient);
    CHECK(kind_of("dq") == Kind::gradient);
    CHECK(kind_of("d_initial_state") == Kind::gradient);
}
