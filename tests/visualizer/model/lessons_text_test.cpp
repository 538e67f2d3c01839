// Every number that a lesson says is the reference's, and so is every other claim.
#include <doctest/doctest.h>

#include <cmath>

#include "reference/scenarios/lessons.h"
#include "reference/scenarios/rivals.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/lesson_reader.h"
#include "visualizer/model/chunk_view.h"
#include "visualizer/model/half_life.h"
#include "visualizer/model/shown.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr double full = 2.8284271247461903;  // the length of a value: 8 signs

TEST_CASE("lesson 1 says what is so") {
    Reader it(0);
    it.at(0);
    it.says({it.digit(0), it.digit(1)});
    CHECK(it.frame().S_before.isZero(0));
    it.at(1);
    it.says({it.digit(0), it.frame().k[0], it.frame().k.tail(3).cwiseAbs().maxCoeff(), it.digit(0)});
    CHECK(it.frame().v == it.value(3));
    it.at(2);
    it.says({it.digit(0)});
    CHECK(it.frame().u == it.frame().v);
    CHECK(it.frame().S.row(0).transpose() == it.value(3));
    CHECK(it.frame().S.bottomRows(3).isZero(0));
    it.at(3);
    it.says({it.digit(1)});
    CHECK(it.frame().k.dot(it.session.track().frame(0).k) == 0);
    CHECK(it.frame().S.row(0) == it.frame().S_before.row(0));
    it.at(4);
    it.says({it.frame().q[0], std::stod(it.cell("A").answer), it.cell("A").content.cosine, it.cell("A").content.norm});
    CHECK(it.frame().o == it.value(3));
    it.ask();
    it.says({it.session.track().frame(3).q[1]});
    it.show("5");
    it.says({std::stod(it.cell("B").answer), it.frame().q[0]});
    CHECK(it.frame().o == it.value(5));
}

TEST_CASE("lesson 2 says what is so") {
    Reader it(1);
    it.at(0);
    it.says({it.digit(0), it.digit(1), it.digit(2)});
    CHECK(it.session.ui.mixer == Mixer::linear_attention);
    it.at(1);
    it.says({it.digit(2), it.digit(0), 3.0, 7.0});
    CHECK(it.cell("A").answer == "3+7");
    CHECK_FALSE(it.cell("A").right);
    CHECK(it.frame().S.row(0).transpose() == it.value(3) + it.value(7));
    it.at(2);
    it.says({it.frame().b.minCoeff(), it.digit(0), about(it.frame().r.norm())});
    CHECK(it.frame().r == it.value(3));
    it.at(3);
    it.says({it.frame().w.minCoeff(), it.digit(2), it.digit(2), it.digit(0)});
    CHECK(it.frame().u == it.value(7) - it.value(3));
    it.at(4);
    it.says({it.digit(0), it.digit(2), std::stod(it.cell("A").answer)});
    CHECK(it.frame().S.row(1) == it.frame().S_before.row(1));
    it.ask();
    it.says({0.0, it.digit(2), it.frame().w.minCoeff()});
    it.show("3+7");
    it.says({3.0, 7.0, it.session.track().frame(2).b.maxCoeff(), it.session.track().frame(2).r.norm()});
    CHECK(it.cell("A").answer == "3+7");
    CHECK(it.session.track().u().row(2) == it.session.track().z().row(2));
    CHECK(it.session.track().S(4) == it.session.track(Mixer::linear_attention).S(4));
}

/// The least strength of A's answer after del A, over all tied gates of that token in [0, 2].
double weakest_tied_answer() {
    const Scenario& lesson = scenario("erase_and_write_alone");
    double least = full;
    for (int i = 0; i <= 2000; ++i) {
        Head head = head_of(lesson.problem, 0, 0);
        head.b.row(2).setConstant(i / 1000.0);
        head.w.row(2).setConstant(i / 1000.0);
        least = std::min(least, Track(head).S(2).row(0).norm() / full);
    }
    return least;
}

