// What every key answers, under every rule, along the way: the same numbers as the reference's own walk.
#include "visualizer/model/recall_table.h"

#include <doctest/doctest.h>

#include "reference/scenarios/rivals.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

const std::vector<Rule> rivals_shown{Mixer::gdn2, Mixer::kda, Mixer::gated_deltanet, Mixer::gated_linear_attention};

TEST_CASE("scores along the way are those of the scenario's rivals") {
    Session session;
    for (const Scenario& each : scenarios()) {
        if (!each.recall) continue;
        session.open(each.name);
        const std::vector<Rival> all = rivals(each);
        for (std::size_t i = 0; i < all.size(); ++i) {
            INFO(each.name << " " << all[i].name);
            const Score known = score(walk(*each.recall, all[i].problem));
            const RecallAlong along = recall_along(session, rivals_shown[i]);
            CHECK(along.all_right == known.right);
            CHECK(along.all_asked == known.checks);
            CHECK(along.error == doctest::Approx(known.error));
        }
    }
}

TEST_CASE("lesson 4: all 22 readings are right with two gates, and not with one") {
    Session session;
    session.open("shared_context_keys");
    CHECK(recall_along(session, Mixer::gdn2).all_asked == 22);
    CHECK(recall_along(session, Mixer::gdn2).all_right == 22);
    CHECK(recall_along(session, Mixer::kda).all_right < 22);
}

TEST_CASE("the table stands where the memory stands: a token counts once it has written") {
    Session session;
    session.open("overwrite");
    CHECK(recall_table(session, rivals_shown).rows.empty());
    CHECK(recall_heading(session) == "What each key answers once something is stored");
    session.ui.cursor = {0, Phase::write, 1};
    CHECK(recall_heading(session) == "What each key answers after A=3");
    session.ui.cursor = {2, Phase::residual, 1};
    CHECK(recall_heading(session) == "What each key answers after B=5");
    CHECK(recall_table(session, {Mixer::gdn2}).rows.at(0).cells.at(0).answer == "3");
    CHECK(recall_table(session, {Mixer::gdn2}).rows.at(0).expected == "3");
    session.ui.cursor = {2, Phase::write, 1};
    const RecallTable table = recall_table(session, rivals_shown);
    REQUIRE(table.rows.size() == 2);
    CHECK(table.rows[0].key == "A");
    CHECK(table.rows[0].expected == "7");
    CHECK(table.rows[0].cells.at(0).answer == "7");
    CHECK(table.rows[0].cells.at(0).right);
    CHECK(table.rows[0].cells.at(3).answer == "3+7");
    CHECK_FALSE(table.rows[0].cells.at(3).right);
    CHECK(table.rows[1].cells.at(3).right);
}

TEST_CASE("a tie is said in words, of a cell and of the first in a table, and what is no tie is not") {
    RecallCell one{"0", {{0}, 0.9, 1}, true}, two{"0|4", {{0, 4}, 0.7, 1}}, three{"1|2|3", {{1, 2, 3}, 0.5, 1}};
    CHECK(tie_in_words(RecallCell{"none", {}}) == "");
    CHECK(tie_in_words(one) == "");
    CHECK(tie_in_words(two) == "0|4: the answer is equally near to both, so it is neither");
    CHECK(tie_in_words(three) == "1|2|3: the answer is equally near to all, so it is none");
    CHECK(tie_in_words(RecallTable{}) == "");
    CHECK(tie_in_words(RecallTable{{}, {{"A", "0", {one, one}}}}) == "");
    CHECK(tie_in_words(RecallTable{{}, {{"A", "0", {one, two}}, {"B", "1", {three}}}}) == tie_in_words(two));
}

TEST_CASE("a document without recall has an empty table") {
    Session session;
    session.open("chunk_equals_recurrent");
    session.ui.cursor = last_cursor(session.length());
    CHECK(recall_table(session, rivals_shown).rows.empty());
    CHECK(recall_along(session, Mixer::gdn2).all_asked == 0);
}

}  // namespace
}  // namespace gdn2::test
