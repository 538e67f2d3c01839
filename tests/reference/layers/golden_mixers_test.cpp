// Mixers that are no delta rules against a numpy script of the papers' equations (tests/golden/mixers/make_mixers.py):
// outputs and every gradient, by complex steps there and by hand here.
#include <doctest/doctest.h>

#include "reference/io/file.h"
#include "reference/layers/mixer_options.h"
#include "tests/support/expect_close.h"

using namespace gdn2;

namespace {

constexpr Batch batch{2, 9};
constexpr double tolerance = check::tolerance(check::Pair::recurrent_golden, check::Kind::gradient);

MixerOptions options_of(const std::string& rule, Index key_dim) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = 5;
    options.heads = 2;
    options.key_dim = key_dim;
    options.value_dim = 3;
    options.rank = 3;
    return options;
}

Matrix<double> rows_of(const io::Archive& archive, const std::string& name) {
    const Tensor<double> tensor = io::to_tensor<double>(archive.at(name), name);
    return Eigen::Map<const Matrix<double>>(tensor.data(), batch.tokens(), tensor.shape().back());
}

Tensor<double> tensor_of(const Matrix<double>& m) { return {{m.rows(), m.cols()}, {m.data(), m.data() + m.size()}}; }

/// A mixer with the parameters of the file, which has no others.
std::unique_ptr<Mixer<double>> mixer_of(const MixerOptions& options, const io::Archive& golden) {
    Random random(0);
    auto mixer = make_mixer<double>(options, random);
    Parameters<double> parameters;
    mixer->collect("p_", parameters);
    for (const Parameter<double>& p : parameters) {
        const Tensor<double> values = io::to_tensor<double>(golden.at(p.name), p.name);
        REQUIRE(values.size() == p.size());
        std::copy_n(values.data(), p.size(), p.data);
    }
    CHECK(golden.size() == 2 * parameters.size() + 4);  // d_ and p_ of each; x, dy, y, dx
    return mixer;
}

void check_golden(const std::string& name, const MixerOptions& options) {
    INFO(name);
    const io::Archive golden = io::read_file(GDN2_SOURCE_DIR "/tests/golden/mixers/" + name + ".npz");
    const auto mixer = mixer_of(options, golden);
    std::unique_ptr<Mixer<double>::Kept> kept;
    const Matrix<double> y = mixer->forward(rows_of(golden, "x"), batch, &kept);
    test::expect_close("y", tensor_of(rows_of(golden, "y")), tensor_of(y), tolerance);
    const auto d = mixer->zeros();
    const Matrix<double> dx = mixer->backward(*kept, rows_of(golden, "dy"), *d);
    test::expect_close("dx", tensor_of(rows_of(golden, "dx")), tensor_of(dx), tolerance);
    Parameters<double> gradients;
    d->collect("d_", gradients);
    for (const Parameter<double>& p : gradients) {
        const Tensor<double> wanted = io::to_tensor<double>(golden.at(p.name), p.name);
        test::expect_close(p.name, {p.shape, wanted.values()}, {p.shape, {p.data, p.data + p.size()}}, tolerance);
    }
}

}  // namespace

TEST_CASE("Mamba-2's layer gives the outputs and gradients of an independent script") {
    check_golden("mamba2", options_of("mamba2", 4));
}

TEST_CASE("Mamba-3's layers give the outputs and gradients of an independent script") {
    check_golden("mamba3", options_of("mamba3", 10));
    check_golden("mamba3_mimo", options_of("mamba3_mimo", 4));
}

TEST_CASE("softmax attention as a layer gives the outputs and gradients of an independent script") {
    check_golden("attention", options_of("attention", 4));
    MixerOptions window = options_of("attention", 4);
    window.window = 4;
    window.conv_width = 0;
    check_golden("attention_window", window);
}
