// What is said at each phase: this token's numbers, and which gate made them so.
#include <doctest/doctest.h>

#include <functional>
#include <limits>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/picture.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// What is said of a token of a scenario under a rule.
std::string said(const char* scenario, Index token, Phase phase, Mixer mixer = Mixer::gdn2) {
    Session session;
    session.open(scenario);
    const Recall& recall = *session.document().recall;
    return narrate(session.track(mixer), {token, phase, 1}, session.label(token), &recall).sentence;
}

TEST_CASE("decay says which rows fade and by how much") {
    CHECK(said("overwrite", 2, Phase::decay) == "Token A=7 forgets nothing: every alpha is 1.");
    CHECK(said("decay", 0, Phase::decay) ==
          "Token A=3 first lets time pass and fades 2 of 2 rows, row 0 most: alpha = 0.5. The memory is still empty.");
    CHECK(said("decay", 1, Phase::decay) ==
          "Token B=5 first lets time pass and fades 2 of 2 rows, row 0 most: alpha = 0.5. |S| falls from 2.83 to "
          "1.41.");
    CHECK(said("decay", 1, Phase::decay, Mixer::gated_deltanet) ==
          "Token B=5 first lets time pass and fades 2 of 2 rows, all alike: alpha = 0.704. |S| falls from 2.83 to "
          "1.99.");
}

TEST_CASE("erase-read says which channels the erase gate consults and what is found") {
    CHECK(said("overwrite", 0, Phase::erase_read) ==
          "Token A=3 asks what is stored already: b is 1 on all channels, so e = b * k consults 1 of 4 rows. The "
          "memory is empty: r = 0.");
    CHECK(said("overwrite", 1, Phase::erase_read) ==
          "Token B=5 asks what is stored already: b is 1 on all channels, so e = b * k consults 1 of 4 rows. It finds "
          "nothing there: r = 0.");
    CHECK(said("overwrite", 2, Phase::erase_read) ==
          "Token A=7 asks what is stored already: b is 1 on all channels, so e = b * k consults 1 of 4 rows. It "
          "finds r, the value 3: |r| = 2.83.");
    CHECK(said("shared_context_keys", 4, Phase::erase_read) ==
          "Token A=4 asks what is stored already: b is 2 on 4 of 8 channels and 0 on the others, so e = b * k "
          "consults 4 of 8 rows. It finds r, the value 0: |r| = 2.83.");
    CHECK(said("shared_context_keys", 1, Phase::erase_read, Mixer::deltanet).find(
              "It finds r, 0.5 of the value 0: |r| = 1.41.") != std::string::npos);
    CHECK(said("erase_and_write_alone", 3, Phase::erase_read) ==
          "Token B+=2 consults nothing: its erase gate b is 0 on all channels, so r = 0.");
}

TEST_CASE("the residual says which gate made it what it is") {
    CHECK(said("erase_and_write_alone", 2, Phase::residual) ==
          "Token del A wants nothing: its write gate w is 0 on all channels. So z is zero, and what is written is -r: "
          "pure erasing, |u| = 2.83.");
    CHECK(said("erase_and_write_alone", 3, Phase::residual) ==
          "Token B+=2 wants z = w * v, the value 2: w is 1 on all channels, |z| = 2.83. It found nothing to take away, "
          "so u = z: pure writing.");
    CHECK(said("overwrite", 2, Phase::residual) ==
          "Token A=7 wants z = w * v, the value 7: w is 1 on all channels, |z| = 2.83. It found r, the value 3, and "
          "writes the difference u = z - r: |u| = 4.");
    CHECK(said("overwrite", 3, Phase::residual) ==
          "Token ?A wants nothing (its write gate w is 0 on all channels) and found nothing: u = 0.");
}

TEST_CASE("the write says what becomes of the state and of what lay along the key") {
    CHECK(said("overwrite", 2, Phase::write) ==
          "Token A=7 adds u to each row of S, times k of that row: |S| goes from 4 to 4. What lay along k before is "
          "gone (1 - e^T k = 0).");
    CHECK(said("erase_and_write_alone", 3, Phase::write) ==
          "Token B+=2 adds u to each row of S, times k of that row: |S| goes from 2.83 to 4. What lay along k before "
          "stays whole (1 - e^T k = 1).");
    CHECK(said("overwrite", 0, Phase::write) ==
          "Token A=3 adds u to each row of S, times k of that row: |S| goes from 0 to 2.83.");
    CHECK(said("overwrite", 3, Phase::write) == "Token ?A has nothing to write: u is zero, S stays as it is.");
    CHECK(said("erase_and_write_alone", 2, Phase::write, Mixer::kda).find("keeps a part (1 - e^T k = 0.5)") !=
          std::string::npos);
}

