// What every mixer owes its interface, whichever rule is inside.
#include <doctest/doctest.h>

#include "reference/core/parallel.h"
#include "reference/layers/initial.h"
#include "reference/layers/mixer_options.h"

namespace gdn2 {
namespace {

MixerOptions options_of(const std::string& rule) {
    MixerOptions options;
    options.rule = rule;
    options.d_model = 12;
    options.heads = 2;
    options.key_dim = 4;
    options.value_dim = 6;
    options.window = 7;
    options.rank = 3;
    return options;
}

template <class Scalar>
std::unique_ptr<Mixer<Scalar>> made(const std::string& rule) {
    Random random(3);
    return make_mixer<Scalar>(options_of(rule), random);
}

template <class Scalar>
Matrix<Scalar> draw(Batch batch) {
    Random random(4);
    return normal_matrix<Scalar>(batch.tokens(), 12, 1, random);
}

template <class Scalar>
Parameters<Scalar> parameters(Mixer<Scalar>& mixer) {
    Parameters<Scalar> all;
    mixer.collect("m.", all);
    return all;
}

/// Largest difference relative to the largest number.
double difference(const Matrix<double>& a, const Matrix<double>& b) {
    return (a - b).cwiseAbs().maxCoeff() / a.cwiseAbs().maxCoeff();
}

TEST_CASE("every mixer gives token by token what it gives at once") {
    for (const MixerRule& rule : mixer_rules()) {
        INFO(rule.name);
        const auto mixer = made<double>(rule.name);
        const Matrix<double> x = draw<double>({1, 33}), y = mixer->forward(x, {1, 33}, nullptr);
        const auto state = mixer->start();
        Matrix<double> steps(33, 12);
        for (Index t = 0; t < 33; ++t) steps.row(t) = mixer->step(x.row(t).transpose(), *state).transpose();
        CHECK(difference(y, steps) <= 1e-12);
    }
}

TEST_CASE("no mixer lets a token see what follows it or another sequence") {
    for (const MixerRule& rule : mixer_rules()) {
        INFO(rule.name);
        const auto mixer = made<double>(rule.name);
        const Batch batch{3, 20};
        Matrix<double> x = draw<double>(batch);
        const Matrix<double> before = mixer->forward(x, batch, nullptr);
        x.middleRows(33, 7) *= 2;  // sequence 1, from its token 13 on
        const Matrix<double> after = mixer->forward(x, batch, nullptr);
        CHECK(before.topRows(33) == after.topRows(33));
        CHECK(before.bottomRows(20) == after.bottomRows(20));
        CHECK(before.middleRows(33, 7) != after.middleRows(33, 7));
        CHECK(mixer->forward(x.middleRows(20, 20), {1, 20}, nullptr).isApprox(after.middleRows(20, 20), 1e-12));
    }
}

TEST_CASE("zeros has the parameters of the mixer in the same order and all of them 0") {
    for (const MixerRule& rule : mixer_rules()) {
        INFO(rule.name);
        const auto mixer = made<float>(rule.name);
        const auto zeros = mixer->zeros();
        const auto here = parameters(*mixer), there = parameters(*zeros);
        REQUIRE(here.size() == there.size());
        for (std::size_t i = 0; i < here.size(); ++i) {
            CHECK(here[i].name.rfind("m.", 0) == 0);
            CHECK(here[i].name == there[i].name);
            CHECK(here[i].shape == there[i].shape);
            CHECK(here[i].data != there[i].data);
            CHECK(std::all_of(there[i].data, there[i].data + there[i].size(), [](float v) { return v == 0; }));
        }
    }
}

TEST_CASE("one mixer serves several threads at once and adds to what a gradient holds") {
    for (const MixerRule& rule : mixer_rules()) {
        INFO(rule.name);
        const auto mixer = made<double>(rule.name);
        const Batch batch{2, 18};
        const Matrix<double> x = draw<double>(batch);
        std::vector<std::unique_ptr<Mixer<double>>> d;
        for (int i = 0; i < 5; ++i) d.push_back(mixer->zeros());
        const auto run = [&](Mixer<double>& into) {
            std::unique_ptr<Mixer<double>::Kept> kept;
            const Matrix<double> y = mixer->forward(x, batch, &kept);
            mixer->backward(*kept, y, into);
        };
        parallel_for(4, 2, [&](Index i) { run(*d[static_cast<std::size_t>(i)]); });
        run(*d[4]);
        run(*d[4]);
        const auto once = parameters(*d[0]), twice = parameters(*d[4]);
        for (std::size_t i = 0; i < once.size(); ++i)
            for (Index j = 0; j < once[i].size(); ++j) {
                for (int other = 1; other < 4; ++other)
                    CHECK(once[i].data[j] == parameters(*d[static_cast<std::size_t>(other)])[i].data[j]);
                CHECK(twice[i].data[j] == doctest::Approx(2 * once[i].data[j]));
            }
    }
}

TEST_CASE("float follows double and an empty batch gives nothing") {
    for (const MixerRule& rule : mixer_rules()) {
        INFO(rule.name);
        const Batch batch{2, 40};
        const Matrix<float> y = made<float>(rule.name)->forward(draw<float>(batch), batch, nullptr);
        const Matrix<double> expected = made<double>(rule.name)->forward(draw<double>(batch), batch, nullptr);
        CHECK(difference(expected, y.cast<double>()) <= 1e-4);

        std::unique_ptr<Mixer<float>::Kept> kept;
        const auto mixer = made<float>(rule.name);
        CHECK(mixer->forward(Matrix<float>(0, 12), {0, 5}, &kept).rows() == 0);
        CHECK(mixer->backward(*kept, Matrix<float>(0, 12), *mixer->zeros()).rows() == 0);
    }
}

TEST_CASE("an unknown rule and sizes below 1 are refused by name") {
    Random random(1);
    MixerOptions options = options_of("gdn3");
    CHECK_THROWS_WITH_AS(make_mixer<float>(options, random), doctest::Contains("got gdn3"), Error);
    options = options_of("gdn2");
    options.key_dim = 0;
    CHECK_THROWS_WITH_AS(make_mixer<float>(options, random), "`key_dim` must be at least 1, got 0", Error);
    options = options_of("gdn2");
    options.value_heads = 3;
    CHECK_THROWS_WITH_AS(make_mixer<float>(options, random), doctest::Contains("value_heads"), Error);
    options = options_of("kda");
    options.output_gate = "relu";
    CHECK_THROWS_WITH_AS(make_mixer<float>(options, random), doctest::Contains("got relu"), Error);
}

}  // namespace
}  // namespace gdn2
