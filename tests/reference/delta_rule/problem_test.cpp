// What a problem may not be, and how that is said.
#include "reference/delta_rule/problem.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "tests/support/random_problem.h"

namespace gdn2 {
namespace {

Problem<double> good() {
    return test::draw_problem({{1, 8, 2, 4, 3, 5, 1}, test::Decay::mild, 1, false, true, true, {0, 3, 3, 8}, 61});
}

/// validate_shapes of a good problem after `spoil`, as the message it throws.
std::string shape_error(const std::function<void(Problem<double>&)>& spoil) {
    Problem<double> p = good();
    spoil(p);
    try {
        validate_shapes(p);
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

std::string value_error(const std::function<void(Problem<double>&)>& spoil) {
    Problem<double> p = good();
    spoil(p);
    try {
        validate_values(p);
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
}

TEST_CASE("a good problem has its sizes") {
    const Sizes sizes = validate_shapes(good());
    CHECK(sizes == Sizes{1, 8, 2, 4, 3, 5, 3});
    CHECK(sizes.group() == 2);
    CHECK_NOTHROW(validate_values(good()));
    CHECK(warnings(good()).empty());
    CHECK(scale_of(good()) == doctest::Approx(1 / std::sqrt(3.0)));
}

TEST_CASE("shapes that disagree are named with what was expected and given") {
    const auto keys = [](Shape s) { return Tensor<double>(std::move(s)); };
    CHECK(shape_error([&](auto& p) { p.b = keys({1, 8, 2, 1}); }) ==
          "`b` must be [batch, length, key_heads, key_dim] = [1, 8, 2, 3], got [1, 8, 2, 1]");
    CHECK(shape_error([&](auto& p) { p.k = keys({1, 7, 2, 3}); }) ==
          "`k` must be [batch, length, key_heads, key_dim] = [1, 8, 2, 3], got [1, 7, 2, 3]");
    CHECK(shape_error([&](auto& p) { p.w = keys({1, 8, 2, 5}); }) ==
          "`w` must be [batch, length, value_heads, value_dim] = [1, 8, 4, 5], got [1, 8, 2, 5]");
    CHECK(shape_error([&](auto& p) { p.q = keys({8, 2, 3}); }) ==
          "`q` must be [batch, length, heads, dim], got [8, 2, 3]");
    CHECK(shape_error([&](auto& p) { p.q = keys({1, 0, 2, 3}); }) ==
          "`q` must have no size of 0, got [1, 0, 2, 3]");
    CHECK(shape_error([&](auto& p) { p.v = p.w = keys({1, 8, 3, 5}); }) ==
          "`v` must have a multiple of q's 2 heads, got 3");
    CHECK(shape_error([&](auto& p) { p.initial_state = keys({1, 4, 3, 5}); }) ==
          "`initial_state` must be [sequences, value_heads, key_dim, value_dim] = [3, 4, 3, 5], got [1, 4, 3, 5]");
    CHECK(shape_error([&](auto& p) { p.d_o = keys({1, 8, 2, 5}); }).find("`do` must be") == 0);
    CHECK(shape_error([&](auto& p) { p.d_final_state = keys({3, 4, 5, 3}); }).find("`dht` must be") == 0);
}

TEST_CASE("offsets of a packed batch are held to their rules") {
    const auto offsets = [](std::vector<Index> x) {
        return [x](Problem<double>& p) { p.cu_seqlens = x; };
    };
    CHECK(shape_error(offsets({1, 3, 3, 8})) == "`cu_seqlens[0]` must be 0, got 1");
    CHECK(shape_error(offsets({0, 3, 3, 7})) == "`cu_seqlens[3]` must be length = 8, got 7");
    CHECK(shape_error(offsets({0, 5, 3, 8})) == "`cu_seqlens` must never decrease: cu_seqlens[2] = 3 after 5");
    CHECK(shape_error(offsets({0})) == "`cu_seqlens` must be [0, ..., length], at least 2 numbers, got 1");
    CHECK(shape_error(offsets({})) == "`cu_seqlens` must be [0, ..., length], at least 2 numbers, got 0");
    CHECK(shape_error([](auto& p) {
              p = test::draw_problem({{2, 8, 1, 1, 3, 5, 2}});
              p.cu_seqlens = std::vector<Index>{0, 8};
          }) == "`cu_seqlens` needs batch = 1, got batch = 2");
}

TEST_CASE("values that mean nothing are refused with their place") {
    const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
    CHECK(value_error([&](auto& p) { p.k[5] = nan; }) == "`k`[0, 0, 1, 2] = nan is not a finite number");
    CHECK(value_error([&](auto& p) { p.k[5] = -nan; }) == "`k`[0, 0, 1, 2] = nan is not a finite number");
    CHECK(value_error([&](auto& p) { p.g[1] = 1e-30; }) ==
          "`g`[0, 0, 0, 1] = 1e-30 must be <= 0: g is a log-decay");
    CHECK(value_error([&](auto& p) { p.q[0] = nan; }).find("`q`[0, 0, 0, 0]") == 0);
    CHECK(value_error([&](auto& p) { p.b[1] = nan; }).find("`b`[0, 0, 0, 1]") == 0);
    CHECK(value_error([&](auto& p) { p.w[1] = nan; }).find("`w`[0, 0, 0, 1]") == 0);
    CHECK(value_error([&](auto& p) { p.v[0] = infinity; }) == "`v`[0, 0, 0, 0] = inf is not a finite number");
    CHECK(value_error([&](auto& p) { p.g[1] = 0.5; }) ==
          "`g`[0, 0, 0, 1] = 0.5 must be <= 0: g is a log-decay");
    CHECK(value_error([&](auto& p) { p.g[1] = infinity; }) == "`g`[0, 0, 0, 1] = inf is not a finite number");
    CHECK(value_error([&](auto& p) { p.g[1] = -infinity; }) == "accepted");
    CHECK(value_error([&](auto& p) { p.scale = nan; }) == "`scale` = nan is not a finite number");
    CHECK(value_error([&](auto& p) { (*p.d_o)[2] = nan; }).find("`do`[0, 0, 0, 2]") == 0);
    CHECK(value_error([&](auto& p) { (*p.d_final_state)[1] = nan; }).find("`dht`[0, 0, 0, 1]") == 0);
    CHECK(value_error([&](auto& p) { (*p.initial_state)[1] = nan; }).find("`initial_state`[0, 0, 0, 1]") == 0);
}

TEST_CASE("gates outside their range are a warning") {
    Problem<double> p = good();
    p.b[3] = 2.5;
    p.w[1] = -0.25;
    const std::vector<std::string> lines = warnings(p);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == "`b`[0, 0, 1, 0] = 2.5 lies outside [0, 2]");
    CHECK(lines[1] == "`w`[0, 0, 0, 1] = -0.25 lies outside [0, 1]");
}

TEST_CASE("a span of a sequence sees the same numbers") {
    const Problem<double> p = good();
    const auto rows = [](const Tensor<double>& t) { return head_rows(t, 0, 1, 0, 8); };
    const Sequence<double> x{rows(p.q), rows(p.k), rows(p.g), rows(p.b), rows(p.v), rows(p.w), 2.0};
    const Sequence<double> part = span_of(x, 3, 4);
    CHECK(part.length() == 4);
    CHECK(part.scale == 2.0);
    CHECK(part.k == x.k.middleRows(3, 4));
    CHECK(part.w == x.w.middleRows(3, 4));
    CHECK(part.v.data() == x.v.data() + 3 * 4 * 5);
}

}  // namespace
}  // namespace gdn2
