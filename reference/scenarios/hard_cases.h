// Problems that break what is nearly right: growth, slow forgetting, odd sizes, overlapping keys.
//   tests  tests/reference/scenarios/hard_cases_test.cpp (every claim, in numbers)
#pragma once

#include "reference/scenarios/scenario.h"

namespace gdn2 {

Scenario hard_expansive_pair();
Scenario hard_killer();
Scenario hard_long_decay();
Scenario hard_two_keys_collide();

}  // namespace gdn2
