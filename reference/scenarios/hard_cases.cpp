// See hard_cases.h.
#include "reference/scenarios/hard_cases.h"

#include <cmath>
#include <numbers>

#include "reference/core/random.h"
#include "reference/scenarios/memory.h"

namespace gdn2 {

Scenario hard_expansive_pair() {
    constexpr Index length = 64;
    const Shape shape{1, length, 1, 2};
    Scenario scenario{
        "expansive_pair",
        "Two tokens that make the memory grow",
        "Two unit keys, each erasing along one channel only, alternate without decay or writing. Every "
        "pair multiplies the state by 1.25: an erase gate that differs by channel can expand.",
        {},
        {},
        std::nullopt};
    Problem<double>& problem = scenario.problem;
    problem.q = problem.k = problem.v = problem.g = problem.b = problem.w = Tensor<double>(shape);
    for (Index t = 0; t < length; ++t) {
        const double angle = (t % 2 == 0 ? 66 : 24) * std::numbers::pi / 180;
        problem.k[2 * t] = std::cos(angle);
        problem.k[2 * t + 1] = std::sin(angle);
        problem.b[2 * t + t % 2] = 1;
        problem.q[2 * t] = 1;
        scenario.labels.push_back(t % 2 == 0 ? "66 deg" : "24 deg");
    }
    problem.initial_state = Tensor<double>({1, 1, 2, 2}, std::vector<double>{1, 0, 0, 1});
    problem.d_o = Tensor<double>(shape, 1.0);
    return scenario;
}

Scenario hard_killer() {
    constexpr Index length = 150, key_dim = 13, value_dim = 29;
    Random random(150);
    const Shape keys{1, length, 1, key_dim}, values{1, length, 2, value_dim},
        states{1, 2, key_dim, value_dim};
    Scenario scenario{
        "killer",
        "The case that wrong code does not survive",
        "Odd sizes, two value heads on one key head, slow decay, states at both ends and gates that "
        "agree in nothing: mistakes that hide at round sizes and fast decay show here.",
        {},
        {},
        std::nullopt};
    Problem<double>& problem = scenario.problem;
    problem.q = random_normal(keys, random);
    problem.k = unit_rows(random_normal(keys, random));
    problem.v = random_normal(values, random);
    problem.g = random_uniform(keys, random, -0.05, -0.001);
    problem.b = random_uniform(keys, random, 0, 1);
    problem.w = random_uniform(values, random, 0, 1);
    problem.initial_state = random_normal(states, random);
    problem.d_o = random_normal(values, random);
    problem.d_final_state = random_normal(states, random);
    for (Index t = 0; t < length; ++t) scenario.labels.push_back(std::to_string(t));
    return scenario;
}

Scenario hard_long_decay() {
    constexpr Index length = 256;
    const Vocabulary words = plain_vocabulary(4, 8, 8);
    const double half_lives[] = {8, 64, 512, 4096};
    Vector<double> alpha(4);
    std::vector<MemoryToken> tokens;
    for (Index key = 0; key < 4; ++key) {
        alpha[key] = std::exp2(-1 / half_lives[key]);
        const std::string label = words.key_names[static_cast<std::size_t>(key)] + "=" + std::to_string(key);
        tokens.push_back({label, key, key, 1, 1, key});
    }
    while (static_cast<Index>(tokens.size()) < length)
        tokens.push_back({"wait", 0, Recall::none, 0, 0, Recall::unseen});

    Scenario scenario = memory_scenario(words, tokens, Vector<double>::Ones(4), alpha);
    scenario.name = "long_decay";
    scenario.title = "Four half-lives";
    scenario.shows =
        "Four values on channels with half-lives of 8, 64, 512 and 4096 tokens. After 256 tokens the "
        "first two have faded; a chunk that drops its decay, or applies it twice, shows at once.";
    for (Index t = 0; t < length; ++t)  // an answer fades out when less than weakest_answer of it is left
        for (Index key = 0; key <= std::min<Index>(t, 3); ++key)
            if (std::pow(alpha[key], static_cast<double>(t - key)) < weakest_answer)
                scenario.recall->expected[static_cast<std::size_t>(t)][static_cast<std::size_t>(key)] =
                    Recall::none;
    return scenario;
}

Scenario hard_two_keys_collide() {
    Vocabulary words = plain_vocabulary(2, 8, 8);
    words.keys << 1, 0, 0.8, 0.6;  // unit keys, 0.8 of each lies along the other
    words.queries = words.keys;
    const std::vector<MemoryToken> tokens{
        {"A=3", 0, 3, 1, 1, 3}, {"B=5", 1, 5, 1, 1, 5}, {"A=3", 0, 3, 1, 1, 3}};
    Scenario scenario = memory_scenario(words, tokens, Vector<double>::Ones(2), Vector<double>::Ones(2));
    scenario.name = "two_keys_collide";
    scenario.title = "Two keys that overlap";
    scenario.shows =
        "Writing B=5 through a key that overlaps A's by 0.8 leaves 0.36 of A's 3 and adds 0.8 of 5: A "
        "now answers 5. Writing A again repairs A, and spoils B.";
    return scenario;
}

}  // namespace gdn2
