// Streaming overwrite: writes (key value) and questions (query key) of M keys, mixed, the first a write and the last a
// question. The target stands at the key of a question: the last value so far. Only keys that hold something are asked
// for.
//   tests  tests/reference/tasks/streaming_overwrite_test.cpp
#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"
#include "reference/tasks/written.h"

namespace gdn2 {
namespace {

struct StreamingOverwrite {
    Index M, write_percent, keys, values;

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index i) const { return static_cast<TokenId>(keys + i); }
    TokenId query() const { return static_cast<TokenId>(keys + values); }

    TaskSequence sequence(Index items, Random& random) const {
        require(items >= 2, "a stream needs a write and a question, not " + std::to_string(items) + " items");
        TaskSequence sequence;
        Written written(M);
        std::vector<Index> live;  // slots that hold something
        const std::vector<Index> chosen = distinct(M, keys, random);
        for (Index item = 0; item < items; ++item) {
            const bool writes = item == 0 || (item + 1 < items && chance(write_percent, random));
            const Index slot = writes ? random.integer(0, M - 1) : one_of(live, random);
            const TokenId name = key(chosen[static_cast<std::size_t>(slot)]);
            if (!writes) {
                const auto answer = static_cast<Index>(sequence.questions.size());
                sequence.say(query());
                sequence.ask(name, written.value(slot), written.question(slot, answer, values));
                continue;
            }
            if (written.empty(slot)) live.push_back(slot);
            written.write(slot, value(random.integer(0, values - 1)));
            sequence.say(name);
            sequence.say(written.value(slot));
        }
        return sequence;
    }

    static Index one_of(const std::vector<Index>& list, Random& random) {
        return list[static_cast<std::size_t>(random.integer(0, static_cast<Index>(list.size()) - 1))];
    }
};

TaskSize size_of(Index items) { return {"items=" + std::to_string(items), items}; }

Task make(const TaskOptions& options) {
    const StreamingOverwrite stream{value_of(options, "M"), value_of(options, "write"),
                                    value_of(options, "keys"), value_of(options, "values")};
    const Index items = value_of(options, "items"), mixture = value_of(options, "mixture");
    require_at_most(options, "M", stream.keys, "keys");
    Task task;
    task.options = options;
    task.tokens.add("key", stream.keys);
    task.tokens.add("value", stream.values);
    task.tokens.add("query");
    task.evaluation_sizes = {size_of(items), size_of(2 * items)};
    task.training_size = [=](Random& random) { return size_of(mixed_size(mixture, 2, items, random)); };
    task.sequence = [=](const TaskSize& size, Random& random) { return stream.sequence(size.load, random); };
    return task;
}

}  // namespace

TaskKind streaming_overwrite_kind() {
    return {"streaming_overwrite",
            "the same with questions between the writes: the last value so far",
            {{"M", 8, 1, 512, "keys in a sequence"},
             {"items", 32, 2, 4096, "writes and questions, the most"},
             {"write", 70, 1, 99, "percent of items that write"},
             {"keys", 48, 1, 4096, "different keys"},
             {"values", 16, 2, 4096, "different values"},
             {"mixture", 60, 0, 100, "percent of training batches with fewer items"}},
            make};
}

}  // namespace gdn2
