// Every operator's adjoint against dual numbers and central differences.
#include "reference/baselines/operators.h"

#include "tests/support/expect_gradcheck.h"

namespace gdn2 {
namespace {

TEST_CASE("every baseline passes gradcheck") { test::expect_gradcheck(baselines::operators()); }

TEST_CASE("baselines have names of their own and every recurrent one its chunkwise twin") {
    const std::set<std::string> names = test::distinct_names(baselines::operators());
    for (const char* name :
         {"linear_attention", "deltanet", "gated_deltanet", "kda", "mamba2", "mamba3_siso", "mamba3_mimo"}) {
        CHECK(names.count(name) == 1);
        CHECK(names.count(std::string(name) + "_chunk") == 1);
    }
    CHECK(names.count("softmax_attention") == 1);
    CHECK(names.count("window_attention") == 1);
}

}  // namespace
}  // namespace gdn2
