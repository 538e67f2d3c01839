// The error overlay: what a file says of the state and its vectors at the cursor, or why there is nothing to see.
#include "visualizer/model/error_shown.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/visualizer/model/everything.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;
using trace::Field;

/// Of packed(): the last sequence has tokens 20 to 89 of the batch, 4 heads, S is 5 x 7.
constexpr Index sequence = 2, first = 20, heads = 4, key_dim = 5, value_dim = 7;

Index place(Index token, Index head, Index row, Index col) {
    return (((first + token) * heads + head) * key_dim + row) * value_dim + col;
}
Index place(Index token, Index head, Index col) { return ((first + token) * heads + head) * value_dim + col; }

/// Head 3 of the last sequence after a token.
Session session_of(const Everything& file, Index token) {
    Session session;
    session.open(document_of(file));
    session.ui.sequence = sequence;
    session.ui.head = 3;
    session.ui.cursor = {token, Phase::write, 1};
    session.ui.show_error = true;
    return session;
}

TEST_CASE("the overlay shows one wrong cell of a trace's state, where and when it is wrong") {
    Everything file;
    file.fields.at(Field::S)[place(30, 3, 2, 5)] += 0.5;
    Session session = session_of(file, 30);
    session.ui.difference_unit = DifferenceUnit::absolute;
    const auto error = error_shown(session);
    REQUIRE(error);
    CHECK(error->wrong);
    CHECK(error->headline.find("off by at most 0.5, absolute") != std::string::npos);
    REQUIRE(error->cells.rows() == key_dim);
    CHECK(error->cells(2, 5) == doctest::Approx(0.5));
    CHECK(error->cells.sum() == doctest::Approx(0.5));
    CHECK(error->allowed < 1e-6);
    CHECK(error_line(session, {"S", {30, 2, 5}}).find("ours.npz has ") == 0);
    CHECK(error_line(session, {"S", {30, 2, 5}}).find("off by 0.5 (relative ") != std::string::npos);
    session.ui.cursor.token = 29;
    CHECK_FALSE(error_shown(session)->wrong);
    CHECK(error_shown(session)->cells.maxCoeff() < 1e-9);
    CHECK(error_line(session, {"S", {30, 2, 5}}).empty());  // of another token than the cursor's
    session.ui.cursor.token = 30;
    session.ui.head = 2;
    CHECK_FALSE(error_shown(session)->wrong);
}

TEST_CASE("the overlay shows vectors that the file holds, and no others") {
    Everything file;
    file.fields.at(Field::u)[place(30, 3, 4)] += 0.25;
    const Session session = session_of(file, 30);
    for (const char* symbol : {"alpha", "e", "z", "r", "u", "o"}) {
        INFO(symbol);
        const DifferenceMap* map = strip_error(session, symbol);
        REQUIRE(map);
        CHECK(map->absolute.row(30).maxCoeff() == doctest::Approx(symbol == std::string("u") ? 0.25 : 0).epsilon(1e-9));
    }
    CHECK(strip_error(session, "u")->absolute(30, 4) == doctest::Approx(0.25));
    CHECK(error_line(session, {"u", {30, 4}}).find("off by 0.25 ") != std::string::npos);
    for (const char* symbol : {"b", "k", "q", "v", "w", "S"}) CHECK_FALSE(strip_error(session, symbol));
}

TEST_CASE("without states of its own a file's chunks have them at their ends, and results at the end") {
    Everything file;
    file.fields.erase(Field::S);
    file.claim.tensors.at("final_state").values[((sequence * heads + 3) * key_dim + 1) * value_dim + 6] += 2;
    for (const Index token : {0, 14, 16, 68}) {
        const auto error = error_shown(session_of(file, token));
        CHECK(error->cells.size() == 0);
        CHECK(error->headline.find("at the ends of chunks only") != std::string::npos);
    }
    for (const Index token : {15, 31, 63}) {
        const auto error = error_shown(session_of(file, token));
        CHECK(error->cells.size() == key_dim * value_dim);
        CHECK_FALSE(error->wrong);
    }
    Session last = session_of(file, 69);
    last.ui.difference_unit = DifferenceUnit::absolute;
    CHECK(error_shown(last)->wrong);
    CHECK(error_shown(last)->cells(1, 6) == doctest::Approx(2));
    file.fields.clear();
    CHECK(error_shown(session_of(file, 15))->headline.find("after the last token only") != std::string::npos);
    file.claim.tensors.erase("final_state");
    CHECK(error_shown(session_of(file, 69))->headline.find("does not hold it") != std::string::npos);
    CHECK(strip_error(session_of(file, 69), "o"));
}

TEST_CASE("a state of a chunk's end is the one after its last token") {
    Everything file;
    file.fields.erase(Field::S);
    const Index chunk_of_the_batch = 2 + 2;  // the first sequence of 20 tokens has two chunks of 16, the second none
    file.fields.at(Field::S_0)[((chunk_of_the_batch * heads + 3) * key_dim + 4) * value_dim] += 1;
    CHECK_FALSE(error_shown(session_of(file, 15))->wrong);
    CHECK(error_shown(session_of(file, 31))->wrong);
    CHECK_FALSE(error_shown(session_of(file, 47))->wrong);
}

TEST_CASE("a number that is not finite is wrong, and said") {
    const AllowFpExceptions a_file_holds_nan;
    Everything file;
    file.fields.at(Field::S)[place(30, 3, 0, 1)] = std::numeric_limits<double>::quiet_NaN();
    const Session session = session_of(file, 30);
    CHECK(error_shown(session)->wrong);
    CHECK(error_shown(session)->headline.find("not finite") != std::string::npos);
    CHECK(error_line(session, {"S", {30, 0, 1}}) == "ours.npz has nan");
}

TEST_CASE("the overlay says why there is nothing to see, and is nothing while it is off") {
    const Everything file;
    Session session = session_of(file, 30);
    session.ui.mixer = Mixer::kda;
    CHECK(error_shown(session)->headline.find("GDN-2 only") != std::string::npos);
    CHECK_FALSE(strip_error(session, "o"));
    session.ui.mixer = Mixer::gdn2;
    session.edits().make({Gate::b, 3, 0, 0.5});
    CHECK(error_shown(session)->headline.find("without edits") != std::string::npos);
    CHECK(error_line(session, {"S", {30, 0, 1}}).empty());
    session.edits().reset();
    CHECK(strip_error(session, "o"));
    session.ui.show_error = false;
    CHECK_FALSE(error_shown(session));
    CHECK_FALSE(strip_error(session, "o"));
    session.ui.show_error = true;
    session.ui.sequence = 1;  // it has no tokens
    session.clamp();
    CHECK_FALSE(error_shown(session));
    session.open("overwrite");
    CHECK(error_shown(session)->headline.find("no file") != std::string::npos);
}

}  // namespace
}  // namespace gdn2::test
