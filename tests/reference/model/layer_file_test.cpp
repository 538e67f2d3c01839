// Layers of flash-linear-attention's names and shapes, made by a numpy script of its own equations
// (tests/golden/fla/make_layers.py): outputs and every gradient, by complex steps there and by hand here.
#include "reference/model/layer_file.h"

#include <doctest/doctest.h>

#include "reference/io/file.h"
#include "reference/model/config.h"
#include "tests/support/expect_close.h"

namespace gdn2 {
namespace {

const std::string folder = GDN2_SOURCE_DIR "/tests/golden/fla/";

struct Golden {
    const char* name;
    const char* rule;
    LayerReading reading;
};

std::vector<Golden> all_golden() {
    LayerReading safe, bounded, grouped;
    safe.negative_eigenvalues = bounded.negative_eigenvalues = grouped.negative_eigenvalues = true;
    safe.decay_lower_bound = -5;
    bounded.decay_lower_bound = -4;
    grouped.heads = 1;
    return {{"gdn2", "gdn2", {}},
            {"gdn2_safe_grouped", "gdn2", safe},
            {"kda", "kda", {}},
            {"kda_grouped", "kda", bounded},
            {"gated_deltanet", "gated_deltanet", {}},
            {"gated_deltanet_grouped", "gated_deltanet", grouped}};
}

Matrix<double> rows_of_file(const io::Archive& archive, const std::string& name) {
    const Tensor<double> t = io::to_tensor<double>(archive.at(name), name);
    const Index cols = t.shape().back();
    return Eigen::Map<const Matrix<double>>(t.data(), t.size() / cols, cols);
}

Tensor<double> tensor(const Matrix<double>& m) { return {{m.rows(), m.cols()}, {m.data(), m.data() + m.size()}}; }

constexpr double tolerance = check::tolerance(check::Pair::recurrent_golden, check::Kind::gradient);

TEST_CASE("layers of the peers' names give the outputs and gradients of an independent script") {
    for (const Golden& golden : all_golden()) {
        INFO(golden.name);
        const auto layer = layer_of<double>(io::read_file(folder + golden.name + ".safetensors"), golden.reading);
        CHECK(layer.options.rule == golden.rule);
        const io::Archive expected = io::read_file(folder + golden.name + ".npz");
        const Batch batch{2, 7};

        std::unique_ptr<Mixer<double>::Kept> kept;
        const Matrix<double> y = layer.mixer->forward(rows_of_file(expected, "x"), batch, &kept);
        test::expect_close("y", tensor(rows_of_file(expected, "y")), tensor(y), tolerance);
        const auto d = layer.mixer->zeros();
        const Matrix<double> dx = layer.mixer->backward(*kept, rows_of_file(expected, "dy"), *d);
        test::expect_close("dx", tensor(rows_of_file(expected, "dx")), tensor(dx), tolerance);
        Parameters<double> gradients;
        d->collect("d_", gradients);
        for (const Parameter<double>& p : gradients) {
            const Tensor<double> wanted = io::to_tensor<double>(expected.at(p.name), p.name);
            test::expect_close(p.name, {p.shape, wanted.values()}, {p.shape, {p.data, p.data + p.size()}}, tolerance);
        }
        CHECK(gradients.size() + 4 == expected.size());  // x, y, dy, dx
    }
}

TEST_CASE("what the shapes say is read off them") {
    const auto layer = layer_of<double>(io::read_file(folder + "gdn2_safe_grouped.safetensors"));
    CHECK(layer.options.heads == 1);
    CHECK(layer.options.value_heads == 2);
    CHECK(layer.options.key_dim == 4);
    CHECK(layer.options.value_dim == 2);
    CHECK(layer.options.conv_bias);
    CHECK(layer.options.output_gate == "sigmoid");
    CHECK(layer.options.decay_rank == 2);
    CHECK(layer_of<double>(io::read_file(folder + "gdn2.safetensors")).prefix == "model.layers.0.attn.");
    const auto kda = layer_of<double>(io::read_file(folder + "kda_grouped.safetensors"));
    CHECK(kda.options.conv_width == 0);
    CHECK(kda.options.heads == 1);
    CHECK(kda.options.value_heads == 2);

    const io::Archive grouped = io::read_file(folder + "gated_deltanet_grouped.safetensors");
    LayerReading one_head;
    one_head.heads = 1;
    CHECK(layer_of<double>(grouped, one_head).options.output_gate == "none");
    CHECK_THROWS_WITH_AS(layer_of<double>(grouped), doctest::Contains("a multiple of 2 rows"), Error);
}

TEST_CASE("a layer that is written is read back with its options and every bit") {
    LayerReading reading;
    reading.negative_eigenvalues = true;
    const auto layer = layer_of<float>(io::read_file(folder + "gdn2_safe_grouped.safetensors"), reading);
    const io::Archive written = archive_of(layer.options, *layer.mixer);
    CHECK(written.at("q_conv1d.weight").shape == Shape{4, 1, 4});
    const auto again = layer_of<float>(written);
    CHECK(again.options == layer.options);
    const Matrix<float> x = Matrix<float>::Random(9, 5);
    CHECK(again.mixer->forward(x, {1, 9}, nullptr) == layer.mixer->forward(x, {1, 9}, nullptr));
}

/// The archive of "kda" with one tensor changed or left out.
io::Archive damaged(const std::string& name, const std::optional<Shape>& shape) {
    const io::Archive whole = io::read_file(folder + "kda.safetensors");
    io::Archive part;
    for (const auto& [at, array] : whole.entries()) {
        if (at != name) part.add(at, array);
        else if (shape) part.add(at, io::from_tensor(Tensor<double>(*shape, 0.5)));
    }
    return part;
}

TEST_CASE("a configuration that asks for more than the file holds is refused before anything is allocated") {
    const auto layer = layer_of<double>(io::read_file(folder + "kda.safetensors"));
    for (Index MixerOptions::*size : {&MixerOptions::d_model, &MixerOptions::key_dim, &MixerOptions::value_dim,
                                      &MixerOptions::conv_width, &MixerOptions::decay_rank,
                                      &MixerOptions::output_gate_rank}) {
        MixerOptions options = layer.options;
        options.*size = 1 << 24;
        io::Archive archive = archive_of(layer.options, *layer.mixer);
        ModelConfig config;
        config.vocabulary = 1;
        config.mixer = options;
        archive.metadata["config"] = to_json(config);
        CHECK_THROWS_WITH_AS(layer_of<double>(archive), doctest::Contains("more than the file holds"), Error);
    }
}

TEST_CASE("a layer with a tensor missing, of another shape or unknown is refused by its name") {
    const auto refuses = [](const io::Archive& archive, const char* says) {
        CHECK_THROWS_WITH_AS(layer_of<double>(archive), doctest::Contains(says), Error);
    };
    refuses(damaged("k_proj.weight", {}), "k_proj.weight");
    refuses(damaged("q_proj.weight", {}), "has no layer");
    refuses(damaged("k_proj.weight", Shape{6, 4}), "k_proj.weight");
    refuses(damaged("v_proj.weight", Shape{9, 5}), "v_proj.weight");
    refuses(damaged("A_log", Shape{4}), "dt_bias");
    refuses(damaged("A_log", Shape{3}), "`A_log` must have a number for each of the 2 value heads, got 3");
    refuses(damaged("o_norm.weight", {}), "o_norm.weight");
    refuses(damaged("q_conv1d.weight", Shape{6, 4}), "q_conv1d.weight");
    refuses(damaged("g_proj.1.bias", {}), "g_proj.1.bias");
    io::Archive more = io::read_file(folder + "kda.safetensors");
    more.add("z_proj.weight", io::from_tensor(Tensor<double>({2, 2})));
    refuses(more, "z_proj.weight");
    refuses(damaged("f_proj.0.weight", Shape{4 << 20, 1}), "`f_proj.0.weight` would be [4194304, 5]");
    refuses(damaged("g_proj.0.weight", Shape{4 << 20, 1}), "`g_proj.0.weight` would be [4194304, 5]");
    io::Archive two = io::read_file(folder + "kda.safetensors");
    two.add("layers.1.q_proj.weight", io::from_tensor(Tensor<double>({2, 2})));
    refuses(two, "layers.1.");
}

}  // namespace
}  // namespace gdn2
