// Who owns most of a state: the largest shares, and a sentence in which all shares add up to 1.
#include "visualizer/model/owners.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace gdn2::test {
namespace {

using namespace gdn2::viewer;

LedgerWindow window_of(const std::vector<double>& last_row, double older) {
    const Index count = std::ssize(last_row);
    LedgerWindow window{0, Matrix<double>::Zero(count, count), Vector<double>::Zero(count)};
    for (Index i = 0; i < count; ++i) window.share(count - 1, i) = last_row[static_cast<std::size_t>(i)];
    window.older[count - 1] = older;
    return window;
}

TEST_CASE("owners come by the size of their share, whatever its sign") {
    const std::vector<Owner> owners = largest_owners(window_of({0.2, -0.5, 0, 0.9}, 0.4), 3, 3);
    REQUIRE(owners.size() == 3);
    CHECK(owners[0].token == 3);
    CHECK(owners[0].share == 0.9);
    CHECK(owners[1].token == 1);
    CHECK(owners[1].share == -0.5);
    CHECK_FALSE(owners[2].token);
    CHECK(largest_owners(window_of({0.2, -0.5, 0, 0.9}, 0.4), 3, 9).size() == 4);
}

TEST_CASE("the sentence names three and adds up the others") {
    Session session;
    session.open("overwrite");
    const std::string after = "After " + session.label(3) + " S is made of: ";
    CHECK(owners_in_words(session, window_of({0.5, 0.3, 0.125, 0}, 0.075), 3) ==
          after + session.label(0) + " 0.5, " + session.label(1) + " 0.3, " + session.label(2) +
              " 0.12, 1 other 0.075");
    CHECK(owners_in_words(session, window_of({0, 1.25, -0.25, 0}, 0), 3) ==
          after + session.label(1) + " 1.2, " + session.label(2) + " -0.25");
    CHECK(owners_in_words(session, window_of({1, 0.5, -0.375, -0.25}, 0.125), 3).ends_with(", 2 others -0.12"));
    CHECK(owners_in_words(session, window_of({0, 0, 0, 0}, 1), 3) == after + "the initial state 1");
    CHECK(owners_in_words(session, window_of({0, 0, 0, 0}, 0), 3).ends_with("S is 0: nobody owns it"));
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(owners_in_words(session, window_of({nan, nan, nan, nan}, nan), 3).ends_with("nobody can own it"));
    LedgerWindow later = window_of({0, 0}, 1);
    later.first = 2;
    CHECK(owners_in_words(session, later, 3) == after + "what was before " + session.label(2) + " 1");
}

TEST_CASE("in a lesson the value that was written last owns its part of the memory") {
    Session session;
    session.open("a_memory_is_a_matrix");
    const std::string words = owners_in_words(session, session.spectrum().ledger_around(1), 1);
    CHECK(words == "After B=5 S is made of: A=3 0.5, B=5 0.5");
}

}  // namespace
}  // namespace gdn2::test
