// The recorder: shapes, places, what is refused.
#include "reference/trace/recorder.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace gdn2;
using namespace gdn2::trace;

namespace {

/// Packed: 5 tokens as sequences of 3, 0 and 2, in chunks of 2: chunks start at 0, 2 | | 3.
RecorderSizes packed_sizes() { return {1, 5, 2, 3, 4, 2, {0, 3, 3, 5}}; }

}  // namespace

TEST_CASE("a recorder shapes its tensors by kind and axes") {
    const Recorder recorder({Field::e, Field::z, Field::S, Field::T, Field::G, Field::U, Field::S_0},
                            packed_sizes());
    CHECK(recorder.tensor(Field::e).shape() == Shape{1, 5, 2, 3});
    CHECK(recorder.tensor(Field::z).shape() == Shape{1, 5, 2, 4});
    CHECK(recorder.tensor(Field::S).shape() == Shape{1, 5, 2, 3, 4});
    CHECK(recorder.tensor(Field::T).shape() == Shape{3, 2, 2, 2});
    CHECK(recorder.tensor(Field::G).shape() == Shape{3, 2, 2, 3});
    CHECK(recorder.tensor(Field::U).shape() == Shape{3, 2, 2, 4});
    CHECK(recorder.tensor(Field::S_0).shape() == Shape{3, 2, 3, 4});
}

TEST_CASE("chunks of packed sequences are listed in order and skip empty sequences") {
    const Recorder recorder({}, packed_sizes());
    CHECK(recorder.chunk_starts() == std::vector<Index>{0, 2, 3});
    CHECK(recorder.chunk_sequence() == std::vector<Index>{0, 0, 2});
}

TEST_CASE("a chunk longer than the batch takes no more rows than it has") {
    const Recorder recorder({Field::T}, {2, 5, 1, 3, 4, 64, {}});
    CHECK(recorder.tensor(Field::T).shape() == Shape{2, 1, 5, 5});
    CHECK(recorder.chunk_sequence() == std::vector<Index>{0, 1});
}

TEST_CASE("what is recorded lies at its batch row and token and head") {
    Recorder recorder({Field::e}, {2, 3, 2, 2, 1, 64, {}});
    recorder.enter(1, 1);
    record(&recorder, Field::e, 2, Vector<double>{{7.0, 8.0}});
    const Tensor<double>& e = recorder.tensor(Field::e);
    const Index at = ((1 * 3 + 2) * 2 + 1) * 2;
    CHECK(e[at] == 7);
    CHECK(e[at + 1] == 8);
    CHECK(std::isnan(e[at - 1]));
    CHECK(!recorder.complete(Field::e));
}

TEST_CASE("a packed token lies behind the tokens of the sequences before it") {
    Recorder recorder({Field::z}, packed_sizes());
    recorder.enter(2, 0);
    record(&recorder, Field::z, 1, Vector<double>::Constant(4, 9.0));
    CHECK(recorder.tensor(Field::z)[(4 * 2 + 0) * 4] == 9);
}

TEST_CASE("a short chunk is padded with zeros") {
    Recorder recorder({Field::T, Field::U}, packed_sizes());
    recorder.enter(0, 1);
    record(&recorder, Field::T, 1, Matrix<double>::Constant(1, 1, 5.0));
    record(&recorder, Field::U, 1, Matrix<double>::Constant(1, 4, 6.0));
    const Tensor<double>&T = recorder.tensor(Field::T), &U = recorder.tensor(Field::U);
    const Index block = 1 * 2 + 1;  // chunk 1, head 1
    CHECK(T[block * 4] == 5);
    for (Index i = 1; i < 4; ++i) CHECK(T[block * 4 + i] == 0);
    for (Index i = 0; i < 8; ++i) CHECK(U[block * 8 + i] == (i < 4 ? 6 : 0));
}

TEST_CASE("expressions of any scalar and lying or standing vectors are recorded as doubles") {
    Recorder recorder({Field::e, Field::z}, {1, 1, 1, 2, 2, 1, {}});
    recorder.enter(0, 0);
    const Matrix<float> x{{1.0f, 2.0f}, {3.0f, 4.0f}};
    record(&recorder, Field::e, 0, x.transpose() * x.row(0).transpose());
    record(&recorder, Field::z, 0, Matrix<Dual<double>>{{Dual<double>(5, 1), Dual<double>(6, 1)}});
    CHECK(recorder.tensor(Field::e).values() == std::vector<double>{7, 10});
    CHECK(recorder.tensor(Field::z).values() == std::vector<double>{5, 6});
    CHECK(recorder.complete(Field::e));
}

TEST_CASE("recording without a recorder or an unwanted field does nothing") {
    record(nullptr, Field::e, 0, Vector<double>{{1.0}});
    Recorder recorder({Field::e}, {1, 1, 1, 1, 1, 1, {}});
    record(&recorder, Field::z, 99, Vector<double>{{1.0, 2.0, 3.0}});
    CHECK(!recorder.wants(Field::z));
    CHECK_THROWS_WITH_AS((void)recorder.tensor(Field::z), "field `z` was not recorded", Error);
}

TEST_CASE("a recorder refuses what does not fit") {
    Recorder recorder({Field::e, Field::T, Field::S}, packed_sizes());
    recorder.enter(0, 0);
    const auto place = [&](Field field, Index position, Index rows, Index cols) {
        (void)recorder.place(field, position, rows, cols);
    };
    CHECK_THROWS_WITH_AS(place(Field::e, 0, 4, 1), "field `e` takes [3, 1], got [4, 1]", Error);
    CHECK_THROWS_AS(place(Field::S, 0, 2, 4), Error);
    CHECK_THROWS_AS(place(Field::T, 0, 2, 1), Error);
    CHECK_THROWS_AS(place(Field::T, 0, 3, 3), Error);
    CHECK_THROWS_WITH_AS(place(Field::e, 3, 3, 1), "field `e` has no position 3 in sequence 0", Error);
    CHECK_THROWS_AS(place(Field::T, 2, 2, 2), Error);
    CHECK_THROWS_AS(place(Field::e, -1, 3, 1), Error);
    CHECK_THROWS_AS(recorder.enter(3, 0), Error);
    CHECK_THROWS_AS(recorder.enter(0, 2), Error);
}

TEST_CASE("a recorder refuses sizes of nothing and more memory than its limit") {
    CHECK_THROWS_AS(Recorder({}, {1, 0, 1, 1, 1, 1, {}}), Error);
    CHECK_THROWS_AS(Recorder({}, {1, 1, 1, 1, 1, 0, {}}), Error);
    CHECK_THROWS_AS(Recorder({}, {1, 4, 1, 1, 1, 1, {0, 3, 2, 4}}), Error);
    const RecorderSizes large{1, 1 << 20, 64, 128, 128, 64, {}};
    CHECK_THROWS_WITH_AS(
        Recorder({Field::S}, large),
        "the trace needs 8192.00 GiB, more than the limit of 4.00 GiB: ask for fewer fields or a "
        "shorter problem",
        Error);
    CHECK_THROWS_AS(Recorder({Field::e}, {1, 2, 1, 2, 1, 1, {}}, 31), Error);
    CHECK_NOTHROW(Recorder({Field::e}, {1, 2, 1, 2, 1, 1, {}}, 32));
    const Index huge = Index(1) << 40;
    CHECK_THROWS_AS(Recorder({Field::S}, {huge, huge, huge, huge, huge, 64, {0, 1}}), Error);
}
