// Arithmetic is written as people write it, and a reader who works the line out gets the number.
#include "reference/trace/arithmetic.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/random.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/worked_out.h"

namespace gdn2::test {
namespace {

using trace::Arithmetic;
using trace::Formula;

constexpr Index rows = 9;

/// `numbers` by name; with indices, the number times the last index.
trace::Scope scope_of(const std::map<std::string, double, std::less<>>& numbers) {
    return {{{'t', 4}, {'i', 5}, {'r', 3}, {'s', 1}, {'n', 2}},
            {{'j', 3}, {'m', 12}},
            [](Index) { return rows - 1; },
            [numbers](std::string_view name, std::span<const Index> at) {
                const double value = numbers.find(name)->second;
                return at.empty() ? value : value * static_cast<double>(at.back());
            }};
}

std::string numbers_of(const char* text, double a, double b = 0, double c = 0) {
    return arithmetic_of(Formula(text), scope_of({{"a", a}, {"b", b}, {"c", c}})).numbers;
}

std::string symbols_of(const char* text) {
    const trace::Scope scope = scope_of({{"a", 1}, {"S_decayed", 1}, {"k", 1}, {"u", 1}, {"A_qk", 1}});
    return arithmetic_of(Formula(text), scope).symbols;
}

TEST_CASE("signs stand between the terms, and behind a product's dot in parentheses") {
    CHECK(numbers_of("a + b * c", -0.563, -0.224, 0.745) == "-0.563 - 0.224 * 0.745");
    CHECK(numbers_of("a + b * c", 0.5, 0.25, -2) == "0.5 + 0.25 * (-2)");
    CHECK(numbers_of("a - b * c", 0.5, -0.25, 2) == "0.5 + 0.25 * 2");
    CHECK(numbers_of("a - b", 1, 2) == "1 - 2");
    CHECK(numbers_of("a - b", 1, -2) == "1 + 2");
    CHECK(numbers_of("a * (b - c)", 2, -3, -4) == "2 * (-3 + 4)");
    CHECK(numbers_of("exp(a - b)", -1, 2) == "exp(-1 - 2)");
    CHECK(numbers_of("-a * b", 1, 2) == "-1 * 2");
    CHECK(numbers_of("-a * b", -1, 2) == "1 * 2");
    CHECK(numbers_of("b * -a", 1, 2) == "2 * (-1)");
    CHECK(numbers_of("-(a + b)", 1, 2) == "-(1 + 2)");
    CHECK(numbers_of("[r=s] - a", 1) == "0 - 1");
    CHECK(numbers_of("a", -0.0) == "0");
    CHECK(numbers_of("a", 1.0 / 3) == "0.3333");
    CHECK(numbers_of("a + b", 1e-7, -123456) == "1e-07 - 1.235e+05");
}

TEST_CASE("a sum is written as its terms, the largest first") {
    CHECK(numbers_of("sum(j) a[j]", 0.5) == "1 + 0.5");
    CHECK(numbers_of("b * sum(j) a[j]", 0.5, 3) == "3 * (1 + 0.5)");
    CHECK(numbers_of("b - sum(j) a[j]", -0.5, 3) == "3 - (-1 - 0.5)");
    CHECK(numbers_of("b + sum(j) a[j]", -0.5, 3) == "3 - 1 - 0.5");
    CHECK(numbers_of("-sum(j) a[j]", 0.5) == "-(1 + 0.5)");
    CHECK(numbers_of("b * sum(m<s) a[m]", 0.5, 3) == "3 * 0");
    CHECK(numbers_of("sum(j) a[j]", 0) == "0");
    CHECK(numbers_of("sum(m) a[m]", 1) == "11 + 10 + 9 + 8 + 7 + 21");
    CHECK(numbers_of("if(r<s) sum(j) a[j]", 1) == "0");
}

TEST_CASE("symbols have their indices filled in, but for the token and the chunk") {
    CHECK(symbols_of("S_decayed[t,i,r] + k[t,i] * u[t,s]") == "S'[t,5,3] + k[t,5] * u[t,1]");
    CHECK(symbols_of("a[t-1,i] * a[n+1,last,i+1]") == "a[t-1,5] * a[n+1,last,6]");
    CHECK(symbols_of("a * sum(j) u[t,j] * A_qk[n,r,j-1]") == "a * sum(j) u[t,j] * A_qk[n,3,j-1]");
    CHECK(symbols_of("[r=s] - sum(m<r) a[m] * (u[r] - u[m])") == "[3=1] - sum(m<3) a[m] * (u[3] - u[m])");
    CHECK(symbols_of("-sum(j) exp(u[j])") == "-sum(j) exp(u[j])");
    CHECK(symbols_of("if(s<=r) u[s]") == "u[1]");
    CHECK(symbols_of("if(r<s) u[s]") == "if(3<1) u[1]");
}

TEST_CASE("the terms of a sum say which they are, and what the others add") {
    const Arithmetic a = arithmetic_of(Formula("b * sum(m) c[m] * a"), scope_of({{"a", -0.5}, {"b", 2}, {"c", 1}}));
    CHECK(a.value == -66);
    CHECK(a.letter == 'm');
    REQUIRE(a.terms.size() == 5);
    for (Index i = 0; i < 5; ++i) {
        CHECK(a.terms[static_cast<std::size_t>(i)].at == 11 - i);
        CHECK(a.terms[static_cast<std::size_t>(i)].value == -0.5 * static_cast<double>(11 - i));
    }
    CHECK(a.terms[1].numbers == "10 * (-0.5)");
    CHECK(a.others == 7);
    CHECK(a.rest == -10.5);
    CHECK(arithmetic_of(Formula("a * b"), scope_of({{"a", 1}, {"b", 2}})).letter == 0);
}

TEST_CASE("a term that is not a number comes first, and breaks nothing") {
    const AllowFpExceptions allowed;
    trace::Scope scope = scope_of({});
    scope.number = [](std::string_view, std::span<const Index> at) {
        return at[0] == 7 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(at[0]);
    };
    const Arithmetic a = arithmetic_of(Formula("sum(m) c[m]"), scope, {.terms = 2});
    CHECK(std::isnan(a.value));
    CHECK(a.numbers == "nan + 11 + 48");
    CHECK(a.terms[0].at == 7);
}

/// The same number for the same name and place.
double drawn(std::string_view name, std::span<const Index> at) {
    std::uint64_t seed = std::hash<std::string_view>()(name);
    for (const Index i : at) seed = seed * 131 + static_cast<std::uint64_t>(i + 3);
    Random random(seed);
    return random.uniform(-1, 1);
}

TEST_CASE("who works out the line of any field gets its value, and its terms are what they say") {
    const trace::Scope scope{{{'t', 4}, {'n', 2}, {'i', 5}, {'j', 2}, {'r', 6}, {'s', 3}},
                             {{'i', 40}, {'j', 7}, {'r', rows}, {'m', rows}},
                             [](Index) { return rows - 1; },
                             drawn};
    for (const trace::FieldInfo& line : trace::fields())
        for (const int digits : {3, 4, 6}) {
            CAPTURE(line.id);
            const Arithmetic a = arithmetic_of(Formula(line.formula), scope, {.digits = digits});
            CAPTURE(a.numbers);
            CHECK(a.value == Formula(line.formula).value(scope));
            const Interval result = worked_out(a.numbers, digits);
            CHECK(result.holds(a.value));
            CHECK(result.width() < 100 * std::pow(10, -digits));
            double total = a.rest;
            for (const trace::Term& term : a.terms) {
                CHECK(worked_out(term.numbers, digits).holds(term.value));
                total += term.value;
            }
            if (line.formula.starts_with("sum")) CHECK(std::abs(total - a.value) <= 1e-14);
        }
}

}  // namespace
}  // namespace gdn2::test
