// AdamW against steps worked by hand and against its equations once more, element by element in another order.
#include "reference/train/adamw.h"

#include <doctest/doctest.h>

#include <cmath>

#include "reference/core/error.h"
#include "reference/core/random.h"

using namespace gdn2;

namespace {

/// Two parameters, of which the second wants no weight decay.
template <class Scalar>
struct Pair {
    Vector<Scalar> weight{2}, norm{1};

    Pair(Scalar a, Scalar b, Scalar c) {
        weight << a, b;
        norm << c;
    }
    Parameters<Scalar> parameters() {
        Parameters<Scalar> all;
        collect("weight", weight, true, all);
        collect("norm", norm, false, all);
        return all;
    }
};

/// One number under the textbook's form of the algorithm, with corrected moments of their own.
struct Textbook {
    double p, m = 0, v = 0;
    int n = 0;

    void step(double d, double rate, const AdamWOptions& o, bool decays) {
        ++n;
        if (decays) p -= rate * o.weight_decay * p;
        m = o.beta1 * m + (1 - o.beta1) * d;
        v = o.beta2 * v + (1 - o.beta2) * d * d;
        const double m_hat = m / (1 - std::pow(o.beta1, n)), v_hat = v / (1 - std::pow(o.beta2, n));
        p -= rate * m_hat / (std::sqrt(v_hat) + o.epsilon);
    }
};

}  // namespace

TEST_CASE("a first step of AdamW goes by the learning rate against the sign of the gradient") {
    Pair<double> p(1, -2, 3), d(4, -0.5, 1e-3);
    AdamWState<double> state = adamw_start(p.parameters());
    adamw_step(p.parameters(), d.parameters(), 0.1, {.epsilon = 0}, state);
    CHECK(p.weight(0) == doctest::Approx(0.9).epsilon(1e-15));
    CHECK(p.weight(1) == doctest::Approx(-1.9).epsilon(1e-15));
    CHECK(p.norm(0) == doctest::Approx(2.9).epsilon(1e-15));
    CHECK(state.steps == 1);
}

TEST_CASE("two steps of AdamW worked by hand") {
    // beta1 = beta2 = 1/2, gradients 2 then 0: m = 1, 1/2 and v = 2, 1; corrected 2, 2/3 and 4, 4/3.
    Pair<double> p(1, 1, 1), d(2, 2, 2), none(0, 0, 0);
    const AdamWOptions options{.beta1 = 0.5, .beta2 = 0.5, .epsilon = 0.5, .weight_decay = 0.25};
    AdamWState<double> state = adamw_start(p.parameters());
    adamw_step(p.parameters(), d.parameters(), 0.5, options, state);
    CHECK(p.weight(0) == doctest::Approx(0.875 - 0.5 * 2 / 2.5).epsilon(1e-15));
    CHECK(p.norm(0) == doctest::Approx(1 - 0.5 * 2 / 2.5).epsilon(1e-15));
    const double before = p.norm(0), second = 0.5 * (2.0 / 3) / (std::sqrt(4.0 / 3) + 0.5);
    adamw_step(p.parameters(), none.parameters(), 0.5, options, state);
    CHECK(p.weight(0) == doctest::Approx((0.875 - 0.4) * 0.875 - second).epsilon(1e-15));
    CHECK(p.norm(0) == doctest::Approx(before - second).epsilon(1e-15));
}

TEST_CASE("AdamW follows the textbook for a hundred steps in float and double") {
    const AdamWOptions options{.weight_decay = 0.1};
    Pair<double> p(0.5, -1, 2);
    Pair<float> q(0.5F, -1, 2);
    Textbook first{0.5}, second{-1}, third{2};
    AdamWState<double> state = adamw_start(p.parameters());
    AdamWState<float> state_of_float = adamw_start(q.parameters());
    Random random(5);
    for (int n = 0; n < 100; ++n) {
        const float a = static_cast<float>(random.normal()), b = static_cast<float>(random.normal() + 1),
                    c = 1e-4F * a;
        const double rate = 0.01 * (1 + n % 3);
        Pair<double> d(a, b, c);
        Pair<float> e(a, b, c);
        adamw_step(p.parameters(), d.parameters(), rate, options, state);
        adamw_step(q.parameters(), e.parameters(), rate, options, state_of_float);
        first.step(a, rate, options, true);
        second.step(b, rate, options, true);
        third.step(c, rate, options, false);
    }
    CHECK(std::abs(p.weight(0) - first.p) <= 1e-14);
    CHECK(std::abs(p.weight(1) - second.p) <= 1e-14);
    CHECK(std::abs(p.norm(0) - third.p) <= 1e-14);
    CHECK(std::abs(q.weight(0) - first.p) <= 2e-6);
    CHECK(std::abs(q.weight(1) - second.p) <= 2e-6);
    CHECK(std::abs(q.norm(0) - third.p) <= 2e-6);
}

TEST_CASE("clipping shortens the whole gradient to the norm allowed and leaves a shorter one") {
    Pair<float> d(2, -3, 6);
    CHECK(norm_of(d.parameters()) == 7);
    clip(d.parameters(), 7, 3.5);
    CHECK(d.weight(0) == 1);
    CHECK(d.weight(1) == -1.5F);
    CHECK(d.norm(0) == 3);
    clip(d.parameters(), norm_of(d.parameters()), 4);
    CHECK(d.norm(0) == 3);
    clip(d.parameters(), norm_of(d.parameters()), 0);  // no limit
    CHECK(d.norm(0) == 3);
}

TEST_CASE("AdamW refuses gradients and moments that are not the parameters'") {
    Pair<double> p(1, 2, 3);
    AdamWState<double> state = adamw_start(p.parameters());
    Parameters<double> fewer = p.parameters(), other = p.parameters();
    fewer.pop_back();
    other[1].shape = {2};
    CHECK_THROWS_WITH_AS(adamw_step(p.parameters(), fewer, 0.1, {}, state),
                         "AdamW needs a gradient and two moments for each of 2 parameters", Error);
    CHECK_THROWS_WITH_AS(adamw_step(p.parameters(), other, 0.1, {}, state),
                         "the gradient and the moments of `norm` must have 1 numbers", Error);
    CHECK(state.steps == 0);
}
