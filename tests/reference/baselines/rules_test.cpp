// What every rule with a state keeps to, whatever the rule: chunks change nothing, a sequence may be cut anywhere, no
// token changes nothing, one token is a step, and a decay of -inf wipes exactly. The rules come from operators.h.
#include <doctest/doctest.h>

#include <limits>

#include "reference/baselines/operators.h"
#include "reference/core/random.h"
#include "tests/support/expect_close.h"

namespace gdn2 {
namespace {

using check::Operator;
using check::Tensors;

/// A rule token by token and its twin in chunks, at the same point.
struct Twins {
    Operator recurrent, chunk;

    Tensors<double> point() const {
        Tensors<double> at;
        for (const check::Input& input : recurrent.inputs) at.push_back(input.at);
        return at;
    }
    std::size_t state_size() const { return recurrent.outputs.size() - 1; }
};

std::vector<Twins> all_twins(Index length, Index chunk_length) {
    const std::vector<Operator> all = baselines::operators(length, chunk_length);
    std::vector<Twins> twins;
    for (std::size_t i = 0; i + 1 < all.size(); ++i)
        if (all[i + 1].name == all[i].name + "_chunk") twins.push_back({all[i], all[i + 1]});
    REQUIRE(twins.size() == 7);
    return twins;
}

Tensors<double> draw_upstream(const Tensors<double>& outputs, std::uint64_t seed) {
    Random random(seed);
    Tensors<double> dy;
    for (const Tensor<double>& y : outputs) dy.push_back(random_normal(y.shape(), random));
    return dy;
}

check::Kind kind_of_input(const std::string& name) {
    const bool decays = name == "g" || name == "dt" || name == "Delta" || name == "A";
    return decays ? check::Kind::decay_gradient : check::Kind::gradient;
}

void expect_outputs(const Operator& op, const Tensors<double>& reference, const Tensors<double>& claim) {
    for (std::size_t i = 0; i < reference.size(); ++i)
        test::expect_close(op.outputs[i], reference[i], claim[i],
                           check::tolerance(check::Pair::chunk_recurrent, check::Kind::output));
}

void expect_gradients(const Operator& op, const Tensors<double>& reference, const Tensors<double>& claim) {
    for (std::size_t i = 0; i < reference.size(); ++i) {
        const std::string& name = op.inputs[i].name;
        test::expect_close("d " + name, reference[i], claim[i],
                           check::tolerance(check::Pair::chunk_recurrent, kind_of_input(name)));
    }
}

void expect_twins_agree(const Twins& rule, const Tensors<double>& x) {
    INFO("rule " << rule.recurrent.name);
    const Tensors<double> y = rule.recurrent.forward(x), dy = draw_upstream(y, 5);
    expect_outputs(rule.recurrent, y, rule.chunk.forward(x));
    expect_gradients(rule.recurrent, rule.recurrent.adjoint(x, dy), rule.chunk.adjoint(x, dy));
}

/// Tokens [first, first + length) of the inputs, with the state `state` (empty: the inputs' own).
Tensors<double> cut(const Twins& rule, const Tensors<double>& x, Index first, Index length,
                    const Tensors<double>& state) {
    Tensors<double> part = x;
    const std::size_t states = x.size() - rule.state_size();
    for (std::size_t i = 0; i < states; ++i) {
        if (x[i].rank() != 2) continue;
        const Index dim = x[i].shape()[1];
        const double* start = x[i].data() + first * dim;
        part[i] = Tensor<double>({length, dim}, {start, start + length * dim});
    }
    for (std::size_t i = 0; i < state.size(); ++i) part[states + i] = state[i];
    return part;
}

TEST_CASE("every rule gives the same in chunks of any length") {
    for (const Index length : {1, 2, 21, 70})
        for (const Index chunk_length : {1, 2, 8, 32, 100}) {
            INFO("length " << length << " chunk " << chunk_length);
            for (const Twins& rule : all_twins(length, chunk_length)) expect_twins_agree(rule, rule.point());
        }
}

TEST_CASE("every rule refuses a chunk of no tokens") {
    for (const Twins& rule : all_twins(4, 0)) {
        INFO("rule " << rule.recurrent.name);
        CHECK_THROWS_AS(rule.chunk.forward(rule.point()), Error);
    }
}

TEST_CASE("every rule may be cut anywhere when its state is carried over") {
    constexpr Index length = 21;
    for (const Twins& rule : all_twins(length, 8))
        for (const Operator& op : {rule.recurrent, rule.chunk})
            for (const Index first : {0, 1, 13, 21}) {
                INFO("operator " << op.name << " cut at " << first);
                const Tensors<double> x = rule.point(), whole = op.forward(x);
                const Tensors<double> before = op.forward(cut(rule, x, 0, first, {}));
                const Tensors<double> state(before.begin() + 1, before.end());
                const Tensors<double> after = op.forward(cut(rule, x, first, length - first, state));
                Tensor<double> o = before[0];
                o.values().insert(o.values().end(), after[0].values().begin(), after[0].values().end());
                Tensors<double> joined = after;
                joined[0] = Tensor<double>(whole[0].shape(), o.values());
                expect_outputs(op, whole, joined);
            }
}

TEST_CASE("no token changes no state and hands its gradient through") {
    for (const Twins& rule : all_twins(0, 8))
        for (const Operator& op : {rule.recurrent, rule.chunk}) {
            INFO("operator " << op.name);
            const Tensors<double> x = rule.point(), y = op.forward(x), dy = draw_upstream(y, 6);
            const Tensors<double> d = op.adjoint(x, dy);
            CHECK(y[0].shape()[0] == 0);
            const std::size_t states = x.size() - rule.state_size();
            for (std::size_t i = 0; i < rule.state_size(); ++i) {
                CHECK(test::identical(y[1 + i], x[states + i]));
                CHECK(test::identical(d[states + i], dy[1 + i]));
            }
        }
}

TEST_CASE("a decay of -inf forgets everything before it and its gradient is zero") {
    constexpr Index wiped = 12;
    for (const Twins& rule : all_twins(21, 8)) {
        if (rule.recurrent.inputs[3].name != "g") continue;
        Tensors<double> x = rule.point();
        const Index channels = x[3].shape()[1];
        for (Index c = 0; c < channels; ++c) x[3][wiped * channels + c] = -std::numeric_limits<double>::infinity();
        expect_twins_agree(rule, x);
        for (const Operator& op : {rule.recurrent, rule.chunk}) {
            INFO("operator " << op.name);
            Tensors<double> other = x;
            other.back()[0] += 100;
            const Tensors<double> y = op.forward(x), y_other = op.forward(other), dy = draw_upstream(y, 7);
            CHECK(y[1].values() == y_other[1].values());
            const Tensors<double> d = op.adjoint(x, dy);
            for (Index c = 0; c < channels; ++c) CHECK(std::abs(d[3][wiped * channels + c]) <= 1e-13);
        }
    }
}

TEST_CASE("a decay too strong for a double leaves every rule finite and in agreement") {
    for (const Twins& rule : all_twins(21, 8)) {
        Tensors<double> x = rule.point();
        for (std::size_t i = 0; i < x.size(); ++i) {
            const std::string& name = rule.recurrent.inputs[i].name;
            if (name == "g" || name == "A")
                for (Index j = 0; j < x[i].size(); j += 3) x[i][j] *= 1e5;
        }
        expect_twins_agree(rule, x);
    }
}

}  // namespace
}  // namespace gdn2
