// See task.h.
#include "reference/tasks/task.h"

#include <algorithm>

#include "reference/io/text.h"

namespace gdn2 {
namespace {

/// Seeds of the two endless lists of sequences; every seed has both.
enum class Purpose : std::uint64_t { training, evaluation };

std::uint64_t seed_of(std::uint64_t seed, Purpose purpose) {
    return Random(seed, static_cast<std::uint64_t>(purpose)).bits();
}

/// Appends a sequence. All have the length of the first.
void append(TaskSequence&& sequence, TaskBatch& batch) {
    batch.batch.length = static_cast<Index>(sequence.tokens.size());
    batch.tokens.insert(batch.tokens.end(), sequence.tokens.begin(), sequence.tokens.end());
    batch.targets.insert(batch.targets.end(), sequence.targets.begin(), sequence.targets.end());
    batch.questions.push_back(std::move(sequence.questions));
}

/// Sequences first, first + 1, ... of a seed, each by its own stream.
TaskBatch make_batch(const Task& task, const TaskSize& size, std::uint64_t seed, Index first, Index count) {
    TaskBatch batch;
    batch.batch.batch = count;
    for (Index i = first; i < first + count; ++i) {
        Random random(seed, static_cast<std::uint64_t>(i));
        append(task.sequence(size, random), batch);
    }
    return batch;
}

}  // namespace

TokenId TokenNames::add(const std::string& name) {
    names.push_back(name);
    return static_cast<TokenId>(names.size() - 1);
}

TokenId TokenNames::add(const std::string& kind, Index count) {
    const auto first = static_cast<TokenId>(names.size());
    for (Index i = 0; i < count; ++i) names.push_back(kind + " " + std::to_string(i));
    return first;
}

void TaskSequence::say(TokenId token) {
    tokens.push_back(token);
    targets.push_back(no_target);
}

void TaskSequence::ask(TokenId token, TokenId target, Question question) {
    question.position = static_cast<Index>(tokens.size());
    tokens.push_back(token);
    targets.push_back(target);
    questions.push_back(std::move(question));
}

TaskBatch training_batch(const Task& task, std::uint64_t seed, Index step, Index batch_size) {
    require(step >= 0, "a training step must not be negative, not " + std::to_string(step));
    require(batch_size > 0, "a batch must have sequences, not " + std::to_string(batch_size));
    const std::uint64_t training = seed_of(seed, Purpose::training);
    Random random(training, static_cast<std::uint64_t>(step));
    const std::uint64_t of_sequences = random.bits();
    const TaskSize size = task.training_size(random);
    return make_batch(task, size, of_sequences, 0, batch_size);
}

TaskBatch evaluation_batch(const Task& task, std::uint64_t seed, Index first, Index count,
                           const TaskSize& size) {
    require(first >= 0, "an evaluation sequence must not be negative, not " + std::to_string(first));
    require(count > 0, "a batch must have sequences, not " + std::to_string(count));
    return make_batch(task, size, seed_of(seed, Purpose::evaluation), first, count);
}

std::string to_text(const TokenNames& names, const std::vector<TokenId>& tokens,
                    const std::vector<TokenId>& targets) {
    const auto name = [&](TokenId id) {
        require(id >= 0 && id < names.size(), "token " + std::to_string(id) + " has no name");
        return names.names[static_cast<std::size_t>(id)];
    };
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        text += (i == 0 ? "" : ", ") + name(tokens[i]);
        if (i < targets.size() && targets[i] != no_target) text += " -> " + name(targets[i]);
    }
    return text;
}

}  // namespace gdn2
