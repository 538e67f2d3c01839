// The timeline's lanes: nothing that stands out is lost when many tokens share a pixel.
#include "visualizer/model/timeline_lanes.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/half_life.h"
#include "visualizer/model/recall_table.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Matrix<double> random_matrix(Index rows, Index cols, std::uint64_t seed) {
    Random random(seed);
    Matrix<double> values(rows, cols);
    for (Index i = 0; i < values.size(); ++i) values.data()[i] = random.uniform();
    return values;
}

TEST_CASE("a span's extent is the smallest and the largest of its numbers") {
    const Matrix<double> values = random_matrix(101, 7, 3);
    const Lane lane(values, 3);
    REQUIRE(lane.rows() == 3);
    for (Index first = 0; first < 101; first += 4)
        for (Index end = first + 1; end <= 101; end += 7)
            for (Index row = 0; row < 3; ++row) {
                const Index channels = std::min<Index>(3, 7 - 3 * row);
                const auto block = values.block(first, 3 * row, end - first, channels);
                CHECK(lane.extent(row, first, end) == Extent{block.minCoeff(), block.maxCoeff()});
            }
}

TEST_CASE("with a pixel for each number the picture is the numbers") {
    const Matrix<double> values = random_matrix(33, 5, 4);
    const Lane lane(values);
    CHECK(lane.picture({}, 33) == values.transpose());
    CHECK(lane.picture({}, 1000) == values.transpose());
    CHECK(lane.picture({10, 6}, 6) == values.middleRows(10, 6).transpose());
}

TEST_CASE("one odd number among thousands shows at every width, upwards and downwards, and so does where it is") {
    Matrix<double> values = Matrix<double>::Constant(4096, 128, 0.75);
    values.leftCols(64).setConstant(0.1);
    values(1234, 5) = 1;
    values(3210, 100) = 0;
    const Lane lane(values);
    CHECK(lane.rows() <= 24);
    for (const Index columns : {1, 7, 100, 1301, 4096}) {
        const Matrix<double>& picture = lane.picture({}, columns);
        REQUIRE(picture.cols() == columns);
        CHECK(picture.maxCoeff() == 1);
        CHECK(picture.minCoeff() == 0);
        Index row = 0, column = 0;
        picture.maxCoeff(&row, &column);
        CHECK(lane.shown_at({}, columns, row, column) == Lane::Place{1234, 5});
        picture.minCoeff(&row, &column);
        CHECK(lane.shown_at({}, columns, row, column) == Lane::Place{3210, 100});
    }
}

TEST_CASE("columns share the tokens of a range without a gap, and each has one") {
    for (const Index columns : {1, 3, 50, 99, 100}) {
        Index next = 40;
        for (Index column = 0; column < columns; ++column) {
            const Span span = tokens_of_column({40, 100}, columns, column);
            CHECK(span.first == next);
            CHECK(span.end > span.first);
            next = span.end;
        }
        CHECK(next == 140);
    }
}

TEST_CASE("a number that is none shows wherever it is") {
    const AllowFpExceptions allow;  // compilers ask several numbers at once whether they are finite
    Matrix<double> values = random_matrix(300, 40, 5);
    values(77, 31) = nan;
    values(200, 2) = std::numeric_limits<double>::infinity();
    const Lane lane(values);
    const Matrix<double>& picture = lane.picture({}, 10);
    CHECK(picture.array().isNaN().count() == 2);
    const Index row = 31 / 2, column = 77 / 30;
    CHECK(std::isnan(picture(row, column)));
    CHECK(lane.shown_at({}, 10, row, column) == Lane::Place{77, 31});
}

TEST_CASE("a lane of nothing is empty") {
    const Lane lane(Matrix<double>(0, 3));
    CHECK(lane.picture({}, 100).size() == 0);
    CHECK(Lane(Matrix<double>(5, 0)).picture({}, 3).rows() == 0);
}

TEST_CASE("a run's lanes are its gates, its decays as half-lives and what its tokens changed") {
    const Track run(head_of(
        draw_problem({{1, 30, 1, 1, 4, 3, 1}, Decay::wiped, 2, false, true, true, {}, 6}), 0, 0));
    const TimelineLanes lanes(run);
    for (Index t = 0; t < 30; ++t) {
        CHECK(lanes.b.at(t, 2) == run.head().b(t, 2));
        CHECK(lanes.w.at(t, 2) == run.head().w(t, 2));
        CHECK(lanes.half_life.at(t, 1) == half_life_place(run.alpha()(t, 1)));
        CHECK(lanes.change.at(t, 0) == doctest::Approx((run.S(t) - run.S(t - 1)).norm()));
        CHECK(lanes.change.at(t, 0) <= lanes.largest_change);
    }
}

TEST_CASE("tokens that only ask are told from those that write or erase") {
    Session session;
    session.open("erase_and_write_alone");
    const std::vector<bool>& only_reads = session.lanes().only_reads;
    for (Index t = 0; t < session.length(); ++t) {
        INFO(session.label(t));
        CHECK(only_reads[static_cast<std::size_t>(t)] == (session.label(t)[0] == '?'));
    }
}

TEST_CASE("lanes belong to the run in view") {
    Session session;
    session.open("erase_and_write_alone");
    const double before = session.lanes().b.at(2, 0);
    session.edits().make({Gate::b, 2, Edit::all_channels, 0.25});
    CHECK(before == 1);
    CHECK(session.lanes().b.at(2, 0) == 0.25);
    session.ui.mixer = Mixer::linear_attention;
    CHECK(session.lanes().b.at(2, 0) == 0);
}

TEST_CASE("the worst of a span's answers shows") {
    const RecallAlong along{{0, 1, 2, 1, 3, 0}, {0, 1, 2, 3, 4, 0}, 0, 0, 0};
    CHECK(worst_recall(along, {0, 6}).right == 1);
    CHECK(worst_recall(along, {0, 6}).asked == 3);
    CHECK(worst_recall(along, {4, 6}).asked == 4);
    CHECK(worst_recall(along, {0, 1}).asked == 0);
    CHECK(worst_recall(along, {0, 2}).asked == 1);
}

}  // namespace
}  // namespace gdn2::test
