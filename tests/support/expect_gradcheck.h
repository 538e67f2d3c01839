// Every operator of a room against dual numbers and central differences, each under a name of its own.
#pragma once

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "reference/check/gradcheck.h"

namespace gdn2::test {

inline void expect_gradcheck(const std::vector<check::Operator>& operators) {
    for (const check::Operator& op : operators) {
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

/// Their names, after a check that no two share one.
inline std::set<std::string> distinct_names(const std::vector<check::Operator>& operators) {
    std::set<std::string> names;
    for (const check::Operator& op : operators) names.insert(op.name);
    CHECK(names.size() == operators.size());
    return names;
}

}  // namespace gdn2::test
