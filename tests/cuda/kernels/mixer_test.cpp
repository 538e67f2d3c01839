// The whole layer on a device against the reference's mixer of the rule gdn2 in float64, over what its options allow.
//   sources  cuda/launch/mixer_run.cpp mixer_parameters.cpp, and the kernels of layers/
#include <doctest/doctest.h>

#include "tests/support/mixer_case.h"

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

/// In float by the table; below, twice what the same layer errs when every tensor is rounded, and a floor.
void expect_output(const MixerCase& c, const Tensor<float>& claim) {
    const Tensor<double> truth = cast<double>(c.shaped(c.mixer->forward(c.x, c.batch, nullptr)));
    const double table = check::tolerance(pair_of(c.precision), check::Kind::output);
    const bool is_float = c.precision == cuda::Precision::f32;
    const Tensor<double> plain = is_float ? truth : cast<double>(c.shaped(PlainMixer(c).forward()));
    expect_close("y", truth, cast<double>(claim),
                 is_float ? table : check::low_precision_factor * error_of(truth, plain) + table / 5);
}

TEST_CASE("a whole layer on a device agrees with the reference's mixer in every precision and with every option") {
    for (const auto& [name, options] : all_options())
        for (const auto precision : all_precisions) {
            INFO(name << " " << std::string(cuda::name_of(precision)));
            const MixerCase c(options, {2, 70}, precision);
            expect_output(c, cuda::forward_mixer(c.parameters(), c.shaped(c.x), c.on_device()));
        }
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

template <class Call>
std::string message_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "accepted";
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
