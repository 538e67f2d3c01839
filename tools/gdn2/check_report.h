// What `gdn2 check` found, and how it is said: as a table with the failures below it, or as JSON.
//   tests  tests/tools/gdn2/check_test.cpp
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "reference/delta_rule/judge.h"

namespace gdn2::tools {

/// The whole check.
struct CheckReport {
    std::string problem, claim;  ///< file names
    Judgement found;
};

/// On stdout. Notes are not in it: they are messages.
void print_text(const CheckReport& report);

nlohmann::json to_json(const CheckReport& report);

}  // namespace gdn2::tools
