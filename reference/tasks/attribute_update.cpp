// Attribute update, a control: M keys with two attributes each, W writes (key A-value) or (key B-value), each attribute
// of each key at least once, then all 2 M questions (key, query A or B). The target stands at the query: the last value
// of that attribute. A key made of key and attribute solves it under every delta rule: no gate should win.
//   tests  tests/reference/tasks/attribute_update_test.cpp
#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"
#include "reference/tasks/written.h"

namespace gdn2 {
namespace {

struct AttributeUpdate {
    Index M, keys, values;

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index attribute, Index i) const {
        return static_cast<TokenId>(keys + attribute * values + i);
    }
    TokenId query(Index attribute) const { return static_cast<TokenId>(keys + 2 * values + attribute); }

    TaskSequence sequence(Index writes, Random& random) const {
        TaskSequence sequence;
        Written written(2 * M);  // slot 2 key + attribute
        const std::vector<Index> chosen = distinct(M, keys, random);
        const auto key_of = [&](Index slot) { return key(chosen[static_cast<std::size_t>(slot / 2)]); };
        for (const Index slot : each_at_least_once(2 * M, writes, random)) {
            written.write(slot, value(slot % 2, random.integer(0, values - 1)));
            sequence.say(key_of(slot));
            sequence.say(written.value(slot));
        }
        Index answer = 0;
        for (const Index slot : distinct(2 * M, 2 * M, random)) {
            Question question = written.question(slot, answer++, values);
            question.part = slot % 2 == 0 ? "A" : "B";
            sequence.say(key_of(slot));
            sequence.ask(query(slot % 2), written.value(slot), std::move(question));
        }
        return sequence;
    }
};

TaskSize size_of(Index writes) { return {"W=" + std::to_string(writes), writes}; }

Task make(const TaskOptions& options) {
    const AttributeUpdate update{value_of(options, "M"), value_of(options, "keys"),
                                 value_of(options, "values")};
    const Index W = value_of(options, "W"), mixture = value_of(options, "mixture");
    require_at_most(options, "M", update.keys, "keys");
    require_at_least(options, "W", 2 * update.M, "2 M");
    Task task;
    task.options = options;
    task.tokens.add("key", update.keys);
    task.tokens.add("A", update.values);
    task.tokens.add("B", update.values);
    task.tokens.add("query A");
    task.tokens.add("query B");
    task.evaluation_sizes = {size_of(W), size_of(2 * W)};
    task.training_size = [=](Random& random) {
        return size_of(mixed_size(mixture, 2 * update.M, W, random));
    };
    task.sequence = [=](const TaskSize& size, Random& random) { return update.sequence(size.load, random); };
    return task;
}

}  // namespace

TaskKind attribute_update_kind() {
    return {"attribute_update",
            "two attributes of every key written again and again: recall the last of each",
            {{"M", 4, 1, 512, "keys in a sequence"},
             {"W", 20, 2, 4096, "writes, the most"},
             {"keys", 48, 1, 4096, "different keys"},
             {"values", 16, 2, 4096, "different values of each attribute"},
             {"mixture", 60, 0, 100, "percent of training batches with fewer writes"}},
            make};
}

}  // namespace gdn2
