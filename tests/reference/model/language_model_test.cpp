// A whole model: its gradient against finite differences, decoding against the whole, names, independence of the batch.
#include "reference/model/language_model.h"

#include <doctest/doctest.h>

#include <set>

#include "reference/layers/cross_entropy.h"

namespace gdn2 {
namespace {

ModelConfig config_of(const std::string& rule, Index layers = 2) {
    ModelConfig config;
    config.vocabulary = 11;
    config.layers = layers;
    config.mlp_hidden = 10;
    config.mixer.rule = rule;
    config.mixer.d_model = 8;
    config.mixer.heads = 2;
    config.mixer.key_dim = 4;
    config.mixer.value_dim = 4;
    return config;
}

/// One layer of a mixer, an MLP, attention that sees 3 tokens, an MLP.
ModelConfig hybrid_of(const std::string& rule) {
    ModelConfig config = config_of(rule, 1);
    config.hybrid = true;
    config.window = 3;
    config.attention_heads = 2;
    return config;
}

std::vector<std::int32_t> draw_tokens(Index count) {
    Random random(8);
    std::vector<std::int32_t> tokens(static_cast<std::size_t>(count));
    for (auto& token : tokens) token = static_cast<std::int32_t>(random.integer(0, 10));
    return tokens;
}

double loss_of(const LanguageModel<double>& model, const std::vector<std::int32_t>& tokens, Batch batch) {
    std::vector<std::int32_t> targets = draw_tokens(batch.tokens());
    targets[3] = ignored_target;
    return cross_entropy(model.forward(tokens, batch), targets).loss;
}

void expect_gradient(const ModelConfig& config) {
    LanguageModel<double> model(config, 5);
    const Batch batch{2, 7};
    const auto tokens = draw_tokens(batch.tokens());
    auto targets = tokens;
    targets[3] = ignored_target;
    LanguageModel<double>::Kept kept;
    const Matrix<double> logits = model.forward(tokens, batch, &kept);
    LanguageModel<double> d = model.zeros();
    model.backward(kept, cross_entropy(logits, targets).d_logits, d);

    const auto parameters = model.parameters(), gradients = d.parameters();
    REQUIRE(parameters.size() == gradients.size());
    Random random(6);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        INFO(parameters[i].name);
        CHECK(parameters[i].name == gradients[i].name);
        double analytic = 0;
        std::vector<double> along(static_cast<std::size_t>(parameters[i].size()));
        for (double& x : along) x = random.normal();
        const auto move = [&](double h) {
            for (std::size_t j = 0; j < along.size(); ++j) parameters[i].data[j] += h * along[j];
        };
        for (std::size_t j = 0; j < along.size(); ++j) analytic += along[j] * gradients[i].data[j];
        constexpr double h = 1e-6;
        move(h);
        const double above = loss_of(model, tokens, batch);
        move(-2 * h);
        const double below = loss_of(model, tokens, batch);
        move(h);
        CHECK((above - below) / (2 * h) == doctest::Approx(analytic).epsilon(1e-6).scale(0.1));
    }
}

TEST_CASE("a model's gradient is that of its loss by every parameter") {
    expect_gradient(config_of("gdn2"));
    expect_gradient(hybrid_of("gdn2"));
}

TEST_CASE("decoding gives the logits of the whole sequence") {
    for (const ModelConfig& config : {config_of("gdn2"), hybrid_of("gdn2")}) {
        const LanguageModel<double> model(config, 5);
        const auto tokens = draw_tokens(20);
        const Matrix<double> logits = model.forward(tokens, {1, 20});
        auto state = model.start();
        for (Index t = 0; t < 20; ++t) {
            const Vector<double> step = model.step(tokens[static_cast<std::size_t>(t)], state);
            CHECK((step - logits.row(t).transpose()).cwiseAbs().maxCoeff() <= 1e-12 * logits.cwiseAbs().maxCoeff());
        }
    }
}

TEST_CASE("parameters have names of their own and depend on the seed alone") {
    LanguageModel<float> model(config_of("gdn2"), 5), again(config_of("gdn2"), 5), other(config_of("gdn2"), 6);
    std::set<std::string> names;
    for (const auto& p : model.parameters()) names.insert(p.name);
    CHECK(names.size() == model.parameters().size());
    for (const char* name : {"embeddings.weight", "layers.0.mixer_norm.weight", "layers.1.mixer.q_conv1d.weight",
                             "layers.0.mlp.gate_proj.weight", "norm.weight", "lm_head.weight"})
        CHECK(names.count(name) == 1);
    CHECK(model.forward(draw_tokens(6), {1, 6}) == again.forward(draw_tokens(6), {1, 6}));
    CHECK(model.forward(draw_tokens(6), {1, 6}) != other.forward(draw_tokens(6), {1, 6}));
}

TEST_CASE("a model asks before it draws each layer and what that throws ends it") {
    ModelConfig config;
    config.vocabulary = 3;
    config.layers = 4;
    int asked = 0;
    const LanguageModel<float> whole(config, 0, [&] { ++asked; });
    CHECK(asked == 4);
    CHECK_THROWS_WITH_AS(LanguageModel<float>(config, 0, [] { throw Error("enough"); }), "enough", Error);
}

TEST_CASE("a model refuses tokens outside its vocabulary and counts that disagree") {
    const LanguageModel<float> model(config_of("gdn2"), 5);
    CHECK_THROWS_WITH_AS(model.forward(std::vector<std::int32_t>{1, 11}, {1, 2}), doctest::Contains("11"), Error);
    CHECK_THROWS_WITH_AS(model.forward(std::vector<std::int32_t>{1, 2, 3}, {1, 2}), doctest::Contains("got 3"), Error);
}

TEST_CASE("a state holds the memories and the tails of the convolutions of every layer and the hybrid's windows") {
    const LanguageModel<float> model(config_of("gdn2"), 5), hybrid(hybrid_of("gdn2"), 5);
    CHECK(model.state_size(100) == 2 * (2 * 4 * 4 + 3 * 3 * 8));
    CHECK(hybrid.state_size(100) == 2 * 4 * 4 + 3 * 3 * 8 + 3 * 2 * 8);
}

}  // namespace
}  // namespace gdn2