TEST_CASE("the read-out says what the query finds") {
    CHECK(said("overwrite", 3, Phase::read_out) == "Token ?A reads along q and finds o, the value 7: |o| = 2.83.");
    CHECK(said("overwrite", 3, Phase::read_out, Mixer::linear_attention) ==
          "Token ?A reads along q and finds o, the value 3+7: |o| = 4.");
    CHECK(said("erase_and_write_alone", 4, Phase::read_out) ==
          "Token ?A reads along q and finds nothing: o = 0.");
    CHECK(said("erase_and_write_alone", 4, Phase::read_out, Mixer::kda) ==
          "Token ?A reads along q and finds o, nearest to the value 3|6 (cosine 0.707): |o| = 2.");
    CHECK(said("decay", 7, Phase::read_out) ==
          "Token wait reads along q and finds o, too weak for a value: |o| = 0.0221.");
}

/// A head whose second token is changed.
Track changed(const std::function<void(Head&)>& change) {
    Head head =
        head_of(draw_problem({{1, 2, 1, 1, 3, 2, 1}, Decay::zero, 1, false, true, true, {}, 3}), 0, 0);
    change(head);
    return Track(head);
}

TEST_CASE("odd tokens are told as they are, with no names where there is no recall") {
    const auto at = [](const Track& track, Phase phase) { return narrate(track, {1, phase, 1}, "x").sentence; };
    const Track plain = changed([](Head&) {});
    CHECK(at(plain, Phase::erase_read).find("b lies between ") != std::string::npos);
    CHECK(at(plain, Phase::read_out).find("finds o: |o| = ") != std::string::npos);
    const Track no_value = changed([](Head& head) { head.v.row(1).setZero(); });
    CHECK(at(no_value, Phase::residual).find("wants nothing: its value v is zero where w is open.") !=
          std::string::npos);
    const Track no_query = changed([](Head& head) { head.q.row(1).setZero(); });
    CHECK(at(no_query, Phase::read_out) == "Token x asks nothing: q is zero, so o = 0.");
    const Track no_key = changed([](Head& head) { head.k.row(1).setZero(); });
    CHECK(at(no_key, Phase::erase_read).find("consults 0 of 3 rows. It finds nothing there: r = 0.") !=
          std::string::npos);
    const Track strong = changed([](Head& head) {
        head.k.row(1) << 1, 0, 0;
        head.b.row(1).setConstant(1.5);
    });
    CHECK(at(strong, Phase::write).find("turns its sign (1 - e^T k = -0.5)") != std::string::npos);
    const Track content = changed([](Head& head) {  // wants what is there already
        head.k.row(1) << 1, 0, 0;
        head.b.row(1).setOnes();
        head.w.row(1).setOnes();
        head.v.row(1) = Track(head).S(0).row(0);
    });
    CHECK(at(content, Phase::residual).find("That is just what it found: u = 0") != std::string::npos);
}

TEST_CASE("numbers that are none are said as they are") {
    const AllowFpExceptions allow;
    const Track track = changed([](Head& head) { head.v(1, 0) = std::numeric_limits<double>::quiet_NaN(); });
    CHECK(narrate(track, {1, Phase::residual, 1}, "x").sentence.find("|u| = nan") != std::string::npos);
    const Recall recall{{"A"}, Matrix<double>::Ones(1, 3), {"1"}, Matrix<double>::Ones(1, 2), {{0}, {0}}};
    CHECK(narrate(track, {1, Phase::read_out, 1}, "x", &recall).sentence ==
          "Token x reads along q and finds o: |o| = nan.");
}

TEST_CASE("each phase has its equation") {
    const Track track = changed([](Head&) {});
    const char* equations[] = {"S' = Diag(alpha) S", "e = b * k,  r = S'^T e", "z = w * v,  u = z - r",
                               "S = S' + k u^T", "o = scale S^T q"};
    for (int phase = 1; phase <= phase_count; ++phase)
        CHECK(narrate(track, {1, static_cast<Phase>(phase), 1}, "x").equation == equations[phase - 1]);
}

}  // namespace
}  // namespace gdn2::test
