// Every cell of the table: worked out by hand, found by the search, and reached by the delta rule itself.
#include "reference/tasks/expressivity.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "reference/core/error.h"
#include "reference/core/random.h"
#include "reference/delta_rule/recurrent.h"

using namespace gdn2;

namespace {

/// The least of f on [0, 1], by looking everywhere: to 1e-9 for the functions here.
template <class Function>
double least(const Function& f) {
    constexpr int steps = 100000;
    double best = f(0.0);
    for (int i = 1; i <= steps; ++i) best = std::min(best, f(static_cast<double>(i) / steps));
    return best;
}

double square(double x) { return x * x; }

// What is read is alpha (1 - beta) old + beta fresh at k and alpha other at other_key; beta is the best for its alpha.
double gated_delete() {
    return least([](double alpha) { return square(alpha) / (1 + square(alpha)) + square(1 - alpha); });
}
double gated_masked_write() {
    return least(
        [](double alpha) { return 0.5 * (square(alpha) + 0.5) / (square(alpha) + 1) + square(1 - alpha); });
}
double gated_masked_erase() {
    return least(
        [](double alpha) { return square(alpha - 0.5) / (1 + square(alpha)) + 0.25 + square(1 - alpha); });
}
// Decay by channel: alpha is 1 on the last channels and 2 u - 1 on the first, u >= 1/2. Then k reads
// (1 - beta) (u old + (u-1) other) and other_key (u-1) old + u other; `price` is what beta costs besides: 1 where it
// also writes `fresh`, 0 where it does not.
double channel_masked_erase(double price) {
    return least([=](double half) {
        const double u = 0.5 + half / 2, erased = square(u) + square(1 - u) + price;
        return 2 * square(u - 0.5) - square((u - 0.5) * (2 * u - 1)) / erased + 2 * square(1 - u);
    });
}

/// Rows as gate_rules(), columns as memory_operations().
std::vector<std::vector<double>> worked_out() {
    const double D = gated_delete(), W = gated_masked_write(), E = gated_masked_erase();
    const double tied = channel_masked_erase(1), untied = channel_masked_erase(0);
    // overwrite, append, delete, keep, masked write, masked erase, replace half, negate
    return {{1, 0, 2, 1, 1.5, 1.5, 1, 5},             // linear attention
            {0.5, 0, 0.5, 0, 0.75, 0.375, 0.625, 2},  // Mamba-2
            {0, 0.5, 0.5, 0, 0.375, 0.375, 0.5, 2},   // DeltaNet
            {0, 0.5, D, 0, W, E, 0.5, 2},             // Gated DeltaNet
            {0, 0.5, D, 0, W, tied, 0.5, 2},          // KDA
            {0, 0.5, D, 0, W, tied, 0.5, 2},          // GDN-2 tied
            {0, 0, 0, 0, 0.25, untied, 0.5, 1},       // GDN-2 untied scalars
            {0, 0, 0, 0, 0.25, 0, 0.5, 1},            // GDN-2 b-only
            {0, 0, 0, 0, 0, untied, 0.25, 1},         // GDN-2 w-only
            {0, 0, 0, 0, 0, 0, 0.25, 1},              // GDN-2
            {0, 0, 0, 0, 0, 0, 0.25, 0}};             // GDN-2 b in [0, 2]
}

const std::vector<std::vector<Expressivity>>& table() {
    static const auto table = expressivity_table();
    return table;
}

std::size_t row_of(const std::string& name) {
    const auto& rules = gate_rules();
    const auto at =
        std::find_if(rules.begin(), rules.end(), [&](const GateRule& x) { return x.name == name; });
    REQUIRE(at != rules.end());
    return static_cast<std::size_t>(at - rules.begin());
}

Eigen::Map<const Vector<double>> view(const Vector<double>& x) { return {x.data(), x.size()}; }

/// The error as the recurrent rule makes it.
double error_by_the_rule(const TokenGates& gates, const MemoryOperation& operation) {
    const OneTokenMemory& m = one_token_memory();
    const Vector<double> g = gates.alpha.array().log().matrix();
    const Token<double> token{view(m.k), view(m.k), view(g), view(gates.b), view(m.fresh), view(gates.w), 0};
    Matrix<double> S = m.S;
    const Vector<double> answer = step(token, S);
    return (answer - operation.target).squaredNorm() + (S.transpose() * m.other_key - m.other).squaredNorm();
}

}  // namespace

