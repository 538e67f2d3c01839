// Every layer's adjoint against dual numbers and central differences; and that it adds to what it is given.
#include "reference/layers/mixer_operators.h"
#include "reference/layers/operators.h"

#include "reference/layers/gated_rms_norm.h"
#include "reference/layers/gates.h"
#include "reference/layers/initial.h"
#include "reference/layers/mlp.h"
#include "reference/layers/projection.h"
#include "reference/layers/short_conv.h"
#include "tests/support/expect_gradcheck.h"

namespace gdn2 {
namespace {

TEST_CASE("every layer passes gradcheck") { test::expect_gradcheck(layer_operators()); }

TEST_CASE("every mixer passes gradcheck by its input and by each of its parameters") {
    test::expect_gradcheck(mixer_operators());
}

TEST_CASE("layers have names of their own among operators") {
    const std::set<std::string> names = test::distinct_names(layer_operators());
    CHECK(names.count("short_conv") == 1);
}

/// Two runs into one gradient give twice what one gives.
template <template <class> class Layer, class Run>
void check_adds(const Layer<double>& layer, const Run& run) {
    Layer<double> once = zeros_like(layer), twice = zeros_like(layer);
    run(once);
    run(twice);
    run(twice);
    const Parameters<double> half = parameters_of(once), whole = parameters_of(twice);
    REQUIRE(half.size() > 0);
    for (std::size_t i = 0; i < half.size(); ++i) {
        const Eigen::Map<const Vector<double>> d(half[i].data, half[i].size()), both(whole[i].data, whole[i].size());
        INFO("parameter " << half[i].name);
        CHECK(d.norm() > 0);
        CHECK((both - 2 * d).norm() <= 1e-14 * d.norm());
    }
}

TEST_CASE("every layer's adjoint adds to the gradient it is given") {
    Random random(6);
    const LinearOptions biased{.bias = true};
    const Matrix<double> x = normal_matrix<double>(8, 6, 1, random), dy = normal_matrix<double>(8, 6, 1, random);
    const auto simple = [&](const auto& layer) {
        check_adds(layer, [&](auto& d) { backward(layer, x, dy, d); });
    };
    simple(make_linear<double>(6, 6, biased, random));
    simple(make_projection<double>(6, 2, 6, biased, random));
    simple(make_rms_norm<double>(3));
    simple(make_decay_gate<double>(2, 6, {}, random));
    simple(make_decay_gate<double>(2, 6, {.lower_bound = -5}, random));
    const ShortConv<double> conv = make_short_conv<double>(6, 4, true, random);
    check_adds(conv, [&](auto& d) { backward(conv, x, {2, 4}, dy, d); });
    const EditGate<double> edit{make_linear<double>(6, 6, biased, random)};
    check_adds(edit, [&](auto& d) { backward(edit, x, forward(edit, x), dy, d); });
    const Mlp<double> mlp = make_mlp<double>(6, 7, biased, random);
    MlpKept<double> kept;
    forward(mlp, x, &kept);
    check_adds(mlp, [&](auto& d) { backward(mlp, x, kept, dy, d); });
    for (const bool norm_first : {true, false}) {
        const GatedRmsNorm<double> gated{make_rms_norm<double>(6), Activation::silu, norm_first};
        check_adds(gated, [&](auto& d) { backward(gated, x, dy, x, d); });
    }
}

}  // namespace
}  // namespace gdn2
