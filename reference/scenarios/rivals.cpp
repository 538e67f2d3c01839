// See rivals.h.
#include "reference/scenarios/rivals.h"

#include <algorithm>
#include <cmath>

#include "reference/delta_rule/tied.h"
#include "reference/scenarios/lessons.h"

namespace gdn2 {

TiedGates searched_kda() {
    return {{1.000, 1.036, 1.020, 1.170, 1.286, 1.210, 0.156},
            {1.000, 0.964, 0.988, 0.930, 0.924, 0.840, 0.786},
            {0, 0, 0, 0, 0, 0, 0}};
}

TiedGates searched_gated_deltanet() {
    const std::vector<double> alpha{1.000, 0.730, 1.000, 0.918, 0.878, 0.826, 0.882};
    return {{0.998, 0.818, 0.762, 0.894, 0.950, 0.952, 0.124}, alpha, alpha};
}

Problem<double> shared_context_tied(const TiedGates& gates) {
    constexpr double weakest_alpha =
        1e-17;  // below the last digit of a double: as good as 0, with a finite log
    Problem<double> problem = lesson_shared_context_keys().problem;
    const Index length = problem.g.shape()[1], key_dim = problem.g.shape()[3];
    for (Index t = 0; t < length; ++t)
        for (Index i = 0; i < key_dim; ++i) {
            const auto& alpha = i < key_dim / 2 ? gates.slot_alpha : gates.context_alpha;
            problem.g[t * key_dim + i] =
                std::log(std::max(alpha.at(static_cast<std::size_t>(t)), weakest_alpha));
        }
    return tie_kda(std::move(problem), Tensor<double>({1, length, 1}, gates.beta));
}

std::vector<Rival> rivals(const Scenario& scenario) {
    const Problem<double>& own = scenario.problem;
    std::vector<Rival> all{{"GDN-2", "erase and write gates apart", own}};
    if (scenario.name == "shared_context_keys") {
        all.push_back({"KDA", "one gate, a decay per channel; searched per token",
                       shared_context_tied(searched_kda())});
        all.push_back({"Gated DeltaNet", "one gate, one decay; searched per token",
                       shared_context_tied(searched_gated_deltanet())});
    } else {
        const Tensor<double> beta = mean_gates(own);
        all.push_back({"KDA", "one gate per token: the mean of b and w", tie_kda(own, beta)});
        all.push_back({"Gated DeltaNet", "the same, and one decay per token: the mean of g",
                       tie_gated_deltanet(own, beta)});
    }
    all.push_back({"linear attention", "never erases: b = 0, w = 1", linear_attention(own)});
    return all;
}

}  // namespace gdn2
