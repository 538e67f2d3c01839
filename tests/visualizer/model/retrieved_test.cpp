// The writes that an output looks like: the ones it was made of, in their order.
#include "visualizer/model/retrieved.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tests/support/allow_fp_exceptions.h"
#include "tests/support/random_problem.h"
#include "visualizer/model/session.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

/// Four tokens with keys of their own that write the rows of v; nothing decays or is erased. q of the last is the key
/// of token 1, with half of token 2's.
Head four_tokens() {
    Head head;
    head.k = Matrix<double>::Identity(4, 4);
    head.g = head.b = head.q = Matrix<double>::Zero(4, 4);
    head.q.row(3) << 0, 1, 0.5, 0;
    head.v = Matrix<double>(4, 3);
    head.v << 5, 0, 0, 0, 4, 0, 0, 0, 2, 1, 0, 1;
    head.w = Matrix<double>::Ones(4, 3);
    head.scale = 0.25;
    head.initial_state = Matrix<double>::Zero(4, 3);
    return head;
}

TEST_CASE("an output made of two writes looks like both, by what each has part in it") {
    const Track track(four_tokens());  // S^T q = (0, 4, 1)
    const std::vector<Retrieved> found = retrieved(track, 3, 9);
    REQUIRE(found.size() == 4);
    CHECK(found[0].token == 1);
    CHECK(found[0].cosine == doctest::Approx(4 / std::sqrt(17.0)));
    CHECK(found[0].share == doctest::Approx(1));
    CHECK(found[1].token == 2);
    CHECK(found[1].cosine == doctest::Approx(1 / std::sqrt(17.0)));
    CHECK(found[1].share == doctest::Approx(0.5));
    CHECK(found[2].token == 3);
    CHECK(found[2].cosine == doctest::Approx(1 / std::sqrt(34.0)));
    CHECK(found[2].share == doctest::Approx(0.5));
    CHECK(found[3].cosine == doctest::Approx(0));
    CHECK(retrieved(track, 3, 2).size() == 2);
}

TEST_CASE("of equal writes the latest comes first, and later tokens have no part") {
    Head head = four_tokens();
    head.v.row(2) = head.v.row(1);
    head.q.row(2) = head.q.row(3);
    const std::vector<Retrieved> found = retrieved(Track(head), 2, 2);
    REQUIRE(found.size() == 2);
    CHECK(found[0].token == 2);
    CHECK(found[1].token == 1);
    CHECK(found[0].cosine == doctest::Approx(1));
}

TEST_CASE("what looks most like an output may be the opposite of a write") {
    Head head = four_tokens();
    head.q.row(3) << 0, -1, 0.25, 0;
    const std::vector<Retrieved> found = retrieved(Track(head), 3, 2);
    CHECK(found[0].token == 1);
    CHECK(found[0].cosine < -0.9);
    CHECK(found[0].share == doctest::Approx(-1));
}

TEST_CASE("what writes nothing is left out, and an output of zeros looks like nothing") {
    Head head = four_tokens();
    head.w.row(3).setZero();
    head.v.row(0).setZero();
    CHECK(retrieved(Track(head), 3, 9).size() == 2);
    CHECK(retrieved(Track(head), 0, 9).empty());
    head.scale = 0;
    CHECK(retrieved(Track(head), 3, 9).empty());
}

TEST_CASE("numbers that are none, and huge ones, leave the others in order") {
    const AllowFpExceptions not_a_number_is_in_v;
    Head head = four_tokens();
    head.v.row(1) *= 1e200;
    CHECK(retrieved(Track(head), 3, 1).front().share == doctest::Approx(1));
    head = four_tokens();
    head.v(1, 0) = std::nan("");
    CHECK(retrieved(Track(head), 3, 9).empty());
    head = four_tokens();
    head.k.row(0).setZero();  // so that S stays finite
    head.v.row(0).setConstant(1.7e308);
    CHECK(retrieved(Track(head), 3, 9).size() == 3);
}

TEST_CASE("a session shows those of the last token that has written, and follows the cursor") {
    Document document;
    const Problem<double> problem = problem_of(four_tokens());
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    document.labels = {"a", "b", "c", "d"};
    Session session;
    session.open(std::move(document));
    CHECK(session.retrieved().empty());
    session.stand(at_token(3, 4));
    REQUIRE(session.retrieved().size() == 4);
    CHECK(session.retrieved().front().token == 1);
    session.stand({3, Phase::residual, 1});
    CHECK(session.retrieved().empty());
    session.stand(at_token(3, 4));
    session.edits().make({Gate::w, 3, Edit::all_channels, 0});
    CHECK(session.retrieved().size() == 3);
}

}  // namespace
}  // namespace gdn2::test
