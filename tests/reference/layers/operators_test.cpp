// Every layer's adjoint against dual numbers and central differences.
#include "reference/layers/operators.h"

#include <doctest/doctest.h>

#include <set>

namespace gdn2 {
namespace {

TEST_CASE("every layer passes gradcheck") {
    for (const check::Operator& op : layer_operators()) {
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

TEST_CASE("layers have names of their own among operators") {
    std::set<std::string> names;
    for (const check::Operator& op : layer_operators()) names.insert(op.name);
    CHECK(names.size() == layer_operators().size());
    CHECK(names.count("short_conv") == 1);
}

}  // namespace
}  // namespace gdn2
