// A task makes sequences of tokens with questions in them, from a seed: the same ones on every machine. Everything
// random is an integer drawn from core/random.h, by a stream of its own for every sequence.
//   tests  tests/reference/tasks/task_test.cpp; each task's targets are recomputed from its printed tokens
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reference/core/random.h"
#include "reference/layers/batch.h"
#include "reference/tasks/task_options.h"

namespace gdn2 {

/// A token: a row of the embedding.
using TokenId = std::int32_t;

/// The target of a position that is not a question: no loss, no metric.
inline constexpr TokenId no_target = -100;

/// What the tokens of a task are called, by id: "key 3", "value 7", "query A".
struct TokenNames {
    std::vector<std::string> names;

    Index size() const { return static_cast<Index>(names.size()); }
    TokenId add(const std::string& name);               ///< the new id
    TokenId add(const std::string& kind, Index count);  ///< "kind 0", "kind 1", ...: the id of the first
};

/// A position with a target, and what metrics want to know of it. The answer is predicted from the tokens up to
/// and including that position.
struct Question {
    Index position = 0;          ///< in its sequence
    Index answer = 0;            ///< questions of one sequence with the same number are parts of one answer
    Index writes = 0;            ///< how often the key asked for was written before; 0: the task does not say
    std::vector<TokenId> older;  ///< what it held earlier, each once, without the target: the stale answers
    Index choices = 0;           ///< tokens that could be asked for; given with `older`
    std::string part;            ///< "A", "B" or "NONE" where a key has several
};

/// One sequence being made.
struct TaskSequence {
    std::vector<TokenId> tokens, targets;  ///< [length]
    std::vector<Question> questions;       ///< in order of position, one for each target

    void say(TokenId token);                                     ///< appends a token without a target
    void ask(TokenId token, TokenId target, Question question);  ///< appends a question
};

/// How large a sequence is. All sequences of a batch have one size, and with it one length.
struct TaskSize {
    std::string name;   ///< "N=16", "W=24", "T=128": what a table calls it
    Index load = 0;     ///< pairs, writes, items or needles
    Index context = 0;  ///< tokens before the questions, where load does not say
    Index asked = 0;    ///< answers asked for, where load does not say
};

/// A task with its options set. Copies are cheap enough; both functions may be called from several threads.
struct Task {
    std::string name;      ///< "overwrite"
    std::string one_line;  ///< what it asks for
    TaskOptions options;
    TokenNames tokens;
    std::vector<TaskSize> evaluation_sizes;          ///< the largest that it trains on, then others
    std::function<TaskSize(Random&)> training_size;  ///< draws one batch's size
    /// Draws one sequence. Throws Error for a size that it cannot have; sizes other than those above may be made.
    std::function<TaskSequence(const TaskSize&, Random&)> sequence;

    std::string spec() const { return to_spec(name, options); }  ///< "overwrite:M=8,W=24,...", all options
};

/// Sequences of one length, one after another.
struct TaskBatch {
    Batch batch;
    std::vector<TokenId> tokens, targets;          ///< [batch * length]
    std::vector<std::vector<Question>> questions;  ///< [batch]: of each sequence
};

/// The sequences of one training step. The size is drawn per step; sequence i does not depend on batch_size.
/// Throws Error when step is negative or batch_size is not positive.
TaskBatch training_batch(const Task& task, std::uint64_t seed, Index step, Index batch_size);

/// Sequences first, first + 1, ... of the endless evaluation set of (seed, size), whose streams no training batch
/// shares. Throws Error when first is negative or count is not positive.
TaskBatch evaluation_batch(const Task& task, std::uint64_t seed, Index first, Index count,
                           const TaskSize& size);

/// "key 3, value 7, key 3 -> value 7": tokens in order, with an arrow to the target of a question.
/// `targets` may be empty. Throws Error for a token that has no name.
std::string to_text(const TokenNames& names, const std::vector<TokenId>& tokens,
                    const std::vector<TokenId>& targets = {});

/// What there is to make.
struct TaskKind {
    std::string name;
    std::string one_line;
    TaskOptions options;  ///< with their usual values
    Task (*make)(const TaskOptions&);
};

/// Every task, in the order of tables.
const std::vector<TaskKind>& task_kinds();

/// The task of "name" or "name:option=value,option=value". Throws Error, naming what there is, for a task, option
/// or value that is not.
Task make_task(const std::string& spec);

}  // namespace gdn2
