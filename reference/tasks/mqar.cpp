// MQAR, multi-query associative recall, dense: N pairs (key value) of different keys, then every key again in random
// order. The target of a key is its value; values may repeat. No key is written twice: what is asked for is
// capacity.
//   source  after Arora et al. 2023 (Zoology); mqar_zoology.cpp is the published generator
//   tests   tests/reference/tasks/mqar_test.cpp
#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"

namespace gdn2 {
namespace {

struct Mqar {
    Index keys, values;

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index i) const { return static_cast<TokenId>(keys + i); }

    TaskSequence sequence(Index pairs, Random& random) const {
        TaskSequence sequence;
        const std::vector<Index> chosen = distinct(pairs, keys, random);
        std::vector<TokenId> answers;
        for (const Index i : chosen) {
            answers.push_back(value(random.integer(0, values - 1)));
            sequence.say(key(i));
            sequence.say(answers.back());
        }
        for (const Index pair : distinct(pairs, pairs, random)) {
            const auto at = static_cast<std::size_t>(pair);
            Question question;
            question.answer = static_cast<Index>(sequence.questions.size());
            sequence.ask(key(chosen[at]), answers[at], question);
        }
        return sequence;
    }
};

TaskSize size_of(Index pairs) { return {"N=" + std::to_string(pairs), pairs}; }

Task make(const TaskOptions& options) {
    const Mqar mqar{value_of(options, "keys"), value_of(options, "values")};
    const Index N = value_of(options, "N"), mixture = value_of(options, "mixture");
    require_at_most(options, "N", mqar.keys, "keys");
    Task task;
    task.options = options;
    task.tokens.add("key", mqar.keys);
    task.tokens.add("value", mqar.values);
    task.evaluation_sizes = {size_of(N)};
    if (N > 2) task.evaluation_sizes.push_back(size_of(N / 2));
    task.training_size = [=](Random& random) { return size_of(mixed_size(mixture, 2, N, random)); };
    task.sequence = [=](const TaskSize& size, Random& random) { return mqar.sequence(size.load, random); };
    return task;
}

}  // namespace

TaskKind mqar_kind() {
    return {"mqar",
            "pairs of key and value, then every key again: recall each value",
            {{"N", 16, 2, 512, "pairs, the most"},
             {"keys", 48, 2, 4096, "different keys"},
             {"values", 16, 2, 4096, "different values"},
             {"mixture", 60, 0, 100, "percent of training batches with fewer pairs"}},
            make};
}

}  // namespace gdn2
