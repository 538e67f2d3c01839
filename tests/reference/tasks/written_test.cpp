// The past of a slot: what it holds, and what would be stale.
#include "reference/tasks/written.h"

#include <doctest/doctest.h>

using namespace gdn2;

TEST_CASE("older values are named once and without the one that holds") {
    Written written(2);
    CHECK(written.empty(1));
    for (const TokenId value : {5, 7, 5, 8, 7}) written.write(1, value);
    CHECK(written.empty(0));
    CHECK_FALSE(written.empty(1));
    CHECK(written.value(1) == 7);
    const Question question = written.question(1, 3, 16);
    CHECK(question.writes == 5);
    CHECK(question.older == std::vector<TokenId>{5, 8});
    CHECK(question.answer == 3);
    CHECK(question.choices == 16);
}
