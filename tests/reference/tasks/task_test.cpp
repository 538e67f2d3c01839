// What holds for every task: the same from the same seed, another from another, one length in a batch, and questions
// that stand where the targets do.
#include "reference/tasks/task.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

bool same(const Question& a, const Question& b) {
    return a.position == b.position && a.answer == b.answer && a.writes == b.writes && a.older == b.older &&
           a.choices == b.choices && a.part == b.part;
}

/// Whether `part` is sequences first, first + 1, ... of `whole`, questions too.
bool is_slice(const TaskBatch& part, const TaskBatch& whole, Index first) {
    const Index begin = first * whole.batch.length;
    bool good = part.batch.length == whole.batch.length &&
                std::equal(part.tokens.begin(), part.tokens.end(), whole.tokens.begin() + begin) &&
                std::equal(part.targets.begin(), part.targets.end(), whole.targets.begin() + begin);
    for (std::size_t s = 0; good && s < part.questions.size(); ++s) {
        const auto &a = part.questions[s], &b = whole.questions[s + static_cast<std::size_t>(first)];
        good = std::equal(a.begin(), a.end(), b.begin(), b.end(), same);
    }
    return good;
}

void check_well_formed(const Task& task, const TaskBatch& batch) {
    const auto tokens = static_cast<std::size_t>(batch.batch.tokens());
    CHECK(batch.tokens.size() == tokens);
    CHECK(batch.targets.size() == tokens);
    CHECK(batch.questions.size() == static_cast<std::size_t>(batch.batch.batch));
    for (const TokenId token : batch.tokens) CHECK((token >= 0 && token < task.tokens.size()));
    for (std::size_t s = 0; s < batch.questions.size(); ++s) {
        std::vector<Index> asked, with_target;
        for (const Question& question : batch.questions[s]) asked.push_back(question.position);
        for (Index t = 0; t < batch.batch.length; ++t)
            if (batch.targets[s * static_cast<std::size_t>(batch.batch.length) +
                              static_cast<std::size_t>(t)] != no_target)
                with_target.push_back(t);
        CHECK(asked == with_target);
        CHECK_FALSE(asked.empty());
    }
}

}  // namespace

TEST_CASE("every task has a name, a line, options and different token names") {
    std::set<std::string> names;
    for (const TaskKind& kind : task_kinds()) {
        CHECK(names.insert(kind.name).second);
        const Task task = make_task(kind.name);
        CHECK(task.one_line == kind.one_line);
        CHECK(!task.one_line.empty());
        const auto& tokens = task.tokens.names;
        CHECK(std::set<std::string>(tokens.begin(), tokens.end()).size() == tokens.size());
    }
}

TEST_CASE("batches are well formed and evaluation comes in the size asked for") {
    for (const TaskKind& kind : task_kinds()) {
        const Task task = make_task(kind.name);
        for (Index step = 0; step < 6; ++step) check_well_formed(task, training_batch(task, 1, step, 3));
        std::set<Index> lengths;
        for (const TaskSize& size : task.evaluation_sizes) {
            const TaskBatch batch = evaluation_batch(task, 1, 0, 3, size);
            check_well_formed(task, batch);
            lengths.insert(batch.batch.length);
        }
        if (kind.name != "mqar_zoology") CHECK(lengths.size() == task.evaluation_sizes.size());
    }
}

TEST_CASE("the same seed makes the same bytes and sequence i does not depend on the batch size") {
    for (const TaskKind& kind : task_kinds()) {
        const Task task = make_task(kind.name), again = make_task(kind.name);
        const TaskBatch large = training_batch(task, 7, 5, 6);
        CHECK(is_slice(training_batch(again, 7, 5, 6), large, 0));
        CHECK(is_slice(training_batch(task, 7, 5, 2), large, 0));
        const TaskSize& size = task.evaluation_sizes.back();
        const TaskBatch all = evaluation_batch(task, 7, 0, 6, size);
        CHECK(is_slice(evaluation_batch(again, 7, 0, 6, size), all, 0));
        CHECK(is_slice(evaluation_batch(task, 7, 3, 2, size), all, 3));
    }
}

TEST_CASE("another seed, step or sequence is another draw and training is not evaluation") {
    for (const TaskKind& kind : task_kinds()) {
        const std::string fixed_size = kind.name == "mqar_zoology" ? ":T=64" : ":mixture=0";
        const Task task = make_task(kind.name + fixed_size);
        std::set<std::vector<TokenId>> seen;
        for (const std::uint64_t seed : {0, 1})
            for (Index step = 0; step < 3; ++step) seen.insert(training_batch(task, seed, step, 3).tokens);
        CHECK(seen.size() == 6);
        const TaskSize& size = task.evaluation_sizes.front();
        std::set<std::vector<TokenId>> evaluated;
        for (const std::uint64_t seed : {0, 1})
            for (Index i = 0; i < 6; ++i) evaluated.insert(evaluation_batch(task, seed, i, 1, size).tokens);
        CHECK(evaluated.size() >= 11);  // S-NIAH-1 has few sequences: two may be alike
        for (Index i = 0; i < 3; ++i) {
            const TaskBatch training = training_batch(task, 0, i, 3);
            CHECK(evaluation_batch(task, 0, i, 3, size).tokens != training.tokens);
        }
    }
}

