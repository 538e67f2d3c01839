// Named fixed problems, shared by tests, lessons, benchmarks and the viewer: what you watch is what is
// tested.
//   tests  tests/reference/scenarios/scenario_test.cpp
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reference/delta_rule/problem.h"
#include "reference/scenarios/recall.h"

namespace gdn2 {

/// A problem with a story. Always the same numbers, on every machine.
struct Scenario {
    std::string name;   ///< "overwrite": how programs ask for it
    std::string title;  ///< a headline
    std::string shows;  ///< what to notice, in one or two sentences
    Problem<double> problem;
    std::vector<std::string> labels;  ///< one for each token
    std::optional<Recall> recall;     ///< for problems that store and look up: what every key should answer
};

/// All of them: first the six lessons in order, then the hard cases.
const std::vector<Scenario>& scenarios();

/// Throws Error, listing the names there are, when there is no such scenario.
const Scenario& scenario(const std::string& name);

/// Whether there is one of that name.
bool is_scenario(const std::string& name);

}  // namespace gdn2
