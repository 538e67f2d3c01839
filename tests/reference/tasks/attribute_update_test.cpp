// Attribute update: a dictionary of (key, attribute) answers it.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

TEST_CASE("the last value of every attribute of every key answers attribute update") {
    const Task task = make_task("attribute_update");
    for_printed_sequences(task, [&](const PrintedSequence& tokens, const std::vector<Question>& questions) {
        CHECK(questions.size() == 8);
        std::map<std::string, std::vector<std::string>> past;  // of "key 3 A"
        std::set<std::string> asked;
        for (std::size_t t = 0; t < tokens.size(); t += 2) {
            const PrintedToken &key = tokens[t], &second = tokens[t + 1];
            CHECK(key.kind() == "key");
            CHECK_FALSE(key.asked());
            if (second.kind() != "query") {
                CHECK((second.kind() == "A" || second.kind() == "B"));
                CHECK_FALSE(second.asked());
                CHECK(asked.empty());
                past[key.word + " " + second.kind()].push_back(second.word);
                continue;
            }
            const std::string part = second.word.substr(6), slot = key.word + " " + part;
            CHECK(second.answer == past.at(slot).back());
            check_past(task, past.at(slot), questions.at(asked.size()));
            CHECK(questions.at(asked.size()).part == part);
            CHECK(asked.insert(slot).second);
        }
        CHECK(past.size() == 8);
        CHECK(asked.size() == 8);
    });
}

TEST_CASE("attribute update makes this sequence") {
    const Task task = make_task("attribute_update:M=2,W=5");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 1, task.evaluation_sizes.front());
    CHECK(print(task, batch, 0) ==
          "key 46, B 14, key 17, A 8, key 17, B 4, key 46, A 5, key 46, A 5, key 46, query A -> A 5, "
          "key 46, query B -> B 14, key 17, query B -> B 4, key 17, query A -> A 8");
}
