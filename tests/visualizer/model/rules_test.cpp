// Every rule the reference has, by one name each, and what it answers in the lessons.
#include "visualizer/model/rules.h"

#include <doctest/doctest.h>

#include <set>

#include "visualizer/model/recall_table.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

TEST_CASE("every rule has a name, a short name and choices of its own") {
    const Session session;
    std::set<std::string> names, short_names, choices;
    for (const Rule& rule : all_rules()) {
        names.insert(name_of(rule));
        short_names.insert(short_name_of(rule));
        choices.insert(choices_of(session, rule));
        CHECK(short_name_of(rule).size() <= 7);
    }
    CHECK(all_rules().size() == all_mixers.size() + all_other_rules.size());
    CHECK(names.size() == all_rules().size());
    CHECK(short_names.size() == all_rules().size());
    CHECK(choices.size() >= all_rules().size() - 1);  // KDA's and DeltaNet's may be the same
    CHECK(all_rules().front() == Rule(Mixer::gdn2));
}

TEST_CASE("what a rule keeps at the cursor is what it had written by then") {
    Session session;
    session.open("overwrite");
    const OtherRun& run = session.other(OtherRule::mamba2);
    CHECK(memory_at(session, OtherRule::mamba2, {2, Phase::residual, 1}) == run.memory(1));
    CHECK(memory_at(session, OtherRule::mamba2, {2, Phase::write, 0.5}) == run.memory(1));
    CHECK(memory_at(session, OtherRule::mamba2, {2, Phase::write, 1}) == run.memory(2));
    CHECK(memory_at(session, Mixer::kda, {2, Phase::read_out, 1}) == session.track(Mixer::kda).S(2));
    CHECK(memory_at(session, OtherRule::softmax_attention, first_cursor()).rows() == 0);
}

TEST_CASE("a rule that cannot erase answers both values of an overwritten key, one that only adds and softmax alike") {
    Session session;
    session.open("overwrite");
    for (const Rule& rule : {Rule(Mixer::linear_attention), Rule(OtherRule::mamba2),
                             Rule(OtherRule::softmax_attention)}) {
        const std::vector<Reading> readings = read_back(session, rule, 2);
        REQUIRE(readings.size() == 2);
        CHECK_FALSE(readings[0].right);  // A=3, then A=7
        CHECK(readings[1].right);
    }
    CHECK(read_back(session, Mixer::gdn2, 2)[0].right);
}

TEST_CASE("an edit changes the other rules too, and what was scored") {
    Session session;
    session.open("overwrite");
    const Matrix<double> before = session.other(OtherRule::mamba2).memory(4);
    const Index right = session.recall(OtherRule::mamba2).all_right;
    session.edits().make({Gate::w, 1, Edit::all_channels, 0});
    CHECK(session.other(OtherRule::mamba2).memory(4) != before);
    CHECK(session.recall(OtherRule::mamba2).all_right < right);
}

}  // namespace
}  // namespace gdn2::test
