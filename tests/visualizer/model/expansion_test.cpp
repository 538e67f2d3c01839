// The Spectrum tab's sentence: which tokens can make the state grow, and whether it does.
#include "visualizer/model/expansion.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Expansion expansion_of_scenario(const char* name) {
    Session session;
    session.open(name);
    return expansion_of(session.track(), session.spectrum());
}

Head random_head(Index length, double b_top) {
    Head head = head_of(draw_problem({{1, length, 1, 1, 5, 4, 1}, Decay::slow, 2, false, true, true, {}, 6}), 0, 0);
    head.b *= b_top / 2;
    return head;
}

TEST_CASE("the expansive pair grows by a quarter every two tokens, with gates within one and nothing written") {
    const Expansion found = expansion_of_scenario("expansive_pair");
    CHECK(found.tokens == 64);
    CHECK(found.stretching == 64);
    CHECK(found.gates_within_one);
    CHECK_FALSE(found.writes);
    CHECK(found.period == 2);
    CHECK(found.growth_per_period == doctest::Approx(1.25).epsilon(1e-3));
    const std::string words = in_words(found, "66 deg");
    CHECK(words ==
          "Nothing is written and every gate is within [0, 1], yet |S| grows by 1.25 every 2 tokens: a token that "
          "reads along e and takes away along k can stretch the state, here by up to 1.14.");
}

TEST_CASE("what grows while something is written is not said to grow by itself") {
    Expansion found = expansion_of_scenario("expansive_pair");
    found.writes = true;
    CHECK(in_words(found, "66 deg") ==
          "Each of the 64 tokens can stretch the state by erasing, 66 deg most: by up to 1.14, though every gate is "
          "within [0, 1].");
}

TEST_CASE("where every channel has the same gate nothing is stretched") {
    const Expansion found = expansion_of_scenario("overwrite");
    CHECK(found.stretching == 0);
    CHECK(found.largest_norm == doctest::Approx(1));
    CHECK(in_words(found, "A=3") ==
          "No token stretches the state: the norm of I - k e^T is never above 1. What grows was written.");
}

TEST_CASE("the strongest token is the one whose norm by another algorithm is largest") {
    const Track track(random_head(40, 1));
    const Expansion found = expansion_of(track, Spectrum(track));
    Index strongest = 0, stretching = 0;
    double largest = 0;
    for (Index t = 0; t < 40; ++t) {
        const Matrix<double> erase =
            Matrix<double>::Identity(5, 5) - track.head().k.row(t).transpose() * track.e().row(t);
        const double norm = Eigen::JacobiSVD<Matrix<double>>(erase).singularValues()[0];
        stretching += norm > 1 + 1e-6;
        if (norm > largest) strongest = t;
        largest = std::max(largest, norm);
    }
    CHECK(found.strongest == strongest);
    CHECK(found.largest_norm == doctest::Approx(largest));
    CHECK(found.stretching == stretching);
    CHECK(found.writes);
    CHECK(found.period == 0);
    CHECK(found.growth_per_period == 1);
    CHECK(in_words(found, "17").ends_with("though every gate is within [0, 1]."));
}

TEST_CASE("gates above one and below zero are not said to be within one") {
    for (const double gate : {1.5, -0.5}) {
        Head head = random_head(10, 1);
        head.b(3, 2) = gate;
        const Track track(head);
        const Expansion found = expansion_of(track, Spectrum(track));
        CHECK_FALSE(found.gates_within_one);
        CHECK(in_words(found, "3").find("[0, 1]") == std::string::npos);
    }
}

TEST_CASE("a period needs three rounds, and a single other number ends it") {
    Head head = random_head(9, 1);
    for (Matrix<double>* rows : {&head.k, &head.g, &head.b, &head.v, &head.w})
        for (Index t = 3; t < 9; ++t) rows->row(t) = rows->row(t - 3);
    const auto period = [](const Head& of) {
        const Track track(of);
        return expansion_of(track, Spectrum(track)).period;
    };
    CHECK(period(head) == 3);
    Head shorter = head;
    for (Matrix<double>* rows : {&shorter.q, &shorter.k, &shorter.g, &shorter.b, &shorter.v, &shorter.w})
        *rows = Matrix<double>(rows->topRows(8));
    shorter.d_o.reset();
    CHECK(period(shorter) == 0);
    head.w(8, 0) += 0.125;
    CHECK(period(head) == 0);
}

TEST_CASE("a run without tokens, and a run of one, have their sentences") {
    Head none = random_head(3, 1);
    for (Matrix<double>* rows : {&none.q, &none.k, &none.g, &none.b, &none.v, &none.w})
        *rows = Matrix<double>(0, rows->cols());
    none.d_o.reset();
    const Track empty(none);
    CHECK(in_words(expansion_of(empty, Spectrum(empty)), "") == "There is no token.");
    const Track one(random_head(1, 1));
    const std::string words = in_words(expansion_of(one, Spectrum(one)), "x");
    CHECK(words.starts_with("The token can stretch the state by erasing, by"));
}

}  // namespace
}  // namespace gdn2::test