TEST_CASE("training and evaluation each draw from a stream of their own") {
    const Task task = make_task("overwrite");
    constexpr std::uint64_t seed = 5, training = 0, evaluation = 1;
    for (const std::uint64_t step : {0, 3}) {
        Random random(Random(seed, training).bits(), step);
        const std::uint64_t of_sequences = random.bits();
        const TaskSize size = task.training_size(random);
        const TaskBatch batch = training_batch(task, seed, static_cast<Index>(step), 3);
        Random third(of_sequences, 2);
        const TaskSequence sequence = task.sequence(size, third);
        CHECK(batch.batch.length == static_cast<Index>(sequence.tokens.size()));
        CHECK(std::equal(sequence.tokens.rbegin(), sequence.tokens.rend(), batch.tokens.rbegin()));
    }
    Random fifth(Random(seed, evaluation).bits(), 4);
    const TaskSize& size = task.evaluation_sizes.front();
    CHECK(evaluation_batch(task, seed, 4, 1, size).tokens == task.sequence(size, fifth).tokens);
}

TEST_CASE("training draws one size for a batch and uses them all") {
    const Task task = make_task("mqar:N=6");
    std::set<Index> lengths;
    Index full = 0;
    for (Index step = 0; step < 1000; ++step) {
        const Index length = training_batch(task, 2, step, 1).batch.length;
        lengths.insert(length);
        full += length == 18;
    }
    CHECK(lengths == std::set<Index>{6, 9, 12, 15, 18});
    CHECK(full > 440);  // 0.4 + 0.6 / 5 of them: 520, deviation 16
    CHECK(full < 600);
}

TEST_CASE("empty batches and negative positions are refused") {
    const Task task = make_task("mqar");
    const TaskSize& size = task.evaluation_sizes.front();
    CHECK_THROWS_WITH_AS(training_batch(task, 0, 0, 0), "a batch must have sequences, not 0", Error);
    CHECK_THROWS_WITH_AS(training_batch(task, 0, -1, 1), "a training step must not be negative, not -1",
                         Error);
    CHECK_THROWS_WITH_AS(evaluation_batch(task, 0, 0, -2, size), "a batch must have sequences, not -2",
                         Error);
    CHECK_THROWS_WITH_AS(evaluation_batch(task, 0, -1, 1, size),
                         "an evaluation sequence must not be negative, not -1", Error);
}

TEST_CASE("sizes of one's own are made where they can be") {
    const auto refusal = [](const std::string& spec, const TaskSize& size) -> std::string {
        try {
            const TaskBatch batch = evaluation_batch(make_task(spec), 0, 0, 1, size);
            return "length " + std::to_string(batch.batch.length);
        } catch (const Error& error) {
            return error.what();
        }
    };
    CHECK(refusal("mqar", {"", 20}) == "length 60");
    CHECK(refusal("mqar", {"", 49}) == "cannot draw 49 different numbers of 48");
    CHECK(refusal("mqar_zoology", {"", 3, 12}) == "length 12");
    CHECK(refusal("mqar_zoology", {"", 3, 13}) ==
          "published MQAR needs an even length of at least 4 pairs = 12, not 13");
    CHECK(refusal("mqar_zoology", {"", 4, 14}) ==
          "published MQAR needs an even length of at least 4 pairs = 16, not 14");
    CHECK(refusal("overwrite", {"", 7}) == "cannot draw each of 8 in 7");
    CHECK(refusal("streaming_overwrite", {"", 1}) == "a stream needs a write and a question, not 1 items");
    CHECK(refusal("mk_niah_1", {"", 4, 16, 2}) == "length 22");
    CHECK(refusal("mk_niah_1", {"", 4, 15, 2}) == "15 tokens cannot hold 4 needles of 4");
    CHECK(refusal("mk_niah_1", {"", 4, 16, 5}) == "cannot draw 5 different numbers of 4");
}

TEST_CASE("a sequence prints as words with arrows to its targets") {
    TokenNames names;
    CHECK(names.add("key", 2) == 0);
    CHECK(names.add("query") == 2);
    CHECK(names.add("value", 2) == 3);
    CHECK(names.size() == 5);
    CHECK(to_text(names, {0, 4, 2, 0}, {no_target, no_target, no_target, 4}) ==
          "key 0, value 1, query, key 0 -> value 1");
    CHECK(to_text(names, {1}) == "key 1");
    CHECK(to_text(names, {}).empty());
    CHECK_THROWS_WITH_AS(to_text(names, {5}), "token 5 has no name", Error);
    CHECK_THROWS_WITH_AS(to_text(names, {0}, {-7}), "token -7 has no name", Error);
}
