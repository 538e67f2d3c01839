// The whole layer on a device against the reference's mixer of the rule gdn2 in float64, over what its options allow.
//   sources  cuda/launch/mixer_run.cpp mixer_parameters.cpp, and the kernels of layers/
#include <doctest/doctest.h>

#include "tests/support/plain_mixer.h"
#include "tests/support/refusal.h"

namespace gdn2::test {
namespace {

MixerOptions small() {
    MixerOptions options;
    options.d_model = 24;
    options.heads = 2;
    options.key_dim = 16;
    options.value_dim = 20;
    return options;
}

/// Layers that differ in one thing or two each.
std::map<std::string, MixerOptions> all_options() {
    std::map<std::string, MixerOptions> all{{"as it starts", small()}};
    MixerOptions& grouped = all["grouped value heads, b up to 2"] = small();
    grouped.value_heads = 4;
    grouped.negative_eigenvalues = true;
    MixerOptions& low_rank = all["low ranks, a sigmoid gate, biases"] = small();
    low_rank.decay_rank = 5;
    low_rank.output_gate_rank = 8;
    low_rank.output_gate = "sigmoid";
    low_rank.conv_bias = true;
    MixerOptions& bounded = all["bounded decay, no convolution"] = small();
    bounded.decay_lower_bound = -3;
    bounded.conv_width = 0;
    MixerOptions& plain = all["no output gate, width 2, odd dims"] = small();
    plain.output_gate = "none";
    plain.conv_width = 2;
    plain.d_model = 19;
    plain.key_dim = 13;
    plain.value_dim = 7;
    return all;
}

/// In float by the table; below, by the rule of low precision: so much times what the same layer errs when every tensor
/// is rounded, and a floor. The error of a few numbers is luck.
void expect_layer_close(const MixerCase& c, const std::string& name, const Tensor<double>& truth,
                        const Tensor<double>& plain, const Tensor<float>& claim, double factor, check::Kind kind) {
    const double table = check::tolerance(pair_of(c.precision), kind), floor = table / (truth.size() < 64 ? 2 : 5);
    const bool is_float = c.precision == cuda::Precision::f32;
    expect_close(name, truth, cast<double>(claim), is_float ? table : factor * error_of(truth, plain) + floor);
}

void expect_output(const MixerCase& c, const PlainMixer& plain, const Tensor<float>& claim) {
    const Tensor<double> truth = cast<double>(c.shaped(c.mixer->forward(c.x, c.batch, nullptr)));
    expect_layer_close(c, "y", truth, cast<double>(c.shaped(plain.y())), claim, check::low_precision_factor,
                       check::Kind::output);
}

TEST_CASE("a whole layer on a device agrees with the reference's mixer in every precision and with every option") {
    for (const auto& [name, options] : all_options())
        for (const auto precision : all_precisions) {
            INFO(name << " " << std::string(cuda::name_of(precision)));
            const MixerCase c(options, {2, 70}, precision);
            expect_output(c, PlainMixer(c), cuda::forward_mixer(c.parameters(), c.shaped(c.x), c.on_device()));
        }
}

/// What comes through dg cancels as dg does.
check::Kind kind_of_parameter(const std::string& name) {
    const bool of_decay = name == "A_log" || name == "dt_bias" || name.starts_with("f_proj.");
    return of_decay ? check::Kind::decay_gradient : check::Kind::gradient;
}

/// y, dx and every parameter's gradient.
void expect_gradients(const MixerCase& c, const cuda::MixerGradients& claim) {
    PlainMixer plain(c);
    const Tensor<double> plain_dx = tensor_of(plain.backward(c.dy));
    std::unique_ptr<Mixer<double>::Kept> kept;
    c.mixer->forward(c.x, c.batch, &kept);
    const auto d = c.mixer->zeros();
    const Tensor<double> dx = cast<double>(c.shaped(c.mixer->backward(*kept, c.dy, *d)));
    constexpr double factor = check::low_precision_gradient_factor;
    expect_output(c, plain, claim.y);
    expect_layer_close(c, "dx", dx, plain_dx, claim.dx, factor, check::Kind::gradient);
    const Parameters<double> parameters = MixerCase::all(*d);
    CHECK(claim.d.size() == parameters.size());
    for (const Parameter<double>& p : parameters) {
        REQUIRE(claim.d.contains(p.name));
        const Tensor<double> truth(p.shape, std::vector<double>(p.data, p.data + p.size()));
        expect_layer_close(c, p.name, truth, {p.shape, plain.gradients().at(p.name)}, claim.d.at(p.name), factor,
                           kind_of_parameter(p.name));
    }
}

TEST_CASE("dx and the gradient of every parameter of a layer agree with the reference's with every option") {
    for (const auto& [name, options] : all_options())
        for (const auto precision : all_precisions) {
            if (precision == cuda::Precision::f16 && name != "as it starts") continue;
            INFO(name << " " << std::string(cuda::name_of(precision)));
            const MixerCase c(options, {1, 70}, precision);
            expect_gradients(c, cuda::backward_mixer(c.parameters(), c.shaped(c.x), c.shaped(c.dy), c.on_device()));
        }
}

TEST_CASE("gradients of parameters are sums over all tokens where these take several blocks and splits") {
    MixerOptions options = small();
    options.d_model = 8;
    options.heads = 1;
    options.key_dim = options.value_dim = 4;
    options.output_gate_rank = 3;  // whose second map has a bias
    const MixerCase c(options, {1, 1100}, cuda::Precision::f32);
    expect_gradients(c, cuda::backward_mixer(c.parameters(), c.shaped(c.x), c.shaped(c.dy), c.on_device()));
}

TEST_CASE("packed sequences pass through a layer as each does by itself") {
    const std::vector<std::int64_t> starts{0, 3, 3, 70, 71, 90};
    for (const auto precision : {cuda::Precision::f32, cuda::Precision::bf16}) {
        const MixerCase c(small(), {1, 90}, precision);
        const Tensor<float> packed = cuda::forward_mixer(c.parameters(), c.shaped(c.x), c.on_device(), starts);
        for (std::size_t n = 0; n + 1 < starts.size(); ++n) {
            const Index first = starts[n], length = starts[n + 1] - first, d = c.options.d_model;
            if (length == 0) continue;
            const Tensor<float> x = cast<float>(tensor_of(c.x.middleRows(first, length), {1, length, d}));
            const Tensor<float> alone = cuda::forward_mixer(c.parameters(), x, c.on_device());
            CHECK(std::equal(alone.values().begin(), alone.values().end(), packed.values().begin() + first * d));
        }
    }
}

TEST_CASE("gradients of packed sequences are those of each by itself and their bits do not depend on the run") {
    const std::vector<std::int64_t> starts{0, 3, 3, 70, 90};
    const MixerCase c(small(), {1, 90}, cuda::Precision::bf16);
    const auto run = [&](const Matrix<double>& x, const Matrix<double>& dy, const std::vector<std::int64_t>& pack) {
        const Shape shape{1, x.rows(), x.cols()};
        return cuda::backward_mixer(c.parameters(), cast<float>(tensor_of(x, shape)), cast<float>(tensor_of(dy, shape)),
                                    c.on_device(), pack);
    };
    const cuda::MixerGradients packed = run(c.x, c.dy, starts), again = run(c.x, c.dy, starts);
    CHECK(same_bits(packed.dx, again.dx));
    for (const auto& [name, d] : packed.d) CHECK(same_bits(d, again.d.at(name)));
    Tensor<double> sum(packed.d.at("q_proj.weight").shape());
    for (std::size_t n = 0; n + 1 < starts.size(); ++n) {
        const Index first = starts[n], length = starts[n + 1] - first, d = c.options.d_model;
        if (length == 0) continue;
        const cuda::MixerGradients alone = run(c.x.middleRows(first, length), c.dy.middleRows(first, length), {});
        CHECK(std::equal(alone.dx.values().begin(), alone.dx.values().end(), packed.dx.values().begin() + first * d));
        for (Index i = 0; i < sum.size(); ++i) sum[i] += alone.d.at("q_proj.weight")[i];
    }
    expect_close("d q_proj.weight", sum, cast<double>(packed.d.at("q_proj.weight")), 1e-6);
}

TEST_CASE("a layer refuses parameters that are missing or unknown or of another shape and says which") {
    const MixerCase c(small(), {1, 5}, cuda::Precision::f32);
    const auto refusal = [&](const std::function<void(cuda::MixerParameters&)>& edit) {
        cuda::MixerParameters parameters = c.parameters();
        edit(parameters);
        return message_of([&] { cuda::forward_mixer(parameters, c.shaped(c.x), c.on_device()); });
    };
    CHECK(refusal([](auto& p) { p.erase("w_proj.weight"); }) == "the parameter `w_proj.weight` is missing");
    CHECK(refusal([](auto& p) { p["a_proj.weight"] = Tensor<float>({1, 1}); }) ==
          "the parameter `a_proj.weight` belongs to no part of this layer");
    CHECK(refusal([](auto& p) { p["k_conv1d.weight"] = Tensor<float>({31, 1, 4}); }) ==
          "the parameter `k_conv1d.weight` must be [32, 1, any], got [31, 1, 4]");
    CHECK(refusal([](auto& p) { p["A_log"] = Tensor<float>({3}); }) ==
          "`q_proj.weight` must have a multiple of 3 rows, got 32");
    CHECK(message_of([&] { cuda::forward_mixer(c.parameters(), Tensor<float>({1, 0, 24}), c.on_device()); }) ==
          "`x` must be [batch, length, d_model = 24] with tokens, got [1, 0, 24]");
    CHECK(message_of([&] { cuda::forward_mixer(c.parameters(), c.shaped(c.x), c.on_device(), {0, 3, 2, 5}); }) ==
          "cu_seqlens must rise from 0 to 5");
}

}  // namespace
}  // namespace gdn2::test
