// The Chunk tab: the chunkwise path's own matrices of any chunk, and the recurrent run beside them.
#include "visualizer/model/chunk_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/delta_rule/heads.h"
#include "reference/delta_rule/wy.h"
#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

constexpr std::size_t bytes_of_state = 5 * 7 * sizeof(double);

/// Three chunks, the last one of 22 tokens.
Problem<double> three_chunks() {
    return draw_problem({{1, 150, 1, 1, 5, 7, 1}, Decay::slow, 2, false, true, true, {}, 4});
}

std::vector<Field> chunk_fields() {
    std::vector<Field> wanted;
    for (const trace::FieldInfo& line : trace::fields())
        if (line.kind == trace::Kind::chunk) wanted.push_back(line.field);
    return wanted;
}

TEST_CASE("every field of every chunk is what the chunkwise path records over the whole sequence") {
    const Problem<double> problem = three_chunks();
    trace::Recorder recorder(chunk_fields(), recorder_sizes(problem, chunk_length));
    (void)forward(problem, {.path = Path::chunk, .recorder = &recorder});
    const Track track(head_of(problem, 0, 0));
    for (const std::size_t states : {100, 2, 1}) {
        const ChunkViews chunks(track, states * bytes_of_state);
        REQUIRE(chunks.count() == 3);
        CHECK(chunks.state_bytes() <= states * bytes_of_state);
        for (const Index n : {2, 0, 1}) {
            const ChunkView& view = chunks.at(n);
            for (const Field field : chunk_fields()) {
                INFO(info(field).id << " of chunk " << n << ", room for " << states);
                const Matrix<double>& found = view.field(field);
                const bool by_rows = info(field).axes != trace::Axes::key_value;
                CHECK(found.rows() == (by_rows ? view.rows : 5));
                const Matrix<double> whole = state_of(recorder.tensor(field), n, 0);
                CHECK(found == whole.topLeftCorner(found.rows(), found.cols()));
            }
        }
    }
}

TEST_CASE("row r of a chunk stands beside token first + r, and their differences are roundings") {
    const Track track(head_of(three_chunks(), 0, 0));
    const ChunkViews chunks(track);
    for (Index n = 0; n < 3; ++n) {
        const ChunkView& view = chunks.at(n);
        CHECK(view.first == 64 * n);
        CHECK(view.rows == (n == 2 ? 22 : 64));
        CHECK(view.R.recurrent == track.u().middleRows(view.first, view.rows));
        CHECK(view.O.recurrent == track.o().middleRows(view.first, view.rows));
        CHECK(view.S_0.recurrent == track.S(view.first - 1));
        CHECK(view.S_end.recurrent == track.S(view.first + view.rows - 1));
        for (const BothForms* forms : {&view.S_0, &view.R, &view.O, &view.S_end}) {
            CHECK(forms->difference == Matrix<double>(forms->chunkwise - forms->recurrent));
            CHECK(forms->largest == forms->difference.cwiseAbs().maxCoeff());
            CHECK(forms->largest == std::abs(forms->difference(forms->row, forms->col)));
            CHECK(forms->largest <= 1e-12 * forms->recurrent.norm());
            CHECK(forms->top == forms->chunkwise.cwiseAbs().maxCoeff());
            CHECK(forms->agree());
        }
        CHECK(view.top(Field::Y) == view.field(Field::Y).cwiseAbs().maxCoeff());
        CHECK(view.largest() == std::max({view.S_0.largest, view.R.largest, view.O.largest, view.S_end.largest}));
        CHECK(view.agree());
        CHECK(agreement(view).starts_with("agree to "));
        CHECK(view.R.chunkwise == view.field(Field::R));
    }
    CHECK(chunks.at(1).S_0.chunkwise == Matrix<double>(chunks.at(1).field(Field::S_0)));
    const Matrix<double> end = chunks.at(0).S_end.chunkwise;
    CHECK(end == chunks.at(1).S_0.chunkwise);
}

TEST_CASE("two forms agree when what they differ by is rounding of the terms they are sums of") {
    const Track track(head_of(three_chunks(), 0, 0));
    const ChunkViews chunks(track);
    ChunkView view = chunks.at(1);
    const double terms = view.R.size;
    CHECK(terms >= view.R.recurrent.norm());
    CHECK(view.O.size >= view.O.recurrent.norm());
    CHECK(view.S_end.size >= view.S_end.recurrent.norm());
    CHECK(chunks.at(0).S_0.size == track.head().initial_state.norm());
    view.R.difference.setZero();
    view.R.difference(3, 2) = 0.9e-12 * terms;
    CHECK(view.agree());
    view.R.difference(3, 2) = 1.1e-12 * terms;
    view.R.largest = 0.25;
    CHECK_FALSE(view.agree());
    CHECK(agreement(view) == "differ by 0.2");
    view.R.difference(3, 2) = std::numeric_limits<double>::quiet_NaN();
    view.R.largest = std::numeric_limits<double>::quiet_NaN();
    CHECK_FALSE(view.agree());
    CHECK(std::isnan(view.largest()));
    CHECK(agreement(view) == "are not finite numbers");
}

