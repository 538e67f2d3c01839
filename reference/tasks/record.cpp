// Record: (key A-value) SETs a new record, A to that value and B to NONE; (key B-value) ADDs B and leaves A. The first
// write of a key is a SET, later ones are an ADD half of the time. Then all 2 M questions (key, query A or B), the
// target at the query: A's value, and B's or "none". A SET wants the old erased, an ADD wants it kept: one gate for
// both erasing and writing must choose.
//   tests  tests/reference/tasks/record_test.cpp
#include <algorithm>

#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"
#include "reference/tasks/written.h"

namespace gdn2 {
namespace {

struct RecordTask {
    Index M, add_percent, keys, values;

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index part, Index i) const { return static_cast<TokenId>(keys + part * values + i); }
    TokenId query(Index part) const { return static_cast<TokenId>(keys + 2 * values + part); }
    TokenId none() const { return static_cast<TokenId>(keys + 2 * values + 2); }

    TaskSequence sequence(Index writes, Random& random) const {
        TaskSequence sequence;
        Written written(2 * M);  // slot 2 key + part
        const std::vector<Index> chosen = distinct(M, keys, random);
        for (const Index record : each_at_least_once(M, writes, random)) {
            const Index part = !written.empty(2 * record) && chance(add_percent, random) ? 1 : 0;
            written.write(2 * record + part, value(part, random.integer(0, values - 1)));
            if (part == 0) written.write(2 * record + 1, none());
            sequence.say(key(chosen[static_cast<std::size_t>(record)]));
            sequence.say(written.value(2 * record + part));
        }
        Index answer = 0;
        for (const Index slot : distinct(2 * M, 2 * M, random)) {
            sequence.say(key(chosen[static_cast<std::size_t>(slot / 2)]));
            sequence.ask(query(slot % 2), written.value(slot), question(written, slot, answer++));
        }
        return sequence;
    }

    /// NONE is a part of its own and never stale.
    Question question(const Written& written, Index slot, Index answer) const {
        Question question = written.question(slot, answer, slot % 2 == 0 ? values : values + 1);
        question.writes = 0;
        question.older.erase(std::remove(question.older.begin(), question.older.end(), none()),
                             question.older.end());
        question.part = slot % 2 == 0 ? "A" : written.value(slot) == none() ? "NONE" : "B";
        return question;
    }
};

TaskSize size_of(Index writes) { return {"W=" + std::to_string(writes), writes}; }

TokenNames names(const RecordTask& record) {
    TokenNames names;
    names.add("key", record.keys);
    names.add("A", record.values);
    names.add("B", record.values);
    for (const char* name : {"query A", "query B", "none"}) names.add(name);
    return names;
}

Task make(const TaskOptions& options) {
    const RecordTask record{value_of(options, "M"), value_of(options, "add"), value_of(options, "keys"),
                            value_of(options, "values")};
    const Index W = value_of(options, "W"), mixture = value_of(options, "mixture");
    require_at_most(options, "M", record.keys, "keys");
    require_at_least(options, "W", record.M, "M");
    Task task;
    task.options = options;
    task.tokens = names(record);
    task.evaluation_sizes = {size_of(W), size_of(2 * W)};
    task.training_size = [=](Random& random) { return size_of(mixed_size(mixture, record.M, W, random)); };
    task.sequence = [=](const TaskSize& size, Random& random) { return record.sequence(size.load, random); };
    return task;
}

}  // namespace

TaskKind record_kind() {
    return {"record",
            "SET starts a record anew, ADD keeps what it holds: recall both parts, or none",
            {{"M", 4, 1, 512, "keys in a sequence"},
             {"W", 20, 1, 4096, "writes, the most"},
             {"add", 50, 0, 100, "percent of later writes that ADD"},
             {"keys", 48, 1, 4096, "different keys"},
             {"values", 16, 2, 4096, "different values of each part"},
             {"mixture", 60, 0, 100, "percent of training batches with fewer writes"}},
            make};
}

}  // namespace gdn2
