// Where every element of every tensor lies: laid out for a comparison, sliced for a picture, and found again.
#include "visualizer/model/tensor_place.h"

#include <doctest/doctest.h>

#include <numeric>

#include "reference/delta_rule/judge.h"
#include "reference/trace/recorder.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/track.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

/// Three packed sequences, one empty, with short last chunks.
Problem<double> packed() {
    return draw_problem({{1, 25, 2, 4, 3, 5, 3}, Decay::slow, 2, false, true, true, {0, 14, 14, 25}, 9});
}
Problem<double> batch() { return draw_problem({{2, 13, 1, 2, 3, 5, 2}, Decay::slow, 2, false, true, true, {}, 9}); }

/// A tensor in which every number is different.
Tensor<double> counted(const Shape& shape) {
    Tensor<double> tensor(shape);
    std::iota(tensor.values().begin(), tensor.values().end(), 1.0);
    return tensor;
}

/// Finds every element of the laid-out tensor in the slice its place names, but for `padding` of
/// them.
void expect_places(const TensorPlace& place, const Shape& shape, Index padding) {
    const Tensor<double> tensor = counted(shape), laid = place.laid_out(tensor);
    REQUIRE(laid.rank() == 4);
    CHECK_NOTHROW(check::localise(std::vector<bool>(static_cast<std::size_t>(laid.size()), true), laid.shape(),
                                  place.layout()));
    for (Index i = 0; i < laid.size(); ++i) {
        const ElementPlace at = place.place_of(unravel(i, laid.shape()));
        const Matrix<double> slice = place.slice(tensor, at.sequence, at.head, std::max<Index>(at.token, 0));
        REQUIRE(at.row < slice.rows());
        REQUIRE(at.col < slice.cols());
        if (slice(at.row, at.col) != laid[i]) --padding;
    }
    CHECK(padding == 0);
}

/// Numbers of a field that lie beyond the rows of a short chunk, or beyond its columns.
Index padding_of(const trace::FieldInfo& line, const Problem<double>& problem, Index chunk, const Shape& shape) {
    if (line.kind != trace::Kind::chunk || line.axes == trace::Axes::key_value) return 0;
    const std::vector<Index> lengths =
        problem.cu_seqlens ? std::vector<Index>{14, 11} : std::vector<Index>{13, 13};
    Index inside = 0;
    for (const Index length : lengths)
        for (Index first = 0; first < length; first += chunk) {
            const Index rows = std::min(chunk, length - first);
            inside += rows * (line.axes == trace::Axes::row_row ? rows : shape[3]);
        }
    return element_count(shape) - inside * shape[1];
}

TEST_CASE("every element of every result and field is where its place says") {
    for (const Problem<double>& problem : {packed(), batch()}) {
        const Sizes sizes = validate_shapes(problem);
        for (const std::string& name : result_names()) {
            INFO(name);
            expect_places(TensorPlace(problem, name), result_shape(name, sizes), 0);
        }
        for (const Index chunk : {4, 64}) {
            const trace::Recorder recorder({}, recorder_sizes(problem, chunk));
            for (const trace::FieldInfo& line : trace::fields()) {
                INFO(line.id << " chunk " << chunk);
                const Shape shape = recorder.shape_of(line.field);
                expect_places(TensorPlace(problem, line.field, chunk), shape,
                              padding_of(line, problem, chunk, shape));
            }
            INFO("last rows, chunk " << chunk);
            const TensorPlace last(problem, Field::gamma, chunk, true);
            expect_places(last, recorder.shape_of(Field::gamma), 0);
            CHECK(std::string(last.row_axis()) == "chunk");
        }
    }
}

TEST_CASE("a slice is the head's own rows, states and chunks") {
    const Problem<double> problem = packed();
    const std::vector<Field> wanted{Field::S, Field::u, Field::T, Field::S_0, Field::gamma};
    trace::Recorder recorder(wanted, recorder_sizes(problem, 4));
    (void)forward(problem, {.path = Path::recurrent, .recorder = &recorder});
    (void)forward(problem, {.path = Path::chunk, .chunk = 4, .recorder = &recorder});
    const Track track(head_of(problem, 2, 3));
    const auto slice = [&](Field field, Index token, bool last = false) {
        return TensorPlace(problem, field, 4, last).slice(recorder.tensor(field), 2, 3, token);
    };
    CHECK(slice(Field::u, 0) == track.u());
    CHECK(slice(Field::S, 6) == track.S(6));
    CHECK(slice(Field::T, 9).rows() == 3);
    CHECK(slice(Field::T, 9).cols() == 3);
    CHECK((slice(Field::S_0, 6) - track.S(3)).norm() <= 1e-13);
    const Matrix<double> last = slice(Field::gamma, 0, true);
    REQUIRE(last.rows() == 3);
    for (const Index token : {3, 7, 10}) CHECK(last.row(token / 4) == slice(Field::gamma, token).bottomRows(1));
}

TEST_CASE("axes have names, and what is not there is an Error") {
    const Problem<double> problem = packed();
    CHECK(std::string(TensorPlace(problem, "dk").row_axis()) == "token");
    CHECK(std::string(TensorPlace(problem, "final_state").col_axis()) == "value channel");
    CHECK(std::string(TensorPlace(problem, Field::A, 4).col_axis()) == "row of chunk");
    CHECK(std::string(TensorPlace(problem, Field::E, 4).col_axis()) == "channel");
    const Tensor<double> o = counted({1, 25, 4, 5}), S = counted({1, 25, 4, 3, 5});
    const TensorPlace rows(problem, "o"), states(problem, Field::S, 4);
    CHECK_THROWS_WITH_AS(rows.slice(o, 3, 0, 0), doctest::Contains("sequence 3"), Error);
    CHECK_THROWS_WITH_AS(rows.slice(o, 0, 4, 0), doctest::Contains("value head 4"), Error);
    CHECK_THROWS_WITH_AS(states.slice(S, 2, 0, 11), doctest::Contains("no token 11"), Error);
    CHECK(rows.slice(o, 1, 0, 0).rows() == 0);
}

}  // namespace
}  // namespace gdn2::test
