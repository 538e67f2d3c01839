// A task's sequence as somebody who reads its print would see it: words, and which of them are asked with what answer.
// The tests of tasks work the answers out again from these words alone.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reference/tasks/task.h"

namespace gdn2::test {

/// "key 3 -> value 7" is the word "key 3" with the answer "value 7"; without an arrow the answer is empty.
struct PrintedToken {
    std::string word, answer;

    bool asked() const { return !answer.empty(); }
    /// "key" of "key 3"
    std::string kind() const { return word.substr(0, word.rfind(' ')); }
};
using PrintedSequence = std::vector<PrintedToken>;

/// Reads "key 3, value 7, key 3 -> value 7".
inline PrintedSequence read_printed(std::string text) {
    PrintedSequence tokens;
    text += ", ";
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find(", ", begin);
        const std::string item = text.substr(begin, end - begin);
        const std::size_t arrow = item.find(" -> ");
        if (arrow == std::string::npos)
            tokens.push_back({item, ""});
        else
            tokens.push_back({item.substr(0, arrow), item.substr(arrow + 4)});
        begin = end + 2;
    }
    return tokens;
}

/// Sequence s of a batch, printed.
inline std::string print(const Task& task, const TaskBatch& batch, Index s) {
    const auto cut = [&](const std::vector<TokenId>& all) {
        const auto begin = all.begin() + s * batch.batch.length;
        return std::vector<TokenId>(begin, begin + batch.batch.length);
    };
    return to_text(task.tokens, cut(batch.tokens), cut(batch.targets));
}

/// Calls check(sequence, questions) for sequences of training and of every evaluation size.
template <class Check>
void for_printed_sequences(const Task& task, const Check& check) {
    const auto look_at = [&](const TaskBatch& batch) {
        for (Index s = 0; s < batch.batch.batch; ++s)
            check(read_printed(print(task, batch, s)), batch.questions[static_cast<std::size_t>(s)]);
    };
    for (Index step = 0; step < 20; ++step) look_at(training_batch(task, 3, step, 4));
    for (const TaskSize& size : task.evaluation_sizes) look_at(evaluation_batch(task, 4, 0, 5, size));
}

/// The questions' own words for what they ask: names of `older`, sorted.
inline std::vector<std::string> names_of(const Task& task, const std::vector<TokenId>& tokens) {
    std::vector<std::string> names;
    for (const TokenId token : tokens) names.push_back(task.tokens.names.at(static_cast<std::size_t>(token)));
    std::sort(names.begin(), names.end());
    return names;
}

/// What a reader of one key's values, in order, expects a question about it to say.
inline void check_past(const Task& task, const std::vector<std::string>& values, const Question& question) {
    std::vector<std::string> older;
    for (const std::string& value : values)
        if (value != values.back()) older.push_back(value);
    std::sort(older.begin(), older.end());
    older.erase(std::unique(older.begin(), older.end()), older.end());
    CHECK(question.writes == static_cast<Index>(values.size()));
    CHECK(names_of(task, question.older) == older);
}

}  // namespace gdn2::test
