// Overwrite: W writes (key value) of M keys in random order, each at least once, then every key. The target is the
// last value. A memory that only adds answers with older values: the stale rate counts them.
//   tests  tests/reference/tasks/overwrite_test.cpp
#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"
#include "reference/tasks/written.h"

namespace gdn2 {
namespace {

struct Overwrite {
    Index M, keys, values;

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index i) const { return static_cast<TokenId>(keys + i); }

    TaskSequence sequence(Index writes, Random& random) const {
        TaskSequence sequence;
        Written written(M);
        const std::vector<Index> chosen = distinct(M, keys, random);
        for (const Index slot : each_at_least_once(M, writes, random)) {
            written.write(slot, value(random.integer(0, values - 1)));
            sequence.say(key(chosen[static_cast<std::size_t>(slot)]));
            sequence.say(written.value(slot));
        }
        Index answer = 0;
        for (const Index slot : distinct(M, M, random))
            sequence.ask(key(chosen[static_cast<std::size_t>(slot)]), written.value(slot),
                         written.question(slot, answer++, values));
        return sequence;
    }
};

TaskSize size_of(Index writes) { return {"W=" + std::to_string(writes), writes}; }

Task make(const TaskOptions& options) {
    const Overwrite overwrite{value_of(options, "M"), value_of(options, "keys"), value_of(options, "values")};
    const Index W = value_of(options, "W"), mixture = value_of(options, "mixture");
    require_at_most(options, "M", overwrite.keys, "keys");
    require_at_least(options, "W", overwrite.M, "M");
    Task task;
    task.options = options;
    task.tokens.add("key", overwrite.keys);
    task.tokens.add("value", overwrite.values);
    task.evaluation_sizes = {size_of(W), size_of(2 * W)};
    task.training_size = [=](Random& random) { return size_of(mixed_size(mixture, overwrite.M, W, random)); };
    task.sequence = [=](const TaskSize& size, Random& random) {
        return overwrite.sequence(size.load, random);
    };
    return task;
}

}  // namespace

TaskKind overwrite_kind() {
    return {"overwrite",
            "keys written again and again, then every key: recall its last value",
            {{"M", 8, 1, 512, "keys in a sequence"},
             {"W", 24, 1, 4096, "writes, the most"},
             {"keys", 48, 1, 4096, "different keys"},
             {"values", 16, 2, 4096, "different values"},
             {"mixture", 60, 0, 100, "percent of training batches with fewer writes"}},
            make};
}

}  // namespace gdn2
