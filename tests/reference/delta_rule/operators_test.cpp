// Every operator's adjoint against dual numbers and central differences.
#include "reference/delta_rule/operators.h"

#include "tests/support/expect_gradcheck.h"

namespace gdn2 {
namespace {

TEST_CASE("every operator of the room passes gradcheck") { test::expect_gradcheck(operators()); }

TEST_CASE("operators have names of their own") { CHECK(test::distinct_names(operators()).count("chunk") == 1); }

}  // namespace
}  // namespace gdn2