TEST_CASE("outputs of twice the scale have terms twice as large") {
    Head head = head_of(three_chunks(), 0, 0);
    const Track track(head);
    head.scale *= 2;
    const Track doubled(head);
    CHECK(ChunkViews(doubled).at(1).O.size == doctest::Approx(2 * ChunkViews(track).at(1).O.size));
    CHECK(ChunkViews(doubled).at(1).S_end.size == ChunkViews(track).at(1).S_end.size);
}

TEST_CASE("a chunk disagrees when any of its four pairs does") {
    const Track track(head_of(three_chunks(), 0, 0));
    const ChunkViews chunks(track);
    for (BothForms ChunkView::*pair : {&ChunkView::S_0, &ChunkView::R, &ChunkView::O, &ChunkView::S_end}) {
        ChunkView view = chunks.at(1);
        CHECK(view.agree());
        (view.*pair).difference(1, 2) = 1.1e-12 * (view.*pair).size;
        CHECK_FALSE(view.agree());
    }
}

TEST_CASE("a chunk in which nothing is ever written agrees exactly") {
    Head head = head_of(three_chunks(), 0, 0);
    head.initial_state.setZero();
    head.w.setZero();
    const Track track(head);
    const ChunkViews chunks(track);
    CHECK(chunks.at(1).agree());
    CHECK(agreement(chunks.at(1)) == "agree exactly");
}

TEST_CASE("a number that is not finite is the largest difference, and where it first stands is said") {
    Head head = head_of(three_chunks(), 0, 0);
    const AllowFpExceptions allowed;
    head.v(70, 3) = std::numeric_limits<double>::infinity();
    const Track track(head);
    const ChunkViews chunks(track);
    CHECK(chunks.at(0).R.largest <= 1e-12);
    const BothForms& R = chunks.at(1).R;
    CHECK(std::isnan(R.largest));
    CHECK_FALSE(std::isfinite(R.difference(R.row, R.col)));
    CHECK(std::isfinite(R.top));
    CHECK_FALSE(chunks.at(1).agree());
    CHECK(chunks.at(0).agree());
}

TEST_CASE("a chunk that is not there and a field of another kind are Errors") {
    const Track track(head_of(three_chunks(), 0, 0));
    const ChunkViews chunks(track);
    CHECK_THROWS_WITH_AS(chunks.at(3), doctest::Contains("no chunk 3"), Error);
    CHECK_THROWS_WITH_AS(chunks.at(-1), doctest::Contains("no chunk -1"), Error);
    CHECK_THROWS_WITH_AS(chunks.at(0).field(Field::dS), doctest::Contains("`dS`"), Error);
    Head none = track.head();
    for (Matrix<double>* rows : {&none.q, &none.k, &none.g, &none.b, &none.v, &none.w})
        *rows = Matrix<double>(0, rows->cols());
    const Track empty(none);
    CHECK(ChunkViews(empty).count() == 0);
}

TEST_CASE("a chunk's view stays while one other is asked for") {
    const Track track(head_of(three_chunks(), 0, 0));
    const ChunkViews chunks(track);
    const ChunkView &one = chunks.at(1), &two = chunks.at(2);
    CHECK(one.chunk == 1);
    CHECK(&chunks.at(1) == &one);
    CHECK(chunks.at(0).chunk == 0);
    CHECK(&chunks.at(1) == &one);
    CHECK(&one != &two);
}

TEST_CASE("a session's chunks follow the run in view and its edits") {
    Session session;
    session.open("chunk_equals_recurrent");
    REQUIRE(session.chunk_count() == 3);
    const Matrix<double> before = session.chunk_view(2).O.recurrent;
    CHECK(before == session.track().o().middleRows(128, 32));
    session.edits().make({Gate::w, 3, Edit::all_channels, 0});
    CHECK(session.chunk_view(2).O.recurrent == session.track().o().middleRows(128, 32));
    CHECK_FALSE(session.chunk_view(2).O.recurrent == before);
    session.edits().undo();
    CHECK(session.chunk_view(2).O.recurrent == before);
    session.ui.mixer = Mixer::linear_attention;
    CHECK(session.chunk_view(0).field(Field::T).isZero(0));
    CHECK_THROWS_AS(session.chunk_view(3), Error);
}

}  // namespace
}  // namespace gdn2::test
