// MQAR as its authors generate it: N pairs of different keys and different values fill the first 2 N tokens; of the
// (T - 2 N) / 2 even places after them, N hold the keys again, places drawn by the power law i^(a-1), a = 0.01. The
// target of a repeated key stands at the key; its value does not follow. All other places hold any token of the
// vocabulary, keys and values too (random=1), or the blank (random=0).
//   source  zoology, multi-query associative recall: sizes, mixture and drawing (Arora et al. 2023)
//   tests   tests/reference/tasks/mqar_zoology_test.cpp
#include <array>

#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"
#include "reference/tasks/power_law.h"

namespace gdn2 {
namespace {

constexpr Index blank = 0;

struct MqarZoology {
    Index vocabulary;  // keys are 1 .. vocabulary / 2 - 1, values the rest
    bool random_fill;

    Index first_value() const { return vocabulary / 2; }

    TaskSequence sequence(Index pairs, Index length, Random& random) const {
        require(length % 2 == 0 && length >= 4 * pairs,
                "published MQAR needs an even length of at least 4 pairs = " + std::to_string(4 * pairs) +
                    ", not " + std::to_string(length));
        const std::vector<Index> keys = distinct(pairs, first_value() - 1, random);
        const std::vector<Index> values = distinct(pairs, vocabulary - first_value(), random);
        const std::vector<Index> places =
            weighted_distinct(pairs, power_law_weights((length - 2 * pairs) / 2), random);

        std::vector<Index> pair_at(static_cast<std::size_t>(length - 2 * pairs), -1);
        for (std::size_t i = 0; i < places.size(); ++i)
            pair_at[2 * static_cast<std::size_t>(places[i])] = static_cast<Index>(i);

        TaskSequence sequence;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            sequence.say(static_cast<TokenId>(1 + keys[i]));
            sequence.say(static_cast<TokenId>(first_value() + values[i]));
        }
        for (const Index pair : pair_at) {
            if (pair < 0) {
                sequence.say(static_cast<TokenId>(random_fill ? random.integer(0, vocabulary - 1) : blank));
                continue;
            }
            const auto at = static_cast<std::size_t>(pair);
            Question question;
            question.answer = static_cast<Index>(sequence.questions.size());
            sequence.ask(static_cast<TokenId>(1 + keys[at]), static_cast<TokenId>(first_value() + values[at]),
                         question);
        }
        return sequence;
    }
};

TaskSize size_of(Index length, Index pairs) {
    return {"T=" + std::to_string(length) + " N=" + std::to_string(pairs), pairs, length};
}

/// The published training sizes of at most T tokens: 100000 sequences of the first, 20000 of each other.
TaskSize training_size(Index T, Random& random) {
    std::vector<TaskSize> sizes(5, size_of(64, 4));
    if (T >= 128) sizes.push_back(size_of(128, 8));
    if (T >= 256)
        for (const Index pairs : {16, 32, 64}) sizes.push_back(size_of(256, pairs));
    return sizes[static_cast<std::size_t>(random.integer(0, static_cast<Index>(sizes.size()) - 1))];
}

/// The published test sizes of at most 4 T tokens, the largest of those trained on first.
std::vector<TaskSize> evaluation_sizes(Index T) {
    static constexpr std::array<std::array<Index, 2>, 7> published{
        {{64, 4}, {64, 8}, {64, 16}, {128, 32}, {256, 64}, {512, 128}, {1024, 256}}};
    std::vector<TaskSize> sizes{T >= 256 ? size_of(256, 64) : T >= 128 ? size_of(128, 8) : size_of(64, 4)};
    for (const auto& [length, pairs] : published)
        if (length <= 4 * T && size_of(length, pairs).name != sizes.front().name)
            sizes.push_back(size_of(length, pairs));
    return sizes;
}

TokenNames names(Index vocabulary) {
    TokenNames names;
    names.add("blank");
    names.add("key", vocabulary / 2 - 1);
    names.add("value", vocabulary - vocabulary / 2);
    return names;
}

Task make(const TaskOptions& options) {
    const MqarZoology mqar{value_of(options, "vocabulary"), value_of(options, "random") == 1};
    const Index T = value_of(options, "T");
    require_at_least(options, "vocabulary", 4 * T + 1, "4 T + 1");
    Task task;
    task.options = options;
    task.tokens = names(mqar.vocabulary);
    task.evaluation_sizes = evaluation_sizes(T);
    task.training_size = [=](Random& random) { return training_size(T, random); };
    task.sequence = [=](const TaskSize& size, Random& random) {
        return mqar.sequence(size.load, size.context, random);
    };
    return task;
}

}  // namespace

TaskKind mqar_zoology_kind() {
    return {"mqar_zoology",
            "the same as published: questions thinly spread over noise",
            {{"T", 256, 64, 256, "tokens of the longest training sequences"},
             {"vocabulary", 8192, 258, 65536, "tokens"},
             {"random", 1, 0, 1, "1: any token between the questions, 0: blanks"}},
            make};
}

}  // namespace gdn2
