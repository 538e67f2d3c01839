// A needle in a haystack: N needles (key v1 ... vL) at random places of T tokens of filler, none over another; then for
// each asked key, in random order, the key and v1 ... v(L-1) again with the targets v1 ... vL. An answer is right when
// all L are. `confusers` percent of the filler are values. Training asks for all N on up to T tokens; evaluation asks
// for one on T, 2 T, 4 T and 8 T.
//   source  S-NIAH-1, -2, -3 and MK-NIAH-1 of RULER (Hsieh et al. 2024), in tokens instead of words
//   tests   tests/reference/tasks/needle_test.cpp
#include "reference/tasks/draw.h"
#include "reference/tasks/kinds.h"

namespace gdn2 {
namespace {

struct Needle {
    Index N, L, confusers, keys, values, filler;
    bool cyclic;  // filler 0, filler 1, ... again and again, the same text in every sequence

    TokenId key(Index i) const { return static_cast<TokenId>(i); }
    TokenId value(Index i) const { return static_cast<TokenId>(keys + i); }
    TokenId fill(Index i) const { return static_cast<TokenId>(keys + values + i); }
    TokenId random_value(Random& random) const { return value(random.integer(0, values - 1)); }

    TaskSequence sequence(Index context, Index asked, Random& random) const {
        TaskSequence sequence;
        std::vector<std::vector<TokenId>> needles;
        for (const Index i : distinct(N, keys, random)) {
            needles.push_back({key(i)});
            for (Index j = 0; j < L; ++j) needles.back().push_back(random_value(random));
        }
        lay_out(needles, context, random, sequence);
        Index answer = 0;
        for (const Index i : distinct(asked, N, random))
            ask(needles[static_cast<std::size_t>(i)], answer++, sequence);
        return sequence;
    }

    /// Every choice of N places among the filler is equally likely.
    void lay_out(const std::vector<std::vector<TokenId>>& needles, Index context, Random& random,
                 TaskSequence& sequence) const {
        const Index straws = context - N * (L + 1);
        require(straws >= 0, std::to_string(context) + " tokens cannot hold " + std::to_string(N) +
                                 " needles of " + std::to_string(L + 1));
        std::vector<Index> needle_at(static_cast<std::size_t>(straws + N), -1);
        Index needle = 0, straw = 0;
        for (const Index place : distinct(N, straws + N, random))
            needle_at[static_cast<std::size_t>(place)] = needle++;
        for (const Index i : needle_at) {
            if (i < 0) sequence.say(filler_token(straw++, random));
            if (i >= 0)
                for (const TokenId token : needles[static_cast<std::size_t>(i)]) sequence.say(token);
        }
    }

    TokenId filler_token(Index straw, Random& random) const {
        if (chance(confusers, random)) return random_value(random);
        return fill(cyclic ? straw % filler : random.integer(0, filler - 1));
    }

    void ask(const std::vector<TokenId>& needle, Index answer, TaskSequence& sequence) const {
        Question question;
        question.answer = answer;
        for (std::size_t i = 0; i + 1 < needle.size(); ++i) sequence.ask(needle[i], needle[i + 1], question);
    }
};

TaskSize size_of(Index context, Index needles, Index asked) {
    return {"T=" + std::to_string(context), needles, context, asked};
}

Task make(const TaskOptions& options, bool cyclic) {
    const auto option = [&](const char* name) { return value_of(options, name); };
    const Needle needle{option("N"),      option("L"), option("confusers"), option("keys"), option("values"),
                        option("filler"), cyclic};
    const Index T = option("T"), mixture = option("mixture"), least = needle.N * (needle.L + 1);
    require_at_most(options, "N", needle.keys, "keys");
    require_at_least(options, "T", least, "N (L + 1)");
    Task task;
    task.options = options;
    task.tokens.add("key", needle.keys);
    task.tokens.add("value", needle.values);
    task.tokens.add("filler", needle.filler);
    for (const Index times : {1, 2, 4, 8}) task.evaluation_sizes.push_back(size_of(times * T, needle.N, 1));
    task.training_size = [=](Random& random) {
        return size_of(mixed_size(mixture, least, T, random), needle.N, needle.N);
    };
    task.sequence = [=](const TaskSize& size, Random& random) {
        return needle.sequence(size.context, size.asked, random);
    };
    return task;
}

Task make_random(const TaskOptions& options) { return make(options, false); }
Task make_cyclic(const TaskOptions& options) { return make(options, true); }

TaskOptions options_with(Index needles, Index values_of_each, Index confusers) {
    return {{"T", 64, 2, 4096, "tokens before the question, the most in training"},
            {"N", needles, 1, 256, "needles"},
            {"L", values_of_each, 1, 64, "values of each"},
            {"confusers", confusers, 0, 100, "percent of the filler that are values"},
            {"keys", 32, 1, 4096, "different keys"},
            {"values", 16, 2, 4096, "different values"},
            {"filler", 16, 1, 4096, "different filler tokens"},
            {"mixture", 60, 0, 100, "percent of training batches with a shorter haystack"}};
}

}  // namespace

TaskKind s_niah_1_kind() {
    return {"s_niah_1", "one value of one key in a text that repeats itself", options_with(1, 1, 0),
            make_cyclic};
}
TaskKind s_niah_2_kind() {
    return {"s_niah_2", "two values of one key in noise with values in it", options_with(1, 2, 30),
            make_random};
}
TaskKind s_niah_3_kind() {
    return {"s_niah_3", "six values of one key in noise with values in it", options_with(1, 6, 30),
            make_random};
}
TaskKind mk_niah_1_kind() {
    return {"mk_niah_1", "three values of one of four keys in noise with values in it",
            options_with(4, 3, 30), make_random};
}

}  // namespace gdn2
