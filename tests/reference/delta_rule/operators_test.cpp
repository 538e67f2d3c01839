// Every operator's adjoint against dual numbers and central differences.
#include "reference/delta_rule/operators.h"

#include <doctest/doctest.h>

#include <set>

namespace gdn2 {
namespace {

TEST_CASE("every operator of the room passes gradcheck") {
    for (const check::Operator& op : operators()) {
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

TEST_CASE("operators have names of their own") {
    std::set<std::string> names;
    for (const check::Operator& op : operators()) names.insert(op.name);
    CHECK(names.size() == operators().size());
    CHECK(names.count("chunk") == 1);
}

}  // namespace
}  // namespace gdn2
