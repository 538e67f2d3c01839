// Overwrite: a dictionary that is written again answers it.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

TEST_CASE("the last value of every key answers overwrite and questions know its past") {
    const Task task = make_task("overwrite");
    for_printed_sequences(task, [&](const PrintedSequence& tokens, const std::vector<Question>& questions) {
        CHECK(questions.size() == 8);
        const std::size_t writes = (tokens.size() - 8) / 2;
        std::map<std::string, std::vector<std::string>> past;
        std::set<std::string> asked;
        for (std::size_t t = 0; t < 2 * writes; t += 2) {
            CHECK(tokens[t].kind() == "key");
            CHECK(tokens[t + 1].kind() == "value");
            CHECK_FALSE((tokens[t].asked() || tokens[t + 1].asked()));
            past[tokens[t].word].push_back(tokens[t + 1].word);
        }
        CHECK(past.size() == 8);
        for (std::size_t i = 0; i < 8; ++i) {
            const PrintedToken& token = tokens[2 * writes + i];
            CHECK(token.answer == past.at(token.word).back());
            CHECK(asked.insert(token.word).second);
            check_past(task, past.at(token.word), questions[i]);
            CHECK(questions[i].choices == 16);
        }
    });
}

TEST_CASE("overwrite trains on any number of writes from M to W") {
    const Task task = make_task("overwrite:M=2,W=4");
    std::set<Index> lengths;
    for (Index step = 0; step < 200; ++step) lengths.insert(training_batch(task, 1, step, 1).batch.length);
    CHECK(lengths == std::set<Index>{6, 8, 10});
    CHECK(task.evaluation_sizes.at(0).name == "W=4");
    CHECK(task.evaluation_sizes.at(1).name == "W=8");
}

TEST_CASE("overwrite makes these sequences") {
    const Task task = make_task("overwrite:M=2,W=5");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2, task.evaluation_sizes.front());
    CHECK(print(task, batch, 0) ==
          "key 17, value 4, key 46, value 5, key 46, value 5, key 46, value 11, key 46, value 12, "
          "key 46 -> value 12, key 17 -> value 4");
    CHECK(print(task, batch, 1) ==
          "key 4, value 6, key 4, value 14, key 47, value 5, key 47, value 12, key 47, value 11, "
          "key 4 -> value 14, key 47 -> value 11");
}
