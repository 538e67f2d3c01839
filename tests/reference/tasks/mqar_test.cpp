// Dense MQAR: a dictionary answers it.
#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

TEST_CASE("a dictionary of the pairs answers MQAR and every key is asked once") {
    const Task task = make_task("mqar");
    for_printed_sequences(task, [](const PrintedSequence& tokens, const std::vector<Question>&) {
        const std::size_t pairs = tokens.size() / 3;
        CHECK(tokens.size() == 3 * pairs);
        std::map<std::string, std::string> values;
        std::set<std::string> asked;
        for (std::size_t t = 0; t < 2 * pairs; t += 2) {
            CHECK(tokens[t].kind() == "key");
            CHECK(tokens[t + 1].kind() == "value");
            CHECK_FALSE((tokens[t].asked() || tokens[t + 1].asked()));
            CHECK(values.emplace(tokens[t].word, tokens[t + 1].word).second);
        }
        for (std::size_t t = 2 * pairs; t < tokens.size(); ++t) {
            CHECK(tokens[t].answer == values.at(tokens[t].word));
            CHECK(asked.insert(tokens[t].word).second);
        }
    });
}

TEST_CASE("MQAR asks in random order and uses every key and value") {
    const Task task = make_task("mqar:N=4,keys=6,values=3");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2000, task.evaluation_sizes.front());
    std::vector<Index> keys(6), values(3), first_asked(4);
    for (Index s = 0; s < 2000; ++s) {
        const auto* x = batch.tokens.data() + s * batch.batch.length;
        for (Index i = 0; i < 4; ++i) {
            ++keys.at(static_cast<std::size_t>(x[2 * i]));
            ++values.at(static_cast<std::size_t>(x[2 * i + 1] - 6));
            first_asked.at(static_cast<std::size_t>(i)) += x[8] == x[2 * i];
        }
    }
    for (const Index count : keys) CHECK(std::abs(count - 8000 / 6) < 5 * 34);
    for (const Index count : values) CHECK(std::abs(count - 8000 / 3) < 5 * 43);
    for (const Index count : first_asked) CHECK(std::abs(count - 500) < 5 * 20);
}

TEST_CASE("MQAR makes these sequences") {
    const Task task = make_task("mqar:N=3");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2, task.evaluation_sizes.front());
    CHECK(print(task, batch, 0) ==
          "key 17, value 15, key 46, value 9, key 26, value 9, key 46 -> value 9, key 26 -> value 9, "
          "key 17 -> value 15");
    CHECK(print(task, batch, 1) ==
          "key 47, value 12, key 4, value 2, key 15, value 7, key 47 -> value 12, key 15 -> value 7, "
          "key 4 -> value 2");
}
