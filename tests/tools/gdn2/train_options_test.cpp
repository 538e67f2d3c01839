// What gdn2 train is asked for, as it stands in the model's configuration and its parameters.
#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "reference/io/file.h"
#include "reference/model/model_file.h"
#include "tests/support/folder.h"
#include "tests/tools/gdn2/run_command.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

const std::string small =
    "train overwrite:M=3,W=6,keys=6,values=4 --d-model 16 --key-dim 8 --value-dim 8 --batch 8 --steps 3 "
    "--eval-sequences 5 ";

/// What a run with these options leaves.
struct Trained {
    Trained(const Workplace& here, const std::string& options, const std::string& run = "gdn2-seed0") {
        REQUIRE(here.gdn2(small + options + " -o runs").code == 0);
        archive = io::read_file(here / ("runs/" + run + ".safetensors"));
        config = config_from_json(archive.metadata.at("config"));
    }

    Shape shape(const std::string& name) const { return archive.at("layers.0." + name).shape; }
    Tensor<double> values(const std::string& name) const {
        return io::to_tensor<double>(archive.at("layers.0." + name), name);
    }

    io::Archive archive;
    ModelConfig config;
};

double largest(const Tensor<double>& tensor) {
    double most = 0;
    for (const double x : tensor.values()) most = std::max(most, std::abs(x));
    return most;
}

}  // namespace

TEST_CASE("gdn2 train --decay-rank and --output-gate-rank and --output-gate make the layer that is exported") {
    const Workplace here;
    const Trained narrow(here, "--decay-rank 8 --output-gate-rank 8 --output-gate sigmoid");
    CHECK(narrow.config.mixer.decay_rank == 8);
    CHECK(narrow.config.mixer.output_gate_rank == 8);
    CHECK(narrow.config.mixer.output_gate == "sigmoid");
    CHECK(narrow.shape("mixer.f_proj.0.weight") == Shape{8, 16});
    CHECK(narrow.shape("mixer.g_proj.1.weight") == Shape{8, 8});
    CHECK(narrow.shape("mixer.g_proj.1.bias") == Shape{8});
    CHECK(here.gdn2("eval runs/gdn2-seed0.safetensors --sequences 5").code == 0);
    CHECK(here.gdn2(small + "--decay-rank 8 --output-gate-rank 8 --output-gate sigmoid -o runs --resume").code == 0);
    check_refused(here, small + "--decay-rank 4 --output-gate-rank 8 --output-gate sigmoid -o runs --resume",
                  "its `decay_rank` is 8, not 4");
}

TEST_CASE("gdn2 train gives an option of some mixers to those that have a use for it") {
    const Workplace here;
    CHECK(Trained(here, "--mixer gdn2,gated_deltanet,attention --decay-rank 4 --output-gate none --window 5")
              .config.mixer.decay_rank == 4);
    const auto mixer_of = [&](const std::string& run) {
        const io::Archive archive = io::read_file(here / ("runs/" + run + "-seed0.safetensors"));
        return config_from_json(archive.metadata.at("config")).mixer;
    };
    CHECK(mixer_of("gdn2").output_gate == "none");
    CHECK(mixer_of("gdn2").window == 0);
    CHECK(mixer_of("gated_deltanet").decay_rank == 0);
    CHECK(mixer_of("gated_deltanet").output_gate == "none");
    CHECK(mixer_of("attention").window == 5);
    CHECK(mixer_of("attention").output_gate == "silu");
}

TEST_CASE("gdn2 train refuses an option that no mixer asked for has a use for") {
    const Workplace here;
    check_refused(here, small + "--mixer gated_deltanet,mamba2 --decay-rank 4",
                  "--decay-rank is for gdn2, its controls and kda: decays per channel; not for gated_deltanet, mamba2");
    check_refused(here, small + "--mixer mamba2 --output-gate silu", "--output-gate is for");
    check_refused(here, small + "--mixer attention --output-gate-rank 4", "--output-gate-rank is for");
    check_refused(here, small + "--output-gate none --output-gate-rank 4", "not for none");
    check_refused(here, small + "--mixer mamba3 --rank 2", "--rank is for mamba3_mimo; not for mamba3");
    check_refused(here, small + "--mixer gdn2,kda --window 8",
                  "--window is for attention and for --hybrid; not for gdn2, kda");
    check_refused(here, small + "--attention-heads 2", "--attention-heads is for --hybrid");
    check_refused(here, small + "--hybrid --attention-heads 3", "`d_model` must be a multiple of attention_heads");
    check_refused(here, small + "--output-gate tanh", "tanh");
    check_refused(here, small + "--decay-rank 0", "0");
    CHECK(here.empty());
}

TEST_CASE("gdn2 train --window is the hybrid's attention or the mixer's own") {
    const Workplace here;
    const Trained hybrid(here, "--mixer attention --hybrid --window 5 --attention-heads 4", "attention-hybrid-seed0");
    CHECK(hybrid.config.window == 5);
    CHECK(hybrid.config.attention_heads == 4);
    CHECK(hybrid.config.mixer.window == 0);
    const Trained alone(here, "--mixer attention --window 5", "attention-seed0");
    CHECK(alone.config.mixer.window == 5);
    CHECK(alone.config.window == ModelConfig{}.window);
    // Keys and values of the last 5 tokens, and two tokens less than the convolutions' width of q, k and v.
    CHECK(model_of<float>(alone.archive).state_size(100) == 5 * 2 * 8 + 3 * 3 * 8);
}

TEST_CASE("gdn2 train --published-start draws A between 1 and 16 and makes projections smaller by 2^-2.5") {
    const Workplace here, there;
    const std::string run = "--lr 0 --heads 8 --seed 5";
    const Trained published(here, run + " --published-start", "gdn2-seed5"), usual(there, run, "gdn2-seed5");
    CHECK(published.config.mixer.A_high == 16);
    CHECK(published.config.mixer.gain == std::exp2(-2.5));
    CHECK(largest(usual.values("mixer.A_log")) == 0);
    const Tensor<double> A_log = published.values("mixer.A_log");
    for (const double each : A_log.values()) CHECK((each > 0 && each <= std::log(16) + 1e-6));
    CHECK(largest(A_log) > std::log(4));
    for (const char* name : {"mixer.q_proj.weight", "mixer.f_proj.weight", "mixer.w_proj.weight"})
        CHECK(largest(published.values(name)) ==
              doctest::Approx(std::exp2(-2.5) * largest(usual.values(name))).epsilon(0.05));
    const Tensor<double> dt_bias = published.values("mixer.dt_bias");
    for (const double bias : dt_bias.values()) {
        const double dt = std::log1p(std::exp(bias));
        CHECK((0.99e-3 < dt && dt < 1.01e-1));
    }
}

TEST_CASE("gdn2 train refuses a model beyond this machine's memory before it draws one") {
    const Workplace here;
    const std::string large = "train mqar --d-model 8192 --layers 100 --mlp 65536 -o runs";
    check_refused(here, large, "gdn2-seed0: 161");
    check_refused(here, large + " --mixer kda,mamba2 --threads 2",
                  " parameters; with their gradients and AdamW's moments, 2 runs side by side, that is ");
    CHECK(here.empty());
}
