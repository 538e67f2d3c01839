// Streaming overwrite: a dictionary, asked between its writes.
#include <doctest/doctest.h>

#include <map>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

TEST_CASE("the last value so far answers streaming overwrite") {
    const Task task = make_task("streaming_overwrite");
    for_printed_sequences(task, [&](const PrintedSequence& tokens, const std::vector<Question>& questions) {
        std::map<std::string, std::vector<std::string>> past;
        std::size_t asked = 0;
        for (std::size_t t = 0; t < tokens.size(); t += 2) {
            CHECK_FALSE(tokens[t].asked());
            if (tokens[t].word == "query") {
                const PrintedToken& key = tokens[t + 1];
                CHECK(key.answer == past.at(key.word).back());  // at() throws for a key never written
                check_past(task, past.at(key.word), questions.at(asked++));
            } else {
                CHECK(tokens[t].kind() == "key");
                CHECK(tokens[t + 1].kind() == "value");
                CHECK_FALSE(tokens[t + 1].asked());
                past[tokens[t].word].push_back(tokens[t + 1].word);
            }
        }
        CHECK(past.size() <= 8);
        CHECK(asked == questions.size());
        CHECK(tokens[tokens.size() - 2].word == "query");
    });
}

TEST_CASE("three items in ten ask") {
    const Task task = make_task("streaming_overwrite");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 500, task.evaluation_sizes.front());
    Index asked = 0;
    for (const auto& questions : batch.questions) asked += static_cast<Index>(questions.size());
    CHECK(std::abs(asked - (500 + 3 * 500 * 30 / 10)) < 5 * 56);  // the first never asks, the last always
}

TEST_CASE("streaming overwrite makes these sequences") {
    const Task task = make_task("streaming_overwrite:M=2,items=6,write=50");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2, task.evaluation_sizes.front());
    CHECK(print(task, batch, 0) ==
          "key 46, value 15, query, key 46 -> value 15, key 46, value 8, key 17, value 5, query, "
          "key 17 -> value 5, query, key 17 -> value 5");
    CHECK(print(task, batch, 1) ==
          "key 47, value 12, key 47, value 3, query, key 47 -> value 3, key 4, value 5, query, "
          "key 4 -> value 5, query, key 4 -> value 5");
}
