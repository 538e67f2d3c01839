// See lessons.h.
#include "reference/scenarios/lessons.h"

#include <cmath>

#include "reference/core/random.h"
#include "reference/scenarios/memory.h"

namespace gdn2 {
namespace {

constexpr Index A = 0, B = 1, C = 2, D = 3;
constexpr Index value_dim = 8;

Vector<double> ones(Index dim) { return Vector<double>::Ones(dim); }

/// "A=3": erase what A answers, write 3 in its place.
MemoryToken set(const Vocabulary& words, Index key, Index value) {
    const std::string label = words.key_names[static_cast<std::size_t>(key)] + "=" +
                              words.value_names[static_cast<std::size_t>(value)];
    return {label, key, value, 1, 1, value};
}

/// "?A": carries no value and both gates are closed, so the state stays as it is; the output is what A
/// answers.
MemoryToken ask(const Vocabulary& words, Index key) {
    return {"?" + words.key_names[static_cast<std::size_t>(key)], key, Recall::none, 0, 0, Recall::unseen};
}

Scenario named(Scenario scenario, const char* name, const char* title, const char* shows) {
    scenario.name = name;
    scenario.title = title;
    scenario.shows = shows;
    return scenario;
}

/// Keys [slot ; context] / sqrt(2), the context the same for all of them; queries look at the slot half only.
/// Slots are orthogonal but lie along no channel, so that no decay of single channels can pick one out.
Vocabulary shared_context_vocabulary() {
    Vocabulary words = plain_vocabulary(4, 7, value_dim);
    const Matrix<double> slots = walsh_rows(4, 4) / 2;
    words.keys.resize(4, 8);
    words.keys << slots, Matrix<double>::Constant(4, 4, 0.5);
    words.keys /= std::sqrt(2.0);
    words.queries.resize(4, 8);
    words.queries << slots * std::sqrt(2.0), Matrix<double>::Zero(4, 4);
    return words;
}

}  // namespace

Scenario lesson_a_memory_is_a_matrix() {
    const Vocabulary words = plain_vocabulary(4, 8, value_dim);
    return named(
        memory_scenario(words, {set(words, A, 3), set(words, B, 5), ask(words, A), ask(words, B)}, ones(4),
                        ones(4)),
        "a_memory_is_a_matrix", "A memory is a matrix",
        "Writing adds key times value, reading multiplies by the key. While keys do not overlap and nothing "
        "changes, even linear attention is enough.");
}

Scenario lesson_overwrite() {
    Vocabulary words = plain_vocabulary(4, 8, value_dim);
    add_sum(words, 3, 7);
    return named(
        memory_scenario(words,
                        {set(words, A, 3), set(words, B, 5), set(words, A, 7), ask(words, A), ask(words, B)},
                        ones(4), ones(4)),
        "overwrite", "Overwriting",
        "A is 3, then 7. A rule that only adds answers 3+7 from then on; the delta rule reads what is there "
        "and writes the difference, so it answers 7.");
}

Scenario lesson_erase_and_write_alone() {
    Vocabulary words = plain_vocabulary(4, 8, value_dim);
    add_sum(words, 5, 2);
    const Index sum = words.values.rows() - 1;
    return named(
        memory_scenario(words,
                        {set(words, A, 3),
                         set(words, B, 5),
                         {"del A", A, 6, 1, 0, Recall::none},
                         {"B+=2", B, 2, 0, 1, sum},
                         ask(words, A),
                         ask(words, B)},
                        ones(4), ones(4)),
        "erase_and_write_alone", "Erasing without writing, writing without erasing",
        "del A opens only the erase gate, B+=2 only the write gate. One shared gate must do both or "
        "neither: it leaves something at A, and loses part of B.");
}

Scenario shared_context_keys(double slots, double context) {
    const Vocabulary words = shared_context_vocabulary();
    std::vector<MemoryToken> tokens;
    for (const auto& [key, value] : {std::pair{A, 0}, {B, 1}, {C, 2}, {D, 3}, {A, 4}, {C, 5}})
        tokens.push_back(set(words, key, value));
    tokens.push_back({"del B", B, 6, 1, 0, Recall::none});

    Vector<double> erase_mask(8);
    erase_mask << slots * ones(4), context * ones(4);
    return named(
        memory_scenario(words, tokens, erase_mask, ones(8)), "shared_context_keys",
        "Which channels are consulted",
        "All keys share half of their channels. Erasing along whole keys takes parts of other values out of what is "
        "written; the erase gate consults only the channels that tell keys apart.");
}

Scenario lesson_shared_context_keys() { return shared_context_keys(2, 0); }

Scenario lesson_decay() {
    Vocabulary words = plain_vocabulary(2, 8, value_dim);
    std::vector<MemoryToken> tokens{set(words, A, 3), set(words, B, 5)};
    for (int i = 0; i < 6; ++i) tokens.push_back({"wait", A, Recall::none, 0, 0, Recall::unseen});
    tokens[2].expected = Recall::none;  // 0.5^2 of A's value is left: weaker than an answer

    Vector<double> alpha(2);
    alpha << 0.5, 0.99;
    return named(
        memory_scenario(words, tokens, ones(2), alpha), "decay", "Forgetting by channel",
        "A lives on a channel that halves with every token, B on one that keeps 99%. Nobody erases: A fades "
        "below an answer in two tokens, B stays.");
}

Scenario lesson_chunk_equals_recurrent() {
    Random random(6);
    const Shape keys{1, 160, 1, 8}, values{1, 160, 1, 12};
    Scenario scenario;
    Problem<double>& problem = scenario.problem;
    problem.q = random_normal(keys, random);
    problem.k = unit_rows(random_normal(keys, random));
    problem.v = random_normal(values, random);
    problem.g = random_uniform(keys, random, -0.2, -0.001);
    problem.b = random_uniform(keys, random, 0, 1);
    problem.w = random_uniform(values, random, 0, 1);
    problem.d_o = random_normal(values, random);
    for (Index t = 0; t < 160; ++t) scenario.labels.push_back(std::to_string(t));
    return named(
        std::move(scenario), "chunk_equals_recurrent", "The same thing 64 tokens at a time",
        "160 tokens are two chunks of 64 and one of 32. Solving a triangular system per chunk gives the same "
        "writes, state and outputs as going token by token.");
}

}  // namespace gdn2
