// MQAR as published: pairs first, questions at even places after them, spread by the power law.
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

#include "reference/tasks/power_law.h"
#include "tests/support/printed_sequence.h"

using namespace gdn2;
using namespace gdn2::test;

namespace {

void check_sequence(const PrintedSequence& tokens, std::size_t pairs) {
    std::map<std::string, std::string> values;
    std::set<std::string> different, asked;
    for (std::size_t t = 0; t < 2 * pairs; t += 2) {
        CHECK(tokens[t].kind() == "key");
        CHECK(tokens[t + 1].kind() == "value");
        CHECK_FALSE((tokens[t].asked() || tokens[t + 1].asked()));
        CHECK(values.emplace(tokens[t].word, tokens[t + 1].word).second);
        CHECK(different.insert(tokens[t + 1].word).second);
    }
    for (std::size_t t = 2 * pairs; t < tokens.size(); ++t) {
        if (!tokens[t].asked()) continue;
        CHECK(t % 2 == 0);
        CHECK(tokens[t].answer == values.at(tokens[t].word));
        CHECK(asked.insert(tokens[t].word).second);
    }
    CHECK(asked.size() == pairs);
}

}  // namespace

TEST_CASE("a dictionary of the pairs answers published MQAR at even places") {
    for (const std::string spec :
         {"mqar_zoology", "mqar_zoology:random=0", "mqar_zoology:T=64,vocabulary=300"}) {
        const Task task = make_task(spec);
        for_printed_sequences(task,
                              [&](const PrintedSequence& tokens, const std::vector<Question>& questions) {
                                  CHECK(4 * questions.size() <= tokens.size());
                                  check_sequence(tokens, questions.size());
                                  for (std::size_t t = 2 * questions.size();
                                       spec == "mqar_zoology:random=0" && t < tokens.size(); ++t)
                                      CHECK((tokens[t].asked() || tokens[t].word == "blank"));
                              });
    }
}

TEST_CASE("published MQAR trains and tests on the published sizes") {
    const Task task = make_task("mqar_zoology");
    std::map<std::string, Index> drawn;
    Random random(1);
    for (int i = 0; i < 9000; ++i) ++drawn[task.training_size(random).name];
    CHECK(drawn.size() == 5);
    CHECK(std::abs(drawn["T=64 N=4"] - 5000) < 5 * 47);
    for (const std::string other : {"T=128 N=8", "T=256 N=16", "T=256 N=32", "T=256 N=64"})
        CHECK(std::abs(drawn[other] - 1000) < 5 * 30);
    std::set<std::string> tested;
    for (const TaskSize& size : task.evaluation_sizes) tested.insert(size.name);
    CHECK(tested == std::set<std::string>{"T=64 N=4", "T=64 N=8", "T=64 N=16", "T=128 N=32", "T=256 N=64",
                                          "T=512 N=128", "T=1024 N=256"});
}

TEST_CASE("power law weights are those of pow, to its rounding") {
    const std::vector<std::int64_t> weights = power_law_weights(512);
    REQUIRE(weights.size() == 512);
    CHECK(weights.front() == std::int64_t{1} << 32);
    for (std::size_t i = 1; i <= weights.size(); ++i) {
        const double expected = std::pow(static_cast<double>(i), 0.01 - 1) * 0x1p32;
        CHECK(std::abs(static_cast<double>(weights[i - 1]) - expected) <= 1);
    }
    CHECK(weights[1] == 2162420578);
    CHECK(weights[6] == 625623137);
    CHECK(weights[511] == 8928584);
}

TEST_CASE("questions of published MQAR crowd after the pairs as the power law says") {
    const Task task = make_task("mqar_zoology:T=64,vocabulary=300");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 4000, task.evaluation_sizes.front());
    const std::vector<std::int64_t> weights = power_law_weights(28);
    double total = 0, first_of_one_draw = static_cast<double>(weights[0]);
    for (const std::int64_t weight : weights) total += static_cast<double>(weight);
    first_of_one_draw /= total;

    std::vector<Index> asked_at(28), first_key_at(28);
    for (Index s = 0; s < 4000; ++s)
        for (const Question& question : batch.questions[static_cast<std::size_t>(s)]) {
            const auto place = static_cast<std::size_t>((question.position - 8) / 2);
            ++asked_at.at(place);
            const auto* x = batch.tokens.data() + s * batch.batch.length;
            first_key_at.at(place) += x[question.position] == x[0];  // the first key draws before the others
        }
    CHECK(std::abs(static_cast<double>(first_key_at[0]) - 4000 * first_of_one_draw) <
          5 * std::sqrt(4000 * first_of_one_draw));
    CHECK(std::abs(static_cast<double>(first_key_at[1]) * std::pow(2, 0.99) - 4000 * first_of_one_draw) <
          5 * std::sqrt(4000 * first_of_one_draw * 2));
    CHECK(asked_at[0] > asked_at[3]);
    CHECK(asked_at[3] > asked_at[12]);
    CHECK(asked_at[27] > 0);
}

TEST_CASE("what lies between the questions is uniform over the whole vocabulary") {
    const Task task = make_task("mqar_zoology:T=64,vocabulary=258");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 4000, task.evaluation_sizes.front());
    std::vector<Index> seen(258);
    Index count = 0;
    for (Index row = 0; row < batch.batch.tokens(); ++row) {
        if (row % 64 < 8 || batch.targets[static_cast<std::size_t>(row)] != no_target) continue;
        ++seen.at(static_cast<std::size_t>(batch.tokens[static_cast<std::size_t>(row)]));
        ++count;
    }
    CHECK(count == 4000 * 52);
    for (const Index each : seen) CHECK(std::abs(each - count / 258) < 5 * 28.4);
}

TEST_CASE("published MQAR makes this sequence") {
    const Task task = make_task("mqar_zoology:T=64,vocabulary=258,random=0");
    const TaskBatch batch = evaluation_batch(task, 1, 0, 1, task.evaluation_sizes.front());
    std::string words;
    for (const PrintedToken& token : read_printed(print(task, batch, 0)))
        if (token.word != "blank") words += token.word + (token.asked() ? "?" : "") + " ";
    CHECK(words ==
          "key 47 value 74 key 122 value 75 key 68 value 54 key 123 value 114 key 122? key 68? key 123? key "
          "47? ");
    std::vector<Index> positions;
    for (const Question& question : batch.questions[0]) positions.push_back(question.position);
    CHECK(positions == std::vector<Index>{10, 12, 14, 16});
}
