// Going to a token by its number or by words of its label.
#include "visualizer/model/find_token.h"

#include <doctest/doctest.h>

#include "tests/support/random_problem.h"

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

Session session_of(std::vector<std::string> labels) {
    Document document;
    const auto length = static_cast<Index>(labels.size());
    const Sizes sizes{1, length, 1, 1, 3, 2, 1};
    const Problem<double> problem = draw_problem({sizes, Decay::slow, 1, false, true, true, {}, 2});
    document.layers.push_back({"", problem, validate_shapes(problem), {}, {}});
    document.labels = std::move(labels);
    Session session;
    session.open(std::move(document));
    return session;
}

TEST_CASE("a number is that token, wherever the cursor is") {
    Session session = session_of({"a", "2", "c", "d", "e"});
    for (const Index at : {0, 3}) {
        session.stand(at_token(at, 5));
        CHECK(find_token(session, "2") == 2);
        CHECK(find_token(session, " 4 ") == 4);
        CHECK_FALSE(find_token(session, "5").has_value());
        CHECK_FALSE(find_token(session, "-1").has_value());
        CHECK_FALSE(find_token(session, "99999999999999999999").has_value());
    }
}

TEST_CASE("words lead from one token that has them to the next, around the end") {
    Session session = session_of({"the cat", "sat", "On the", "mat", "THE end"});
    CHECK(find_token(session, "the") == 0);
    session.stand(at_token(0, 5));
    CHECK(find_token(session, "the") == 2);
    session.stand(at_token(2, 5));
    CHECK(find_token(session, "The ") == 4);
    session.stand(at_token(4, 5));
    CHECK(find_token(session, "the") == 0);
    CHECK(find_token(session, "the e") == 4);
    CHECK_FALSE(find_token(session, "dog").has_value());
}

TEST_CASE("a number that is no token may be a label, and nothing asked is nothing found") {
    Session session = session_of({"7=3", "del 12"});
    CHECK(find_token(session, "12") == 1);
    CHECK(find_token(session, "7=3") == 0);
    CHECK_FALSE(find_token(session, "").has_value());
    CHECK_FALSE(find_token(session, "   ").has_value());
}

}  // namespace
}  // namespace gdn2::test
