// The older rules of lesson 4: their searched gates score what is said, and nothing near them is better.
#include "reference/scenarios/rivals.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "reference/core/random.h"
#include "reference/scenarios/lessons.h"

using namespace gdn2;

namespace {

Score score_of(const TiedGates& gates) {
    return score(walk(*lesson_shared_context_keys().recall, shared_context_tied(gates)));
}

/// Mean squared error only: this is called some ten thousand times.
double error_of(const TiedGates& gates) { return score_of(gates).error; }

/// The numbers a search may move; for Gated DeltaNet both decays of a token are one.
std::vector<std::vector<double*>> coordinates(TiedGates& gates, bool one_decay) {
    std::vector<std::vector<double*>> all;
    for (std::size_t t = 0; t < gates.beta.size(); ++t) {
        all.push_back({&gates.beta[t]});
        if (one_decay) {
            all.push_back({&gates.slot_alpha[t], &gates.context_alpha[t]});
        } else {
            all.push_back({&gates.slot_alpha[t]});
            all.push_back({&gates.context_alpha[t]});
        }
    }
    return all;
}

/// Coordinate descent: every number tries `reach` up and down, halved when nothing helps.
double descend(TiedGates gates, bool one_decay, double reach) {
    double best = error_of(gates);
    while (reach > 0.004) {
        bool moved = false;
        for (const std::vector<double*>& coordinate : coordinates(gates, one_decay)) {
            const double high = coordinate.front() >= gates.beta.data() &&
                                        coordinate.front() < gates.beta.data() + gates.beta.size()
                                    ? 2.0
                                    : 1.0;
            const double before = *coordinate.front();
            double kept = before;
            for (const double tried : {before - reach, before + reach}) {
                for (double* number : coordinate) *number = std::clamp(tried, 0.0, high);
                const double error = error_of(gates);
                if (error < best - 1e-9) {
                    best = error;
                    kept = *coordinate.front();
                    moved = true;
                }
            }
            for (double* number : coordinate) *number = kept;
        }
        if (!moved) reach /= 2;
    }
    return best;
}

TiedGates random_gates(Random& random, bool one_decay) {
    TiedGates gates;
    for (int t = 0; t < 7; ++t) {
        gates.beta.push_back(random.uniform(0, 2));
        gates.slot_alpha.push_back(random.uniform());
        gates.context_alpha.push_back(one_decay ? gates.slot_alpha.back() : random.uniform());
    }
    return gates;
}

}  // namespace

TEST_CASE("the searched gates of KDA get 21 of 22 right with an error of 0.047") {
    const Score total = score_of(searched_kda());
    CHECK(total.right == 21);
    CHECK(total.error == doctest::Approx(0.0471).epsilon(2e-3));
}

TEST_CASE("the searched gates of Gated DeltaNet get 21 of 22 right with an error of 0.172") {
    const Score total = score_of(searched_gated_deltanet());
    CHECK(total.right == 21);
    CHECK(total.error == doctest::Approx(0.1724).epsilon(2e-3));
}

TEST_CASE("a search that starts at the shipped gates or at random finds nothing better") {
    for (const bool one_decay : {false, true}) {
        CAPTURE(one_decay);
        const TiedGates shipped = one_decay ? searched_gated_deltanet() : searched_kda();
        const double least = error_of(shipped);
        CHECK(descend(shipped, one_decay, 0.1) >= least - 1e-4);
        Random random(22);
        for (int start = 0; start < 6; ++start)
            CHECK(descend(random_gates(random, one_decay), one_decay, 0.4) >= least - 1e-4);
    }
}

TEST_CASE("giving KDA a decay for each single channel near the shipped one finds nothing better") {
    const Recall& recall = *scenario("shared_context_keys").recall;
    Problem<double> problem = shared_context_tied(searched_kda());
    const double least = score(walk(recall, problem)).error;
    double best = least;
    for (double reach = 0.1; reach > 0.004; reach /= 2)
        for (double& g : problem.g.values()) {
            double kept = g;
            const double alpha = std::exp(g);
            for (const double tried : {alpha - reach, alpha + reach}) {
                g = std::log(std::clamp(tried, 1e-17, 1.0));
                const double error = score(walk(recall, problem)).error;
                if (error < best) {
                    best = error;
                    kept = g;
                }
            }
            g = kept;
        }
    CHECK(best >= least - 1e-4);
}

TEST_CASE("a search finds what is not the best when it is given worse gates") {
    TiedGates worse = searched_kda();
    for (double& beta : worse.beta) beta = 0.5;
    CHECK(descend(worse, false, 0.2) < error_of(worse) - 0.05);
}

TEST_CASE("rivals come in order and linear attention never erases") {
    const std::vector<Rival> all = rivals(lesson_overwrite());
    REQUIRE(all.size() == 4);
    CHECK(all[0].name == "GDN-2");
    CHECK(all[1].name == "KDA");
    CHECK(all[2].name == "Gated DeltaNet");
    CHECK(all[3].name == "linear attention");
    for (const double b : all[3].problem.b.values()) CHECK(b == 0);
}
