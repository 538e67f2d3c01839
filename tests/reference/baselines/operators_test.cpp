// Every operator's adjoint against dual numbers and central differences.
#include "reference/baselines/operators.h"

#include <doctest/doctest.h>

#include <set>

namespace gdn2 {
namespace {

TEST_CASE("every baseline passes gradcheck") {
    for (const check::Operator& op : baselines::operators()) {
        INFO("operator " << op.name);
        const check::GradcheckReport report = check::gradcheck(op);
        CHECK(report.inputs.size() == op.inputs.size());
        for (const check::InputReport& input : report.inputs) {
            INFO("input " << input.name << ": dual " << input.dual_error << ", differences "
                          << input.difference_error);
            CHECK(input.passed);
        }
        CHECK(report.passed);
    }
}

TEST_CASE("baselines have names of their own and every recurrent one its chunkwise twin") {
    std::set<std::string> names;
    for (const check::Operator& op : baselines::operators()) names.insert(op.name);
    CHECK(names.size() == baselines::operators().size());
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
