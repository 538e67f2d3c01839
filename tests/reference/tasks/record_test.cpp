// Record: SET and ADD played on a dictionary of records.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

struct PlayedRecord {
    std::string A, B;
    std::set<std::string> all_A, all_B;  // ever

    void play(const std::string& word) {
        if (word[0] == 'A') {
            A = word;
            B = "none";
            all_A.insert(word);
        } else {
            CHECK_FALSE(A.empty());  // the first write is a SET
            B = word;
            all_B.insert(word);
        }
    }
};

void check_question(const Task& task, const PlayedRecord& record, const PrintedToken& asked,
                    const Question& question) {
    const bool about_A = asked.word == "query A";
    const std::string& holds = about_A ? record.A : record.B;
    CHECK(asked.answer == holds);
    CHECK(question.part == (about_A ? "A" : holds == "none" ? "NONE" : "B"));
    std::set<std::string> older = about_A ? record.all_A : record.all_B;
    older.erase(holds);
    CHECK(names_of(task, question.older) == std::vector<std::string>(older.begin(), older.end()));
}

}  // namespace

TEST_CASE("records that SET clears and ADD extends answer record") {
    const Task task = make_task("record");
    std::set<std::string> parts;
    for_printed_sequences(task, [&](const PrintedSequence& tokens, const std::vector<Question>& questions) {
        CHECK(questions.size() == 8);
        std::map<std::string, PlayedRecord> records;
        std::set<std::string> asked;
        for (std::size_t t = 0; t < tokens.size(); t += 2) {
            const PrintedToken &key = tokens[t], &second = tokens[t + 1];
            CHECK(key.kind() == "key");
            CHECK_FALSE(key.asked());
            if (second.kind() != "query") {
                CHECK_FALSE(second.asked());
                CHECK(asked.empty());
                records[key.word].play(second.word);
                continue;
            }
            const Question& question = questions.at(asked.size());
            check_question(task, records.at(key.word), second, question);
            parts.insert(question.part);
            CHECK(asked.insert(key.word + second.word).second);
        }
        CHECK(records.size() == 4);
        CHECK(asked.size() == 8);
    });
    CHECK(parts == std::set<std::string>{"A", "B", "NONE"});
}

TEST_CASE("half of the later writes ADD") {
    const Task task = make_task("record:M=2,W=12");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 1000, task.evaluation_sizes.front());
    Index added = 0;
    for (const TokenId token : batch.tokens)
        added += task.tokens.names[static_cast<std::size_t>(token)].substr(0, 2) == "B ";
    CHECK(std::abs(added - 5000) < 5 * 50);
}

TEST_CASE("record makes these sequences") {
    const Task task = make_task("record:M=2,W=5");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2, task.evaluation_sizes.front());
    CHECK(print(task, batch, 0) ==
          "key 17, A 4, key 46, A 5, key 46, B 11, key 46, A 13, key 46, B 10, key 46, "
          "query B -> B 10, key 17, query B -> none, key 46, query A -> A 13, key 17, query A -> A 4");
    CHECK(print(task, batch, 1) ==
          "key 4, A 6, key 4, A 5, key 47, A 12, key 47, A 9, key 47, A 13, key 4, query A -> A 5, "
          "key 4, query B -> none, key 47, query A -> A 13, key 47, query B -> none");
}
