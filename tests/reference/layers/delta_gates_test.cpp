// The gates of the delta family worked by hand, each way of tying them; adjoints are held by the mixers' gradcheck.
#include "reference/layers/delta_gates.h"

#include <doctest/doctest.h>

#include <cmath>

namespace gdn2 {
namespace {

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

/// Two key heads of 2 channels, two value heads each of 1 channel; x of one number, so that logits are the weights.
DeltaGates<double> gates_of(Erase erase, Write write) {
    DeltaGates<double> gates;
    gates.erase = erase;
    gates.write = write;
    gates.key_heads = 2;
    gates.value_heads = 4;
    gates.key_dim = 2;
    gates.value_dim = 1;
    gates.b.proj.weight = erase == Erase::beta ? Matrix<double>{{1.0}, {-1.0}}
                                               : Matrix<double>{{1.0}, {2.0}, {-1.0}, {0.0}};
    gates.w.proj.weight = Matrix<double>{{0.5}, {-0.5}, {3.0}, {-3.0}};
    return gates;
}

const Matrix<double> one{{1.0}};

TEST_CASE("channels have gates of their own") {
    const auto y = forward(gates_of(Erase::channels, Write::channels), one);
    CHECK(y.b.isApprox(Matrix<double>{{sigmoid_of(1), sigmoid_of(2), sigmoid_of(-1), 0.5}}));
    CHECK(y.w.isApprox(Matrix<double>{{sigmoid_of(0.5), sigmoid_of(-0.5), sigmoid_of(3), sigmoid_of(-3)}}));
}

TEST_CASE("means are taken within a head after the sigmoid") {
    const auto y = forward(gates_of(Erase::mean, Write::mean), one);
    const double first = (sigmoid_of(1) + sigmoid_of(2)) / 2, second = (sigmoid_of(-1) + 0.5) / 2;
    CHECK(y.b.isApprox(Matrix<double>{{first, first, second, second}}));
    CHECK(y.w.isApprox(Matrix<double>{{sigmoid_of(0.5), sigmoid_of(-0.5), sigmoid_of(3), sigmoid_of(-3)}}));
}

TEST_CASE("a tied write gate is the erase gate of its key head") {
    const auto tied = forward(gates_of(Erase::mean, Write::of_erase), one);
    CHECK(tied.w(0) == tied.b(0));
    CHECK(tied.w(1) == tied.b(0));
    CHECK(tied.w(2) == tied.b(2));
    CHECK(tied.w(3) == tied.b(2));
    const auto beta = forward(gates_of(Erase::beta, Write::of_erase), one);
    CHECK(beta.b.isApprox(Matrix<double>{{sigmoid_of(1), sigmoid_of(1), sigmoid_of(-1), sigmoid_of(-1)}}));
    CHECK(beta.w.isApprox(beta.b));
}

TEST_CASE("doubling the erase gate leaves an untied write gate and doubles a tied one") {
    DeltaGates<double> gates = gates_of(Erase::channels, Write::channels);
    const auto before = forward(gates, one);
    gates.b.most = 2;
    const auto after = forward(gates, one);
    CHECK(after.b.isApprox(2 * before.b));
    CHECK(after.w == before.w);
    gates = gates_of(Erase::beta, Write::of_erase);
    const auto tied_before = forward(gates, one);
    gates.b.most = 2;
    CHECK(forward(gates, one).w.isApprox(2 * tied_before.w));
}

TEST_CASE("a rule without gates has none") {
    DeltaGates<double> gates = gates_of(Erase::none, Write::ones);
    const auto y = forward(gates, one);
    CHECK(y.b.size() == 0);
    CHECK(y.w.size() == 0);
    CHECK(backward(gates, one, y, {}, {}, gates) == Matrix<double>::Zero(1, 1));
}

}  // namespace
}  // namespace gdn2
