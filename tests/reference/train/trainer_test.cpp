// Runs of a few steps: every mixer learns, threads change nothing, and what cannot go on says so.
#include "reference/train/trainer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "reference/core/error.h"
#include "tests/reference/train/small_run.h"
#include "tests/support/allow_fp_exceptions.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

/// The mean loss of the next `steps` steps.
double train(Trainer& trainer, Index steps, int threads) {
    double sum = 0;
    for (Index i = 0; i < steps; ++i) sum += trainer.step(threads).on_batch.loss;
    return sum / static_cast<double>(steps);
}

void check_same_on_threads(const ModelConfig& config) {
    Trainer one(config, small_run(6));
    (void)train(one, 6, 1);
    for (const int threads : {2, 3}) {
        Trainer more(config, small_run(6));
        (void)train(more, 6, threads);
        CHECK(same_parameters(one.model(), more.model()));
    }
}

}  // namespace

TEST_CASE("the loss falls within fifty steps under every mixer") {
    for (const MixerRule& rule : mixer_rules()) {
        CAPTURE(rule.name);
        Trainer trainer(small_config(rule.name), small_run(50));
        const double first = train(trainer, 5, 1);
        (void)train(trainer, 40, 1);
        const double last = train(trainer, 5, 1);
        CHECK(trainer.done());
        CHECK(last < 0.8 * first);
    }
}

TEST_CASE("a run is the same bit for bit on any number of threads") {
    for (const MixerRule& rule : mixer_rules()) {
        CAPTURE(rule.name);
        check_same_on_threads(small_config(rule.name));
    }
    ModelConfig hybrid = small_config("gdn2");
    hybrid.hybrid = true;
    hybrid.mlp_hidden = 8;
    check_same_on_threads(hybrid);
}

TEST_CASE("seeds begin elsewhere and draw other batches") {
    Trainer first(small_config("gdn2"), small_run(2, 1)), second(small_config("gdn2"), small_run(2, 2));
    CHECK_FALSE(same_parameters(first.model(), second.model()));
    CHECK(first.step(1).on_batch.loss != second.step(1).on_batch.loss);
}

TEST_CASE("a step reports what it did") {
    Trainer trainer(small_config("gdn2"), small_run(40));
    LanguageModel<float> before(trainer.model().config(), 0);
    const TaskBatch batch = training_batch(trainer.task(), 0, 0, 10);
    BatchGradient<float, LanguageModel> gradient;
    const BatchLoss loss = gradient.compute(before, {batch.batch, batch.tokens, batch.targets}, 1);

    const StepReport report = trainer.step(1);
    CHECK(report.step == 1);
    CHECK(report.tokens == batch.batch.tokens());
    CHECK(report.on_batch.loss == loss.loss);
    CHECK(report.on_batch.counted == 10 * 3);
    CHECK(report.learning_rate == learning_rate(trainer.options().schedule, 0));
    CHECK(report.gradient_norm == norm_of(gradient.gradients()));
    CHECK_FALSE(same_parameters(before, trainer.model()));
}

TEST_CASE("every step has a batch of its own") {
    TrainingOptions still = small_run(3);
    still.schedule.peak = 0;  // the parameters stay, so that losses tell the batches
    Trainer trainer(small_config("gdn2"), still);
    BatchGradient<float, LanguageModel> gradient;
    for (Index step = 0; step < 3; ++step) {
        const TaskBatch batch = training_batch(trainer.task(), 0, step, 10);
        const LabelledTokens data{batch.batch, batch.tokens, batch.targets};
        CHECK(gradient.compute(trainer.model(), data, 1).loss == trainer.step(1).on_batch.loss);
    }
}

TEST_CASE("AdamW follows the clipped gradient") {
    const auto first_moment = [](double most_norm) {
        TrainingOptions options = small_run(1);
        options.most_norm = most_norm;
        Trainer trainer(small_config("gdn2"), options);
        const double before = trainer.step(1).gradient_norm;
        double squares = 0;
        for (const Vector<float>& m : trainer.state().m) squares += static_cast<double>(m.squaredNorm());
        return std::pair(before, std::sqrt(squares) / (1 - options.adamw.beta1));
    };
    const auto [norm, whole] = first_moment(0);
    CHECK(whole == doctest::Approx(norm).epsilon(1e-5));
    const auto [same_norm, clipped] = first_moment(norm / 8);
    CHECK(same_norm == norm);
    CHECK(clipped == doctest::Approx(norm / 8).epsilon(1e-5));
}

