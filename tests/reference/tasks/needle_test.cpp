// Needles: looking the key up in the haystack answers them.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

/// The key at `at` and the values after it.
std::vector<std::string> needle_from(const PrintedSequence& tokens, std::size_t at, std::size_t values) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i <= values; ++i) words.push_back(tokens.at(at + i).word);
    return words;
}

/// Where the keys of the haystack stand; each is there once, followed by its own values.
std::vector<std::size_t> needles_in(const PrintedSequence& tokens, std::size_t context, std::size_t values) {
    std::vector<std::size_t> found;
    std::set<std::string> keys;
    for (std::size_t t = 0; t < context; ++t) {
        CHECK_FALSE(tokens[t].asked());
        if (tokens[t].kind() != "key") continue;
        CHECK(keys.insert(tokens[t].word).second);
        if (!found.empty()) CHECK(t > found.back() + values);
        CHECK(t + values < context);
        for (std::size_t i = 1; i <= values; ++i) CHECK(tokens[t + i].kind() == "value");
        found.push_back(t);
    }
    return found;
}

void check_sequence(const PrintedSequence& tokens, const std::vector<Question>& questions,
                    std::size_t needles, std::size_t values) {
    const std::size_t context = tokens.size() - questions.size();
    const std::vector<std::size_t> found = needles_in(tokens, context, values);
    CHECK(found.size() == needles);
    std::set<std::string> asked;
    for (std::size_t t = context; t < tokens.size(); t += values) {
        const auto at = std::find_if(found.begin(), found.end(),
                                     [&](std::size_t i) { return tokens[i].word == tokens[t].word; });
        REQUIRE(at != found.end());
        CHECK(asked.insert(tokens[t].word).second);
        const std::vector<std::string> needle = needle_from(tokens, *at, values);
        for (std::size_t i = 0; i < values; ++i) {
            CHECK(tokens[t + i].word == needle[i]);
            CHECK(tokens[t + i].answer == needle[i + 1]);
            CHECK(questions[t + i - context].answer == questions[t - context].answer);
            CHECK(questions[t + i - context].answer == static_cast<Index>(asked.size()) - 1);
        }
    }
}

}  // namespace

TEST_CASE("looking up the key in the haystack answers every needle task") {
    const auto check = [](const std::string& name, std::size_t needles, std::size_t values) {
        for_printed_sequences(make_task(name), [=](const PrintedSequence& tokens, const auto& questions) {
            check_sequence(tokens, questions, needles, values);
        });
    };
    check("s_niah_1", 1, 1);
    check("s_niah_2", 1, 2);
    check("s_niah_3", 1, 6);
    check("mk_niah_1", 4, 3);
    check("mk_niah_1:T=16", 4, 3);  // nothing but needles, as long as training goes
}

TEST_CASE("training asks for all needles on up to T tokens and evaluation for one on up to 8 T") {
    const Task task = make_task("mk_niah_1");
    std::set<Index> contexts;
    for (Index step = 0; step < 400; ++step) {
        const TaskBatch batch = training_batch(task, 1, step, 1);
        CHECK(batch.questions[0].size() == 12);
        contexts.insert(batch.batch.length - 12);
    }
    CHECK(*contexts.begin() == 16);
    CHECK(*contexts.rbegin() == 64);
    CHECK(contexts.size() > 40);
    std::vector<Index> evaluated;
    for (const TaskSize& size : task.evaluation_sizes) {
        const TaskBatch batch = evaluation_batch(task, 1, 0, 1, size);
        CHECK(batch.questions[0].size() == 3);
        evaluated.push_back(batch.batch.length - 3);
    }
    CHECK(evaluated == std::vector<Index>{64, 128, 256, 512});
}

TEST_CASE("the haystack of the first needle task repeats itself around the needle") {
    const Task task = make_task("s_niah_1");
    for_printed_sequences(task, [](const PrintedSequence& tokens, const auto&) {
        Index straw = 0;
        for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
            if (tokens[t].kind() != "filler") continue;
            CHECK(tokens[t].word == "filler " + std::to_string(straw++ % 16));
        }
        CHECK(straw == static_cast<Index>(tokens.size()) - 3);
    });
}

TEST_CASE("three straws in ten are values and needles lie anywhere") {
    const Task task = make_task("s_niah_2");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 3000, task.evaluation_sizes.front());
    Index values = 0;
    std::vector<Index> key_at(62);
    for (Index s = 0; s < 3000; ++s)
        for (Index t = 0; t < 64; ++t) {
            const TokenId token = batch.tokens[static_cast<std::size_t>(s * batch.batch.length + t)];
            values += token >= 32 && token < 48;
            if (token < 32) ++key_at.at(static_cast<std::size_t>(t));
        }
    CHECK(std::abs(values - (6000 + 900 * 62)) < 5 * 196);
    for (const Index count : key_at) CHECK(std::abs(count - 3000 / 62) < 5 * 7);
}

TEST_CASE("the needle asked for is any of them") {
    const Task task = make_task("mk_niah_1");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 2000, task.evaluation_sizes.front());
    std::vector<Index> asked(4);
    for (Index s = 0; s < 2000; ++s) {
        const auto* x = batch.tokens.data() + s * batch.batch.length;
        std::size_t needle = 0;
        for (Index t = 0; x[t] != x[64]; ++t) needle += x[t] < 32;
        ++asked.at(needle);
    }
    for (const Index count : asked) CHECK(std::abs(count - 500) < 5 * 20);
}

TEST_CASE("needle tasks make these sequences") {
    const auto golden = [](const std::string& spec) {
        const Task task = make_task(spec);
        return print(task, evaluation_batch(task, 1, 0, 1, task.evaluation_sizes.front()), 0);
    };
    CHECK(golden("s_niah_1:T=10,filler=4") ==
          "filler 0, filler 1, filler 2, filler 3, key 11, value 15, filler 0, filler 1, filler 2, "
          "filler 3, key 11 -> value 15");
    CHECK(golden("s_niah_2:T=10") ==
          "filler 9, filler 14, filler 4, filler 5, filler 12, filler 6, filler 12, key 11, "
          "value 15, value 8, key 11 -> value 15, value 15 -> value 8");
    CHECK(golden("mk_niah_1:T=16,N=2") ==
          "filler 5, filler 12, filler 6, key 30, value 9, value 6, value 14, filler 12, key 11, "
          "value 8, value 15, value 9, value 7, value 9, filler 15, filler 15, key 11 -> value 8, "
          "value 8 -> value 15, value 15 -> value 9");
}