TEST_CASE("lesson 3 says what is so") {
    Reader it(2);
    it.at(0);
    it.says({it.digit(3)});
    it.at(1);
    it.says({it.frame().b.minCoeff(), it.digit(0), about(it.frame().r.norm())});
    CHECK(it.frame().r == it.value(3));
    it.at(2);
    it.says({6.0, it.frame().w.maxCoeff()});
    CHECK(it.frame().v == it.value(6));
    CHECK(it.frame().u == -it.frame().r);
    it.at(3);
    it.says({std::stod(it.cell("B").answer)});
    CHECK(it.frame().S.row(0).isZero(0));
    CHECK(it.cell("A").answer == "none");
    CHECK(it.cell("A").right);
    it.at(4);
    it.says({it.digit(3), it.frame().b.maxCoeff(), it.frame().w.minCoeff(), it.digit(3)});
    CHECK(it.frame().r.isZero(0));
    CHECK(it.frame().u == it.value(2));
    it.at(5);
    it.says({it.digit(3), it.digit(1), 5.0, 2.0});
    CHECK(it.cell("B").answer == "5+2");
    CHECK(it.cell("B").right);
    it.at(6);
    it.says({it.frame().b[0], it.digit(0), 6.0, it.digit(1), 2.0, about(it.cell("B").content.norm),
             about(recall_table(it.session, {Mixer::gdn2}).rows.at(1).cells[0].content.norm)});
    CHECK(it.cell("B").answer == "5+2");
    CHECK(it.session.track().frame(2).b.isConstant(it.frame().w[0], 0));
    CHECK(Reader::is(it.frame().S.row(0), 0.5 * it.value(3) + 0.5 * it.value(6)));
    CHECK(Reader::is(it.frame().S.row(1), 0.5 * it.value(5) + 0.5 * it.value(2)));
    it.ask();
    it.says({});
    it.show("no");
    it.says({it.session.track(Mixer::kda).frame(2).b[0], it.digit(0), 6.0, 0.0, it.digit(0),
                   about(weakest_tied_answer())});
    for (const Mixer mixer : {Mixer::gdn2, Mixer::kda, Mixer::gated_deltanet})
        CHECK(recall_table(it.session, {mixer}).rows.at(0).cells[0].answer == "6");
    it.session.edits().replace({{Gate::b, 2, Edit::all_channels, 0}, {Gate::w, 2, Edit::all_channels, 0}});
    CHECK(it.cell("A").answer == "3");
}

/// The score of lesson 4 under a trick: never write what will be overwritten, and write the rest by clean channels.
Score score_of_trick(bool at_the_end) {
    const TiedGates gates{{0, 0, 0, 1, 1, 1, 0}, std::vector<double>(7, 1.0), std::vector<double>(7, 0.0)};
    const auto readings = walk(*scenario("shared_context_keys").recall, shared_context_tied(gates));
    return at_the_end ? score({readings.back()}) : score(readings);
}

TEST_CASE("lesson 4 says what is so") {
    Reader it(3);
    const auto key = [&](Index token) { return it.session.track().frame(token).k; };
    it.at(0);
    it.says({static_cast<double>(key(0).size()), 4.0, 4.0});
    CHECK(std::abs(key(0).tail(4).squaredNorm() - 0.5) <= 1e-12);
    for (Index token = 1; token < 4; ++token) {
        CHECK(key(token).tail(4) == key(0).tail(4));
        CHECK(std::abs(key(token).head(4).dot(key(0).head(4))) <= 1e-12);
        CHECK(key(token) != key(0));
    }
    CHECK(it.session.document().recall->queries.rightCols(4).isZero(0));
    it.at(1);
    it.says({it.digit(1), it.digit(0), about(it.frame().r.norm())});
    CHECK(it.frame().b.isConstant(it.frame().w[0], 0));
    CHECK(Reader::is(it.frame().r, 0.5 * it.value(0)));
    it.at(2);
    it.says({std::stod(it.cell("B").answer), about(it.cell("B").content.cosine)});
    it.at(3);
    it.says({largest_b(it.session), it.frame().b.head(4).minCoeff(), it.frame().b.tail(4).maxCoeff(),
             about(it.frame().r.norm())});
    CHECK(it.frame().r.norm() <= 1e-12);
    it.at(4);
    it.says({it.digit(4), it.digit(0), about(it.frame().r.norm()), it.frame().b[0], 1.0});
    CHECK(Reader::is(it.frame().r, it.value(0)));
    CHECK(Reader::is(Track(head_of(shared_context_keys(1, 0).problem, 0, 0)).r().row(4), 0.5 * it.value(0)));
    it.at(5);
    it.says({it.digit(0), it.digit(4), 1.0});
    for (const char* name : {"A", "B", "C", "D"}) {
        CHECK(it.cell(name).content.cosine >= 1 - 1e-12);
        CHECK(it.cell(name).right);
    }
    const RecallAlong own = recall_along(it.session, Mixer::gdn2), kda = recall_along(it.session, Mixer::kda);
    it.at(6);
    it.says({static_cast<double>(own.all_asked), static_cast<double>(own.all_right),
                static_cast<double>(kda.all_right), about(kda.error)});
    CHECK(own.error <= 1e-24);
    CHECK(it.session.gates_of(Mixer::kda).find("search") != std::string::npos);
    for (const Mixer mixer : {Mixer::gated_deltanet, Mixer::deltanet}) {
        CHECK(recall_along(it.session, mixer).all_right <= kda.all_right);
        CHECK(recall_along(it.session, mixer).error > kda.error);
    }
    const Scenario narrow = shared_context_keys(1, 0);
    const Score at_most_1 = score(walk(*narrow.recall, narrow.problem)), trick = score_of_trick(false);
    it.at(7);
    it.says({1.0, static_cast<double>(at_most_1.right), about(at_most_1.error), it.frame().b.maxCoeff(),
                static_cast<double>(trick.right), static_cast<double>(trick.checks)});
    CHECK(score_of_trick(true).right == score_of_trick(true).checks);
    CHECK(score_of_trick(true).error <= 1e-24);
    it.ask();
    it.says({it.digit(4), 1.0, static_cast<double>(key(0).size())});
    it.show("A's own");
    it.says({std::stod(it.cell("A").answer), about(0.755929)});
    CHECK(it.frame().b.isOnes(0));
    CHECK(it.cell("A").content.cosine == doctest::Approx(0.755929).epsilon(1e-6));
    CHECK(Reader::is(it.frame().r, it.value(0) + 0.5 * (it.value(1) + it.value(2) + it.value(3))));
    CHECK(it.frame().k.head(4).dot(it.session.document().recall->queries.row(0).head(4)) > 0);
    for (const char* name : {"B", "C", "D"}) CHECK(it.cell(name).content.cosine >= 1 - 1e-12);
}