TEST_CASE("a run ends after its last step") {
    Trainer trainer(small_config("gdn2"), small_run(1));
    (void)trainer.step(1);
    CHECK(trainer.done());
    CHECK_THROWS_WITH_AS((void)trainer.step(1), "a schedule of 1 steps has no step 1", Error);
}

TEST_CASE("a gradient that is not finite stops the run before it reaches the parameters") {
    const AllowFpExceptions allowed;
    Trainer trainer(small_config("gdn2"), small_run(3));
    const Parameters<float> parameters = trainer.model().parameters();
    parameters.back().data[0] = std::numeric_limits<float>::quiet_NaN();
    const float untouched = parameters.back().data[1];
    CHECK_THROWS_WITH_AS((void)trainer.step(1),
                         "step 1: the gradient's norm is nan; a smaller learning rate may help", Error);
    CHECK(trainer.steps() == 0);
    CHECK(parameters.back().data[1] == untouched);
}

TEST_CASE("what a run will be is known before it is drawn") {
    ModelConfig config = small_config("gdn2");
    config.vocabulary = 3;  // not the task's
    Trainer trainer(config, small_run(2));
    const RunSettings run = settled(config, small_run(2));
    CHECK(run.config == trainer.model().config());
    CHECK(run.training == trainer.options());
    double parameters = 0;
    for (const Parameter<float>& p : trainer.model().parameters()) parameters += static_cast<double>(p.size());
    CHECK(bytes_of(run) == 4 * parameters * (1 + 2 + 3));  // itself, two moments, three groups of sequences

    config.mixer.key_dim = config.mixer.heads = config.mixer.d_model = 1 << 24;
    CHECK(bytes_of(settled(config, small_run(2))) > 0x1p72);
    config.mixer.rule = "gdn3";
    CHECK_THROWS_WITH_AS(settled(config, small_run(2)), doctest::Contains("got gdn3"), Error);
}

TEST_CASE("the drawing of a model can be ended between its blocks") {
    ModelConfig config = small_config("gdn2");
    config.layers = 5;
    int calls = 0;
    const Trainer whole(config, small_run(2), [&] { ++calls; });
    CHECK(calls == 5);
    struct Enough {};
    calls = 0;
    const auto third = [&] {
        if (++calls == 3) throw Enough{};
    };
    CHECK_THROWS_AS(Trainer(config, small_run(2), third), Enough);
    CHECK(calls == 3);
}

TEST_CASE("a run that makes no sense is refused by name") {
    const auto refused = [](auto change, const char* message) {
        TrainingOptions options = small_run(2);
        change(options);
        CHECK_THROWS_WITH_AS(Trainer(small_config("gdn2"), options), message, Error);
    };
    refused([](auto& o) { o.batch = 0; }, "`batch` must be at least 1, got 0");
    refused([](auto& o) { o.schedule.steps = 0; }, "`steps` must be at least 1, got 0");
    refused([](auto& o) { o.schedule.peak = -1; }, "`learning_rate` must be from 0 to 1000, got -1");
    refused([](auto& o) { o.schedule.warm_up = 2; }, "`warm_up` must be from 0 to 1, got 2");
    refused([](auto& o) { o.adamw.beta2 = 1; }, "`beta2` must be in [0, 1), got 1");
    refused([](auto& o) { o.adamw.epsilon = 0; }, "`epsilon` must be from 1e-30 to 1, got 0");
    refused([](auto& o) { o.most_norm = -1; }, "`most_norm` must be from 0 to 1e+30, got -1");
    TrainingOptions options = small_run(2);
    options.task = "none";
    CHECK_THROWS_AS(Trainer(small_config("gdn2"), options), Error);
    CHECK_THROWS_AS(Trainer(small_config("none"), small_run(2)), Error);
}
