// The read-out: nearest value, ties, strength, scores.
#include "reference/scenarios/recall.h"

#include <doctest/doctest.h>

#include "reference/scenarios/memory.h"

using namespace gdn2;

namespace {

/// One key on each of two channels; values 0 to 3, rows of 4 numbers.
Recall two_keys(std::vector<std::vector<Index>> expected) {
    const Vocabulary words = plain_vocabulary(2, 4, 4);
    return {words.key_names, words.queries, words.value_names, words.values, std::move(expected)};
}

}  // namespace

TEST_CASE("a stored value is read back with cosine and strength 1") {
    const Recall recall = two_keys({{2, Recall::none}});
    Matrix<double> S = Matrix<double>::Zero(2, 4);
    S.row(0) = recall.values.row(2);
    const std::vector<Reading> readings = read_back(recall, S, 0);
    REQUIRE(readings.size() == 2);
    CHECK(readings[0].right);
    CHECK(readings[0].answer.nearest == std::vector<Index>{2});
    CHECK(readings[0].answer.cosine == doctest::Approx(1));
    CHECK(readings[0].answer.norm == doctest::Approx(1));
    CHECK(readings[0].error == 0);
    CHECK(readings[1].right);
    CHECK(to_string(recall, readings[1].answer) == "none");
}

TEST_CASE("a weak answer is none however well it points") {
    const Recall recall = two_keys({{1, Recall::unseen}});
    Matrix<double> S = Matrix<double>::Zero(2, 4);
    S.row(0) = 0.29 * recall.values.row(1);
    CHECK(!read_back(recall, S, 0).front().right);
    S.row(0) = 0.31 * recall.values.row(1);
    CHECK(read_back(recall, S, 0).front().right);
}

TEST_CASE("two values at the same distance are a tie and a tie is wrong") {
    const Recall recall = two_keys({{1, Recall::unseen}});
    Matrix<double> S = Matrix<double>::Zero(2, 4);
    S.row(0) = recall.values.row(1) + recall.values.row(3);
    const Reading reading = read_back(recall, S, 0).front();
    CHECK(to_string(recall, reading.answer) == "1|3");
    CHECK(!reading.right);
    CHECK(reading.error == doctest::Approx(1));
}

TEST_CASE("keys that have not come up are not asked") {
    const Recall recall = two_keys({{Recall::unseen, 0}});
    const std::vector<Reading> readings = read_back(recall, Matrix<double>::Zero(2, 4), 0);
    REQUIRE(readings.size() == 1);
    CHECK(readings[0].key == 1);
    CHECK(!readings[0].right);
}

TEST_CASE("a score counts every reading and averages its errors") {
    Reading good, bad;
    good.right = true;
    bad.error = 3;
    const Score total = score({{good}, {good, bad}});
    CHECK(total.right == 2);
    CHECK(total.checks == 3);
    CHECK(total.error == doctest::Approx(1));
    CHECK(score({}).error == 0);
}

TEST_CASE("Walsh rows are signs and orthogonal") {
    const Matrix<double> rows = walsh_rows(8, 8);
    CHECK(rows.cwiseAbs() == Matrix<double>::Ones(8, 8));
    CHECK(rows * rows.transpose() == 8 * Matrix<double>::Identity(8, 8));
}