TEST_CASE("lesson 5 says what is so") {
    Reader it(4);
    const Vector<double> alpha = it.frame().alpha;
    it.at(0);
    const auto half_life = [](double a) { return std::log(0.5) / std::log(a); };
    it.says({about(alpha[0]), about(alpha[1]), about(half_life(alpha[0])), about(half_life(alpha[1]))});
    CHECK(half_life_place(alpha[0]) == 0);
    it.at(1);
    it.says({it.digit(1)});
    CHECK(Reader::is(it.frame().S_decayed.row(0), 0.5 * it.value(3)));
    it.at(2);
    it.says({about(it.cell("A").content.norm), weakest_answer, about(it.cell("B").content.norm)});
    CHECK(it.cell("A").answer == "none");
    it.at(3);
    it.says({about(it.cell("A").content.norm), about(it.cell("B").content.norm)});
    it.at(4);
    it.says({about(it.frame().alpha[0]), about(it.cell("B").content.norm)});
    CHECK(it.frame().alpha.isConstant(it.frame().alpha[1], 0));
    CHECK(it.cell("A").answer == "none");
    CHECK(it.cell("B").answer == "none");
    it.ask();
    it.says({it.digit(1), weakest_answer});
    const double waits = std::ceil(std::log(weakest_answer) / std::log(alpha[1]));
    it.show("120");
    it.says({waits, about(alpha[1]), waits, about(std::pow(alpha[1], waits)), 0.98, 0.999, about(half_life(0.98)),
             about(half_life(0.999))});
}

TEST_CASE("lesson 6 says what is so") {
    Reader it(5);
    const auto length = static_cast<double>(it.session.length());
    it.at(0);
    it.says({length, length, static_cast<double>(chunk_length)});
    const ChunkViews chunks(it.session.track());
    const ChunkView second = chunks.at(1);
    const Matrix<double>&T = second.field(trace::Field::T), &A = second.field(trace::Field::A);
    for (Index r = 0; r < T.rows(); ++r) CHECK(T.row(r).tail(T.cols() - r).isZero(0));
    it.at(1);
    it.says({});
    const Matrix<double> one = Matrix<double>::Identity(T.rows(), T.cols());
    CHECK((A * (one + T) - one).norm() <= 1e-12);
    it.at(2);
    it.says({});
    it.at(3);
    it.says({});
    CHECK(it.session.ui.cursor.token / chunk_length == 1);
    const double written = 1e-13;
    it.at(4);
    it.says({Fact(written)});
    for (const BothForms* both : {&second.S_0, &second.R, &second.O, &second.S_end}) CHECK(both->largest < written);
    it.at(5);
    it.says({length, static_cast<double>(chunks.count()), static_cast<double>(chunks.at(0).rows),
                static_cast<double>(second.rows), static_cast<double>(chunks.at(2).rows)});
    it.ask();
    it.says({static_cast<double>(second.first)});
    it.show("only zeros");
    it.says({});
    CHECK(it.session.ui.cursor.token == second.first);
    CHECK(T.row(0).isZero(0));
}

TEST_CASE("a text with a number that is not so would be found") {
    CHECK(numbers_in("GDN-2: |r| = 2.83, 1e-13 of S_0, A=3.") == std::vector<std::string>{"2.83", "1e-13", "3"});
    CHECK(says("2.83", about(2.8284)));
    CHECK_FALSE(says("2.82", about(2.8284)));
    CHECK_FALSE(says("3", Fact(2.9)));
    CHECK_FALSE(says("1e-13", Fact(2e-13)));
    const AllowFpExceptions allow;
    CHECK_FALSE(says("2.83", about(std::nan(""))));
}

}  // namespace
}  // namespace gdn2::test