TEST_CASE("the memory holds two values under two keys and has a third at hand") {
    const OneTokenMemory& m = one_token_memory();
    CHECK((m.S.transpose() * m.k - m.old).norm() < 1e-15);
    CHECK((m.S.transpose() * m.other_key - m.other).norm() < 1e-15);
    for (const Vector<double>& x : {m.k, m.other_key, m.old, m.fresh, m.other})
        CHECK(x.norm() == doctest::Approx(1));
    CHECK(m.k.dot(m.other_key) == 0);
    CHECK(m.old.dot(m.fresh) == 0);
    CHECK(m.old.dot(m.other) == 0);
    CHECK(m.fresh.dot(m.other) == 0);
}

TEST_CASE("every cell is what a calculation by hand says") {
    const auto expected = worked_out();
    REQUIRE(table().size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        for (std::size_t j = 0; j < expected[i].size(); ++j) {
            CAPTURE(gate_rules()[i].name);
            CAPTURE(memory_operations()[j].name);
            CHECK(std::abs(table()[i][j].error - expected[i][j]) <= 1e-8);
        }
}

TEST_CASE("the delta rule itself makes every cell from the gates that are given with it") {
    for (std::size_t i = 0; i < table().size(); ++i)
        for (std::size_t j = 0; j < table()[i].size(); ++j) {
            const Expressivity& cell = table()[i][j];
            if (cell.gates.alpha.minCoeff() <= 0) continue;  // no finite g
            CHECK(std::abs(error_by_the_rule(cell.gates, memory_operations()[j]) - cell.error) <= 1e-12);
        }
}

TEST_CASE("gates stay in their ranges and have the shape of their rule") {
    const auto constant = [](const Vector<double>& x) { return x.minCoeff() == x.maxCoeff(); };
    for (std::size_t i = 0; i < table().size(); ++i) {
        const GateRule& rule = gate_rules()[i];
        for (const Expressivity& cell : table()[i]) {
            const TokenGates& gates = cell.gates;
            CHECK(std::min({gates.alpha.minCoeff(), gates.b.minCoeff(), gates.w.minCoeff()}) >= 0);
            CHECK(std::max(gates.alpha.maxCoeff(), gates.w.maxCoeff()) <= 1);
            CHECK(gates.b.maxCoeff() <= rule.most_erase);
            if (rule.decay != GateShape::channels) CHECK(constant(gates.alpha));
            if (rule.erase != GateShape::channels) CHECK(constant(gates.b));
            if (rule.write != GateShape::channels) CHECK(constant(gates.w));
            if (rule.decay == GateShape::fixed) CHECK(gates.alpha(0) == 1);
            if (rule.erase == GateShape::fixed) CHECK(gates.b(0) == 0);
            if (rule.write == GateShape::fixed) CHECK(gates.w(0) == 1);
            if (rule.tied) CHECK(gates.b(0) == gates.w(0));
        }
    }
}

TEST_CASE("no gates drawn by lot do better than GDN-2's and KDA's cells") {
    Random random(1);
    const auto draw = [&](Index size) {
        Vector<double> x(size);
        for (Index i = 0; i < size; ++i) x(i) = std::clamp(random.uniform(-0.2, 1.2), 0.0, 1.0);
        return x;
    };
    for (int i = 0; i < 20000; ++i) {
        TokenGates gates{draw(4), draw(4), draw(6)};
        for (std::size_t j = 0; j < memory_operations().size(); ++j)
            CHECK(operation_error(gates, memory_operations()[j]) >=
                  table()[row_of("GDN-2")][j].error - 1e-12);
        gates.b.setConstant(gates.b(0));
        gates.w.setConstant(gates.b(0));
        for (std::size_t j = 0; j < memory_operations().size(); ++j)
            CHECK(operation_error(gates, memory_operations()[j]) >= table()[row_of("KDA")][j].error - 1e-12);
    }
}

TEST_CASE("one beta for both appends at best halfway, and two gates append exactly") {
    const Expressivity& kda = table()[row_of("KDA")][1];
    CHECK(kda.error == doctest::Approx(0.5));
    CHECK(kda.gates.b(0) == doctest::Approx(0.5));
    const Expressivity& gdn2 = table()[row_of("GDN-2")][1];
    CHECK(gdn2.error < 1e-15);
    CHECK(operation_error({Vector<double>::Ones(4), Vector<double>::Zero(4), Vector<double>::Ones(6)},
                          memory_operations()[1]) < 1e-30);
}

TEST_CASE("the table is the same every time and prints as rows of rules") {
    const auto again = expressivity_table();
    for (std::size_t i = 0; i < again.size(); ++i)
        for (std::size_t j = 0; j < again[i].size(); ++j) {
            CHECK(again[i][j].error == table()[i][j].error);
            CHECK(again[i][j].gates.alpha == table()[i][j].gates.alpha);
        }
    const std::string text = to_text(table());
    CHECK(text.find("KDA                              0           0.5         0.419             0") !=
          std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 12);
    for (const MemoryOperation& operation : memory_operations())
        CHECK(text.find(operation.name) != std::string::npos);
}
